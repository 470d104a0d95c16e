#!/usr/bin/env python3
"""Break each exported function in every small way, and see whether some cell of its chapter notices.

A chapter runs once, in a process of its own. Before each cell that defines functions the process forks, and the fork
waits there. Once the chapter has come to its end, each waiting fork tries its mutants: for each it forks again, runs
the mutated cell and those behind it, and stops at the first exception (killed) or at the end (survived).

A whole run takes minutes a chapter. With --record, what it found is written to tools/mutation.json, with a fingerprint
of the chapter's code and of its listed mutants. The fingerprint ends with the last cell that noticed a mutant: what
stands behind it, such as the exercises, may change without another run. With --sampled, a chapter that still has its
fingerprint is tried with one mutant in ten; any other is tried whole.
"""
import argparse
import ast
import hashlib
import json
import linecache
import math
import multiprocessing
import os
import resource
import select
import sys
import tempfile
import time
import tomllib
import types
import zlib
from collections.abc import Callable
from dataclasses import replace
from difflib import unified_diff
from multiprocessing.connection import Connection, wait
from pathlib import Path
from signal import SIGKILL, SIGXCPU

from book import NBS, ROOT, Cell, Chapter, cap_threads, read_book
from mutants import Mutant, mutants, said

EQUIVALENT = ROOT / "tools" / "equivalent_mutants.toml"
RECORD = ROOT / "tools" / "mutation.json"
CONTROL = "nothing is mutated"  # tried last: what is killed then was killed by something else
UNREPEATABLE = "run again at the end, it fails without any mutation, so that no verdict counts; a cell must not need " \
               "what a later one removes, or fail for what an earlier run left behind"
MEMORY = 8 << 30  # bytes that a mutant may take before it counts as killed
TODO = """mutate: see above. A chapter that fails without any mutation: mend the cell first.
A survivor: assert something in the chapter, near the function, that this mistake breaks.
If no result can tell the mutant from the original, list it in tools/equivalent_mutants.toml with the reason.
A listed mutant that is gone or killed, or a family that is no longer needed: remove its entry."""


class _Shell:
    "Stands in for IPython's shell: every call does nothing."
    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def names(tree: ast.AST, context: type) -> set[str]:
    "The names that `tree` loads or stores."
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def only_draws(cell: Cell, later: list[Cell]) -> bool:
    "Whether the cell draws a picture, asserts nothing, and leaves nothing that a later cell reads."
    loaded = names(cell.tree, ast.Load)
    if not {"plt", "fig", "ax"} & loaded or cell.is_export or cell.asserts:
        return False
    defined = {n.name for n in cell.tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    made = names(cell.tree, ast.Store) | defined
    return not any(made & (names(c.tree, ast.Load) - names(c.tree, ast.Store)) for c in later)


def steps(chapter: Chapter) -> list[tuple[Cell, types.CodeType]]:
    "The cells that are run, compiled."
    found = []
    for i, cell in enumerate(chapter.code):
        resting = "nbdev_export()" in cell.source or cell.directives.get("eval") == "false"
        if cell.source.strip() and not resting and not only_draws(cell, chapter.code[i + 1:]):
            found.append((cell, compile(cell.tree, file_name(cell), "exec")))
            linecache.cache[file_name(cell)] = (len(cell.source), None, cell.source.splitlines(True), file_name(cell))
    return found


def file_name(cell: Cell) -> str:
    return f"<cell {cell.id}>"


def prepare(folder: Path) -> dict:
    "Make this process a quiet place to run a chapter in, as in a kernel; returns the namespace for the cells."
    cap_threads()
    os.environ |= {"MPLBACKEND": "Agg", "IN_TEST": "1", "NUMBA_DISABLE_JIT": "1"}
    os.chdir(folder)
    sys.path.insert(0, str(folder.parent))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    main.__dict__.update(get_ipython=_Shell, display=lambda *args, **kwargs: None)
    return main.__dict__


def run_cell(code: types.CodeType, namespace: dict) -> None:
    "Run one cell, and close its pictures as a notebook does."
    exec(code, namespace)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def attempt(mutant: Mutant, rest: list, namespace: dict, seconds: float) -> tuple[str, float]:
    "In a fork of its own: the mutated cell and those behind it. What killed the mutant ('' for nothing), and its time."
    read, write = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        found = try_mutant(mutant, rest, namespace, lambda cell: os.write(write, f"{cell.id}\0".encode()))
        os.write(write, b"\0" + (found.encode()[:2000] or b"-"))
        os._exit(0)
    os.close(write)
    heard, *verdict = hear(read, child, 20 + 10 * seconds)  # it may sleep, or wait its turn on a busy machine
    os.close(read)
    _, status, usage = os.wait4(child, 0)
    used = usage.ru_utime + usage.ru_stime
    by = os.waitstatus_to_exitcode(status)
    silent = f"stopped after {used:.0f} s of computing" if -by in (SIGXCPU, SIGKILL) else f"crashed with status {by}"
    return ("" if verdict == ["-"] else verdict[0] if verdict else f"{heard}: {silent}"), used


def hear(read: int, child: int, patience: float) -> list[str]:
    "What a fork says: the cell that it came to, and its verdict if it reached one. Ended when patience runs out."
    heard, end = b"", time.monotonic() + patience
    while piece := os.read(read, 4096) if select.select([read], [], [], max(end - time.monotonic(), 0))[0] else b"":
        heard += piece
    if time.monotonic() >= end:
        os.kill(child, SIGKILL)
    cells, _, verdict = heard.decode(errors="replace").partition("\0\0")
    return [cells.rstrip("\0").rpartition("\0")[2], *([verdict] if verdict else [])]


def try_mutant(mutant: Mutant, rest: list, namespace: dict, at: Callable[[Cell], object]) -> str:
    """Run the mutated cell and the `rest`; the cell and the exception that ended the run, '' at the chapter's end.

    Each cell is told to `at` before it runs, so that the place is known where the process is stopped.
    """
    cell = mutant.cell
    try:
        at(cell)
        run_cell(compile(mutant.tree, file_name(cell), "exec"), namespace)
        for later, code in rest:
            cell = later
            at(cell)
            run_cell(code, namespace)
    except BaseException as error:  # whatever a mutant may raise, SystemExit too
        return mutant.told(cell, error)
    return ""


def checkpoint(found: list[Mutant], rest: list, namespace: dict, turns) -> tuple[int, Connection]:
    "Fork a process that stands where the chapter now stands, and there tries `found` once it is told the time limit."
    ours, theirs = multiprocessing.Pipe()
    child = os.fork()
    if child:
        theirs.close()
        return child, ours
    ours.close()
    try:
        seconds = theirs.recv()
        for mutant in found:
            with turns:
                theirs.send((mutant.key, *attempt(mutant, rest, namespace, seconds)))
    except (EOFError, OSError):
        pass  # the chapter failed, or somebody ended the run
    os._exit(0)


def run_chapter(chapter: Chapter, found: list[Mutant], turns, answer: Connection) -> None:
    "In a process of its own: the chapter once, then all its mutants. Sends (verdicts by key, '') or ({}, what failed)."
    namespace, plan, waiting = prepare(chapter.path.parent.resolve()), steps(chapter), []
    control = [replace(found[0], mutation=CONTROL, nth=0, tree=found[0].cell.tree)]
    clock: list[float] = []
    with turns:
        for i, (cell, code) in enumerate(plan):
            here = [m for m in found if m.cell is cell]
            here += control if here and cell is control[0].cell else []
            clock.append(time.process_time())
            if here:
                waiting.append((i, *checkpoint(here, plan[i + 1:], namespace, turns)))
            try:
                run_cell(code, namespace)
            except BaseException as error:
                answer.send(({}, f"{chapter.name}: cell {cell.id} fails without any mutation: {said(error)}"))
                os._exit(1)
    for i, _, pipe in waiting:
        pipe.send(4 + 2 * (time.process_time() - clock[i]))  # seconds of computing: a busy machine changes nothing
    verdicts = collect([pipe for _, _, pipe in waiting])
    killer, _ = verdicts.pop(control[0].key, ("", 0))
    answer.send((verdicts, f"{chapter.name}: {UNREPEATABLE}: {killer}" if killer else ""))
    os._exit(0)


def collect(pipes: list[Connection]) -> dict[tuple, tuple[str, float]]:
    "The verdicts from all checkpoints, as they come: what killed the mutant, and its seconds of computing."
    verdicts = {}
    while pipes:
        for pipe in wait(pipes):
            try:
                key, *verdict = pipe.recv()
                verdicts[key] = tuple(verdict)
            except EOFError:
                pipes.remove(pipe)
    return verdicts


def run_book(work: list[tuple[Chapter, list[Mutant]]], jobs: int) -> tuple[dict, list[str]]:
    "All verdicts by key and all failures; `jobs` chapters are open at once, and `jobs` processes compute."
    fork = multiprocessing.get_context("fork")
    turns, verdicts, failures = fork.BoundedSemaphore(jobs), {}, []
    queue = sorted(work, key=lambda pair: -len(pair[1]))
    running: dict[Connection, tuple] = {}
    while queue or running:
        while queue and len(running) < jobs:
            chapter, found = queue.pop(0)
            ours, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=run_chapter, args=(chapter, found, turns, theirs))
            process.start()
            theirs.close()
            running[ours] = chapter, process
        for pipe in wait(list(running)):
            chapter, process = running.pop(pipe)
            try:
                some, failure = pipe.recv()
            except EOFError:
                some, failure = {}, f"{chapter.name}: the process that ran the chapter crashed; run it in JupyterLab"
            process.join()
            verdicts |= some
            failures += [failure] if failure else []
    return verdicts, failures


def read_equivalent(path: Path) -> dict[tuple[str, str, int], str]:
    "The listed equivalent mutants: key to reason."
    if not path.exists():
        return {}
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    for entry in entries:
        if not {"function", "mutation", "reason"} <= entry.keys() or len(entry["reason"].split()) < 4:
            sys.exit(f"mutate: {path.name}: {entry} wants function, mutation and a reason in words")
    return {(e["function"], e["mutation"], e.get("nth", 1)): e["reason"] for e in entries}


def read_families(path: Path) -> list[dict[str, str]]:
    "The listed families of equivalent mutants: all of a function whose mutation contains `part`."
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("family", []) if path.exists() else []
    for entry in entries:
        if {"function", "part", "reason"} != entry.keys() or len(entry["reason"].split()) < 4:
            sys.exit(f"mutate: {path.name}: {entry} wants function, part and a reason in words")
    return entries


def counted(chapter: Chapter, functions: dict[str, list]) -> list[Cell]:
    """The code cells on which the recorded verdicts of `functions` rest: those up to the last that noticed a mutant.

    A killed mutant never came farther, so cells behind that one change no verdict of killed. A survivor, which is
    listed as equivalent, ran through them all: a new cell there may yet notice it, which the sample and CI's weekly
    run find out. Cells that export count in any case. All cells count where the record doesn't say which ones
    noticed: where a function has no names, an empty one, or that of a cell that is gone.
    """
    killers = {cell for _, killed, *by in functions.values() for cell in (by[0] if by else [""] * bool(killed))}
    numbers = {cell.id: k for k, cell in enumerate(chapter.code)}
    if not killers <= numbers.keys():
        return chapter.code
    exports = [k for k, cell in enumerate(chapter.code) if cell.is_export]
    return chapter.code[:max([numbers[cell] for cell in killers] + exports, default=-1) + 1]


def fingerprint(chapter: Chapter, equivalent: Path, functions: dict[str, list]) -> str:
    """The chapter's code, as far as the verdicts rest on it, and the entries that list its mutants, as one short text.

    Verdicts depend on the modules that the chapter imports, too: a change there is left to the sample and to CI's
    weekly run of all mutants.
    """
    entries = tomllib.loads(equivalent.read_text(encoding="utf-8")) if equivalent.exists() else {}
    mine = [e for kind in entries.values() for e in kind if e["function"].partition(".")[0] == chapter.module]
    text = json.dumps([[cell.bare for cell in counted(chapter, functions)], mine], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_record(path: Path) -> dict[str, dict]:
    "The recorded whole runs, by the chapter's name."
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def killer_cell(killer: str) -> str:
    "The cell that noticed, or in which the process was stopped or crashed; '' where none was begun."
    cell, colon, _ = killer.partition(": ")
    return cell if colon and " " not in cell else ""


def write_record(path: Path, work: list, verdicts: dict, equivalent: Path) -> None:
    "Add whole runs without a problem to the record: of each function the mutants, those killed, and by which cells."
    record = read_record(path)
    for chapter, found in work:
        functions = {}
        for m in found:
            tried = functions.setdefault(m.function.partition(".")[2], [0, 0, {}])
            tried[0] += 1
            if killer := verdicts[m.key]:
                tried[1] += 1
                by = killer_cell(killer)
                tried[2][by] = tried[2].get(by, 0) + 1
        record[chapter.path.stem] = {"fingerprint": fingerprint(chapter, equivalent, functions), "functions": functions}
    lines = (f"{json.dumps(name)}: {json.dumps(run)}" for name, run in sorted(record.items()))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def sampled(mutant: Mutant) -> bool:
    "Whether the mutant is among the tenth that is tried again."
    return zlib.crc32(repr(mutant.key).encode()) % 10 == 0


def covered(found: list[Mutant], verdicts: dict, families: list[dict], whole: set[str]) -> tuple[dict, list[str]]:
    "The survivors that belong to a family, key to reason; and the families that no survivor needs."
    reasons, idle = {}, []
    for family in families:
        function, part, reason = family["function"], family["part"], family["reason"]
        mine = {m.key: reason for m in found
                if m.function == function and part in m.mutation and verdicts.get(m.key) == ""}
        if not mine and (function in whole or function.partition(".")[0] in whole):
            idle.append(f"  listed as a family, but no survivor belongs to it: {function}, {part!r}")
        reasons |= mine
    return reasons, idle


def difference(mutant: Mutant) -> str:
    "The lines that the mutation changes, as a diff."
    old, new = (ast.unparse(tree).splitlines() for tree in (mutant.cell.tree, mutant.tree))
    return "\n".join(f"    {line}" for line in list(unified_diff(old, new, lineterm="", n=0))[3:])


def survivor_text(mutant: Mutant) -> str:
    "A survivor as it is printed: where it is, its diff, and the entry that would list it."
    entry = f'function = "{mutant.function}", mutation = {json.dumps(mutant.mutation, ensure_ascii=False)}'
    entry += f", nth = {mutant.nth}" if mutant.nth > 1 else ""
    place = f"{mutant.function}, cell {mutant.cell.id}, line {mutant.line}"
    return f"  survived: {place}\n{difference(mutant)}\n    ({entry})"


def judge(found: list[Mutant], verdicts: dict, listed: dict, whole: set[str]) -> list[str]:
    "What is wrong: survivors that aren't listed, listed mutants that are gone or killed. `whole`: functions tried."
    problems = [survivor_text(m) for m in found if verdicts.get(m.key) == "" and m.key not in listed]
    known = {m.key for m in found}
    for key in listed:
        if key[0] in whole or key[0].partition(".")[0] in whole:
            if key not in known:
                problems.append(f"  listed as equivalent, but no such mutant: {key}")
            elif verdicts.get(key):
                problems.append(f"  listed as equivalent, but killed by {verdicts[key]}: {key}")
    return problems


def summary(found: list[Mutant], verdicts: dict, listed: dict) -> list[str]:
    "A line for each function."
    lines = []
    for function in dict.fromkeys(m.function for m in found):
        mine = [m for m in found if m.function == function]
        if not any(m.key in verdicts for m in mine):
            lines.append(f"{function} {len(mine)} mutants, not tried: the chapter fails")
            continue
        killed = sum(bool(verdicts.get(m.key)) for m in mine)
        equivalent = sum(verdicts.get(m.key) == "" and m.key in listed for m in mine)
        tail = f", {equivalent} equivalent" if equivalent else ""
        lines.append(f"{function} {len(mine)} mutants, {killed} killed{tail}")
    return lines


def arguments(argv: list[str] | None) -> argparse.Namespace:
    "The command line."
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="chapters, by path or by the start of their name; default: all")
    parser.add_argument("--function", help="only this function (name, or module.name)")
    parser.add_argument("--list", action="store_true", help="list the mutants, run nothing")
    parser.add_argument("--json", type=Path, help="write every mutant and what killed it to this file")
    parser.add_argument("--record", type=Path, nargs="?", const=RECORD, help="add what whole runs found to this file "
                        "(default: tools/mutation.json), if nothing is wrong")
    parser.add_argument("--sampled", type=Path, nargs="?", const=RECORD, help="try a tenth of the mutants of a chapter "
                        "that is unchanged since its run was added to this file (default: tools/mutation.json)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that compute at once (default: 2)")
    parser.add_argument("--nbs", type=Path, default=NBS, help="the folder with the notebooks (default: nbs/)")
    parser.add_argument("--equivalent", type=Path, default=EQUIVALENT, help="the list of equivalent mutants")
    return parser.parse_args(argv)


def wanted(mutant: Mutant, function: str | None) -> bool:
    "Whether the mutant belongs to `function`, named with its module or without; all do where it is None."
    return function is None or mutant.function == function or mutant.function.partition(".")[2] == function


def main(argv: list[str] | None = None) -> None:
    args, start = arguments(argv), time.perf_counter()
    if args.record and (args.function or args.sampled):
        sys.exit("mutate: --record wants whole chapters: leave out --function and --sampled")
    work = [(c, [m for m in mutants(c) if wanted(m, args.function)]) for c in read_book(args.names, args.nbs)]
    record = read_record(args.sampled) if args.sampled else {}
    known = [c.path.stem for c, _ in work if (run := record.get(c.path.stem))
             and run["fingerprint"] == fingerprint(c, args.equivalent, run["functions"])]
    work = [(c, [m for m in found if c.path.stem not in known or sampled(m)]) for c, found in work]
    work = [(chapter, found) for chapter, found in work if found]
    every = [m for _, found in work for m in found]
    if args.function and not every:
        sys.exit(f"mutate: no exported function is called {args.function}: give its name, or module.name")
    if args.list:
        print("\n".join(f"{m.function} line {m.line}: {m.title}" for m in every))
        return
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # a killed mutant doesn't tidy up
        tried, failures = run_book(work, args.jobs)
    verdicts = {key: killer for key, (killer, _) in tried.items()}
    whole = {m.function for m in every} if args.function else {c.module for c, _ in work if c.path.stem not in known}
    families, idle = covered(every, verdicts, read_families(args.equivalent), whole)
    listed = read_equivalent(args.equivalent) | families
    print("\n".join(summary(every, verdicts, listed)))
    killed = sum(bool(v) for v in verdicts.values())
    for chapter in known:
        numbers = record[chapter]["functions"].values()
        print(f"{chapter}: unchanged since {sum(n for n, *_ in numbers)} mutants were tried, of which "
              f"{sum(k for _, k, *_ in numbers)} were killed; a tenth of them tried again")
    print(f"total: {len(verdicts)} mutants tried, {killed} killed, {len(verdicts) - killed} survived, "
          f"{time.perf_counter() - start:.0f} s")
    if args.json:
        rows = [dict(function=m.function, mutation=m.mutation, nth=m.nth, cell=m.cell.id, line=m.line,
                     killed_by=verdicts.get(m.key), seconds=round(tried[m.key][1], 2) if m.key in tried else None,
                     reason=listed.get(m.key)) for m in every]
        args.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    problems = [*failures, *judge(every, verdicts, listed, whole), *idle]
    if problems:
        print("\n".join(problems), file=sys.stderr)
        sys.exit(TODO)
    if args.record:
        write_record(args.record, work, verdicts, args.equivalent)


if __name__ == "__main__":
    main()
