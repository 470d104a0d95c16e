#!/usr/bin/env python3
"""Grade what students wrote into the exercises of `tools/teach.py`: passed or failed, each with the reason.

Each FOLDER is one student's. All cells run from top to bottom in a kernel of their own, whatever fails on the way; a
cell that takes too long is stopped. Preparations and tests are taken from the book, not from the student's file.
Students' programs run with your rights: where you don't trust them, grade in a container.
"""
import argparse
import csv
import json
import os
import re
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from book import NBS, Chapter, cap_threads, read_book
from exercises import exercises
from teach import edition

cap_threads()

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import DeadKernelError  # noqa: E402

WIDTH = 90  # of a reason in the table; JSON and CSV have all of it
STOPPED = "stopped"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Grade:
    "What one exercise of one student came to."
    student: str
    chapter: str
    exercise: int
    result: str  # passed, failed, by hand
    message: str = ""


def restored(nb: dict, pristine: dict) -> list[dict]:
    "The student's cells, with every locked cell as the book has it, missing ones put back."
    locked = {c["id"]: c for c in pristine["cells"] if c["metadata"]["nbgrader"]["locked"]}
    cells = [locked.get(c.get("id"), c) for c in nb["cells"]]
    here = [c.get("id") for c in cells]
    for before, c in pairwise([None, *pristine["cells"]]):
        if c["id"] not in here:
            at = here.index(before["id"]) + 1 if before else 0
            cells.insert(at, c)
            here.insert(at, c["id"])
    return cells


def reason(name: str, value: str, lines: list[str], source: str) -> str:
    "Why a cell failed, in one line; where the exception has no words, the line of the test that raised it."
    words = " ".join(value.split())
    if not words:
        numbers = re.findall(r"^-+> ?(\d+) ", "\n".join(ESCAPES.sub("", line) for line in lines), re.M)
        code = source.split("\n")
        words = next((code[int(n) - 1].strip() for n in numbers if int(n) <= len(code)), "")
    return f"{name}: {words}" if words else name


def failure(reply: dict, cell: nbformat.NotebookNode) -> str:
    "Why a cell failed, '' where the kernel said that it ran to its end."
    if reply["status"] == "ok":
        return ""
    if reply.get("ename") == STOPPED:
        return f"{STOPPED} {reply['evalue']}"
    said = ESCAPES.sub("", reply.get("evalue", ""))
    return reason(reply.get("ename", reply["status"]), said, reply.get("traceback", []), cell.source)


def run(cells: list[dict], seconds: int) -> dict[str, str]:
    "Run all cells; of each that failed, by its id, why. A kernel that dies is not started again."
    nb = nbformat.reads(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), as_version=4)
    failed = {cell.id: "not run: the kernel died" for cell in nb.cells if cell.cell_type == "code"}

    def note(cell: nbformat.NotebookNode, cell_index: int, execute_reply: dict) -> None:
        failed[cell.id] = failure(execute_reply["content"], cell)
    client = NotebookClient(nb, timeout=seconds, kernel_name="python3", allow_errors=True, interrupt_on_timeout=True,
                            error_on_timeout={"ename": STOPPED, "evalue": f"after {seconds} s", "traceback": []},
                            on_cell_executed=note, extra_arguments=["--IPKernelApp.log_level=50"])
    client.log.setLevel("CRITICAL")
    with suppress(DeadKernelError), client.setup_kernel(env=dict(os.environ, MPLBACKEND="agg")):
        for i, cell in enumerate(nb.cells):
            client.execute_cell(cell, i)
            if not cell.source.strip():
                failed[cell.id] = ""
    return {name: why for name, why in failed.items() if why}


def grade(chapter: Chapter, path: Path, seconds: int) -> list[Grade]:
    "The grades of one notebook that a student handed in; of one that isn't there, all failed."
    student, name, posed = path.parent.name, chapter.path.stem, exercises(chapter)
    missing = "not handed in"
    failed: dict[str, str] = {}
    if path.exists():
        try:
            cells = restored(json.loads(path.read_text(encoding="utf-8")), edition(chapter))
            failed, missing = run(cells, seconds), ""
        except (ValueError, KeyError, TypeError) as error:
            missing = f"not a notebook: {error}"
    grades = []
    for e in posed:
        why = missing or failed.get(f"exercise-{e.number}-answer") or failed.get(f"exercise-{e.number}-test", "")
        result = "by hand" if not e.answer else "failed" if why else "passed"
        grades.append(Grade(student, name, e.number, result, why if result == "failed" else missing))
    return grades


def table(grades: list[Grade]) -> str:
    "The grades as text."
    rows = [("student", "chapter", "exercise", "result", "reason"),
            *((g.student, g.chapter, str(g.exercise), g.result, g.message[:WIDTH]) for g in grades)]
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    return "\n".join("  ".join([*(row[k].ljust(widths[k]) for k in range(4)), row[4]]).rstrip() for row in rows)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a student's notebooks")
    parser.add_argument("--chapter", action="append", default=[], help="only chapters that start so, e.g. 02")
    parser.add_argument("--seconds", type=int, default=60, help="time limit for each cell (default: 60)")
    parser.add_argument("--json", type=Path, help="write the grades to this file")
    parser.add_argument("--csv", type=Path, help="write the grades to this file")
    parser.add_argument("--nbs", type=Path, default=NBS, help="the folder with the chapters (default: nbs/)")
    args = parser.parse_args(argv)
    if lost := [str(f) for f in args.folders if not f.is_dir()]:
        sys.exit(f"grade: no folder {', '.join(lost)}")
    book = [c for c in read_book(args.chapter, args.nbs) if exercises(c)]
    grades = [g for folder in args.folders for c in book for g in grade(c, folder.resolve() / c.name, args.seconds)]
    rows = [asdict(g) for g in grades]
    print(table(grades))
    for folder in args.folders:
        mine = [g.result for g in grades if g.student == folder.resolve().name]
        print(f"{folder.resolve().name}: {mine.count('passed')} of {len(mine) - mine.count('by hand')} passed, "
              f"{mine.count('by hand')} to grade by hand")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["student", "chapter", "exercise", "result", "message"])
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
