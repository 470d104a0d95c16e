#!/usr/bin/env python3
"""Break the functions that mirror the book's formulas, and record which check notices and what it says.

The site's "Break it" boxes show this record, so that every break there was really run. The functions are listed in
tools/breaks.toml, the breaks come from tools/spots.py, and each is run as tools/mutate.py runs its mutants: the broken
cell and those behind it, until one fails. Without names, only functions whose record is missing or out of date are
run; with names, those chapters whole. --check runs and compares instead of writing.
"""
import argparse
import ast
import hashlib
import json
import re
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from itertools import groupby
from traceback import walk_tb
from zlib import crc32

from book import ROOT, Cell, Chapter, read_book
from mutants import Mutant, cell_mutants
from mutate import EQUIVALENT, file_name, read_equivalent, read_families, run_book
from spots import Edit, Function

CHOSEN = ROOT / "tools" / "breaks.toml"
RECORD = ROOT / "tools" / "breaks.json"
WIDE = 160   # characters of a statement that are kept
LINES = 3    # of a message
LONG = 90    # characters of a line of it
STOPPED = "After a few seconds without an end, the run was stopped."
TODO = """breaks: see above.
Out of date: run `python tools/breaks.py`, look at what `git diff tools/breaks.json` shows, and commit it.
A break that no check notices: assert something that notices, or give the reason in tools/breaks.toml."""


@dataclass
class Chosen:
    "A function with a box, as tools/breaks.toml lists it."
    chapter: Chapter
    function: Function
    says: str          # the sentence above the box
    same: dict[str, str]  # breaks that no result can tell from the original, by what they are called: the reason

    @property
    def name(self) -> str:
        return f"{self.chapter.module}.{self.function.node.name}"


@dataclass
class Break(Mutant):
    "A mutant that tells more of its end."

    def told(self, cell: Cell, error: BaseException) -> str:
        "The cell that noticed, the equation that it checks, the statement that failed, and the message, as JSON."
        frames = [(f, line) for f, line in walk_tb(error.__traceback__) if f.f_code.co_filename == file_name(cell)]
        statement = statement_at(cell, frames[0][1]) if frames else ""
        checks = [f.f_locals.get("label") for f, _ in walk_tb(error.__traceback__) if f.f_code.co_name == "check"]
        return json.dumps({"red": cell.id, "check": next(filter(None, checks), "") or label_in(statement),
                           "statement": shorter(statement, WIDE), "said": message(error)}, ensure_ascii=False)


def shorter(text: str, most: int) -> str:
    "At most `most` characters."
    return text if len(text) <= most else text[:most - 1] + "…"


def statement_at(cell: Cell, line: int) -> str:
    "The innermost statement of a cell that holds a line, in one line."
    found = [n for n in ast.walk(cell.tree) if isinstance(n, ast.stmt) and n.lineno <= line <= n.end_lineno]
    return " ".join((ast.get_source_segment(cell.source, found[-1]) or "").split()) if found else ""


def label_in(statement: str) -> str:
    "The equation that a statement checks, where the error came before `check` was called."
    head, _, rest = statement.partition('check("')
    return rest.partition('"')[0] if not head and rest.startswith("eq-") else ""


def message(error: BaseException) -> str:
    "The kind of error and the first lines of what it said; of a check, its label and both sides."
    text = re.sub(r"np\.float64\(([^()]*)\)", r"\1", str(error))
    if sides := re.fullmatch(r"(.*?)\n *left (.*)\nright (.*)", text, re.S):
        lines = [sides[1], f"left {' '.join(sides[2].split())}", f"right {' '.join(sides[3].split())}"]
    else:
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.endswith("indices:")]
    lines = [shorter(line, LONG) for line in lines[:LINES]]
    return "\n".join([f"{type(error).__name__}: {lines[0]}", *lines[1:]]) if lines else type(error).__name__


def chosen(names: list[str]) -> list[Chosen]:
    "The functions that tools/breaks.toml lists, of the chapters that `names` stand for."
    listed = tomllib.loads(CHOSEN.read_text(encoding="utf-8"))["function"]
    book = {chapter.module: chapter for chapter in read_book(names)}
    mine = [(book.get(entry["name"].partition(".")[0]), entry) for entry in listed]
    return [Chosen(chapter, function_of(chapter, entry), entry["says"], entry.get("same", {}))
            for chapter, entry in mine if chapter]


def function_of(chapter: Chapter, entry: dict) -> Function:
    "The exported function that an entry names."
    name = entry["name"].partition(".")[2]
    cells = ((cell, n) for cell in chapter.code if cell.is_export for n in cell.tree.body)
    found = next((pair for pair in cells if isinstance(pair[1], ast.FunctionDef) and pair[1].name == name), None)
    if found is None:
        sys.exit(f"breaks: tools/breaks.toml lists {entry['name']}, but {chapter.name} exports no such function")
    return Function(*found, entry.get("guards", False))


def named(function: Function, edit: Edit) -> str:
    "A short name for a break, which it keeps as long as it makes the same code."
    return f"{crc32(edit.apply(function.code).encode()):08x}"


def breaks_of(c: Chosen) -> list[Break]:
    "The breaks of a function as mutants, in the order of its edits."
    f = c.function
    return [Break(c.name, named(f, e), 1, f.cell, f.node.lineno, ast.parse(f.mutated(e))) for e in f.edits]


def fingerprint(c: Chosen, breaks: list[dict]) -> str:
    "The function as the box shows it, its edits, and the code up to the last cell that noticed one: a short text."
    red = {b.get("red") for b in breaks} | {c.function.cell.id}
    last = max((i for i, cell in enumerate(c.chapter.code) if cell.id in red))
    text = json.dumps([c.function.code, c.function.edits, [cell.bare for cell in c.chapter.code[:last + 1]]])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_record() -> dict[str, dict]:
    "What was recorded, by module.function."
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def is_current(c: Chosen, record: dict[str, dict]) -> bool:
    "Whether a function's record is that of the code as it is."
    kept = record.get(c.name)
    return kept is not None and kept["fingerprint"] == fingerprint(c, kept["breaks"])


def reasons(c: Chosen) -> list[str]:
    "For each edit why no result can show it, as far as that is listed, else ''."
    listed, families = read_equivalent(EQUIVALENT), read_families(EQUIVALENT)
    keys = {ast.dump(m.tree): m.key for m in cell_mutants(c.function.cell, c.chapter.module)}

    def reason(edit: Edit) -> str:
        key = keys.get(ast.dump(ast.parse(c.function.mutated(edit))), ("", "", 0))
        family = next((f["reason"] for f in families if f["function"] == key[0] and f["part"] in key[1]), "")
        return c.same.get(edit_name(c.function, edit)) or listed.get(key) or family

    return [reason(e) for e in c.function.edits]


def edit_name(f: Function, edit: Edit) -> str:
    "What tools/breaks.toml calls an edit: its line of code, before it is changed, and what is done."
    line = f.code[f.code.rfind("\n", 0, edit.spot[0]) + 1:edit.spot[0]].lstrip()
    return f"{line}[{f.code[slice(*edit.spot)]}] {edit.says}"


def run(work: list[Chosen], jobs: int) -> list[tuple[Chosen, list[dict]]]:
    "The functions of one chapter, each with what its breaks set off."
    made = [(c, breaks_of(c)) for c in work]
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # a killed mutant doesn't tidy up
        verdicts, failures = run_book([(work[0].chapter, [b for _, breaks in made for b in breaks])], jobs)
    tempfile.tempdir = None  # the next chapter has a folder of its own
    if failures:
        sys.exit("\n".join(failures))
    return [(c, [outcome(b, verdicts[b.key][0]) for b in breaks]) for c, breaks in made]


def outcome(mutant: Break, killer: str) -> dict:
    "One break of the record."
    if killer.startswith("{"):
        found = json.loads(killer)
    else:  # an endless loop: mutate's own message has seconds that differ from run to run
        found = {"red": "", "check": "", "statement": "", "said": STOPPED} if killer else {}
    return {"id": mutant.mutation, **found}


def explained(c: Chosen, breaks: list[dict]) -> list[str]:
    "Put the reason to each break that no check noticed; those without one, in words."
    lacking = []
    for b, edit, why in zip(breaks, c.function.edits, reasons(c), strict=True):
        if "red" not in b:
            b["why"] = why
            if not why:
                lacking.append(f"  {c.name}: no check notices {edit_name(c.function, edit)!r}")
    survived = {edit_name(c.function, e) for e, b in zip(c.function.edits, breaks, strict=True) if "why" in b}
    return lacking + [f"  {c.name}: listed as not to be noticed, but is noticed, or is gone: {name!r}"
                      for name in sorted(c.same.keys() - survived)]


def write(record: dict[str, dict]) -> None:
    "The record, a break a line."
    parts = []
    for name, kept in record.items():
        lines = ",\n  ".join(json.dumps(b, ensure_ascii=False) for b in kept["breaks"])
        parts.append(f'{json.dumps(name)}: {{"fingerprint": "{kept["fingerprint"]}", "breaks": [\n  {lines}]}}')
    RECORD.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def keep(c: Chosen, record: dict[str, dict], breaks: list[dict]) -> list[str]:
    "Put a function's breaks into the record, on the disk, too; returns what is wrong with them."
    problems = explained(c, breaks)
    record[c.name] = {"fingerprint": fingerprint(c, breaks), "breaks": breaks}
    write({o.name: record[o.name] for o in chosen([]) if o.name in record})
    return problems


def compare(c: Chosen, record: dict[str, dict], found: list[dict]) -> list[str]:
    "Breaks whose end is another one than in the record; words of a message may differ between versions."
    kept = record.get(c.name, {}).get("breaks", [])
    before, after = ({b["id"]: (b.get("red"), b.get("check")) for b in breaks} for breaks in (kept, found))
    return [f"  {c.name} {key}: recorded {before.get(key)}, found {after.get(key)}"
            for key in {**before, **after} if before.get(key) != after.get(key)]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="chapters, by path or by the start of their name; default: all")
    parser.add_argument("--check", action="store_true", help="run, and compare with the record instead of writing it")
    parser.add_argument("--jobs", type=int, default=2, help="processes that compute at once (default: 2)")
    args, start = parser.parse_args(argv), time.perf_counter()
    every, record = chosen(args.names), read_record()
    work = [c for c in every if args.names or args.check or not is_current(c, record)]
    tried, noticed, problems = 0, 0, []
    for _, group in groupby(work, lambda c: c.chapter.name):
        for c, breaks in run([*group], args.jobs):
            problems += compare(c, record, breaks) if args.check else keep(c, record, breaks)
            tried, noticed = tried + len(breaks), noticed + sum("red" in b for b in breaks)
    print(f"{len(work)} functions, {tried} breaks, {noticed} noticed, {time.perf_counter() - start:.0f} s")
    if problems:
        print("\n".join(problems), file=sys.stderr)
        sys.exit(TODO)


if __name__ == "__main__":
    main()
