#!/usr/bin/env python3
"""Write an edition for a class: for each chapter a notebook of its exercises, without hints and solutions.

Each notebook holds what the exercises need from their chapter, and for each exercise its text, a cell for the answer
and a cell with its test. It needs Jupyter and the installed package, with its extras `frames` and `sklearn` for
chapters 15 and 15b. `tools/grade.py` grades what students hand in.
Every cell carries nbgrader's metadata: with --solutions the folder is what nbgrader takes as an assignment's source.
"""
import argparse
import ast
import json
import re
import sys
from pathlib import Path

from book import NBS, Chapter, addresses, page_name, read_book
from exercises import BEGIN, END, Exercise, exercises, place
from site_text import REFERENCE, Page, number_labels, reference, without_code
from slices import preparation

HOME = addresses()[0]
TOP = """\
# Exercises: {title}

These exercises belong to the chapter [{title}]({home}/{stem}.html). Write your answers into the cells meant for them, \
and run the cell below each: it says nothing where the answer is right. The other cells are not to be changed."""
PREPARED = "What the exercises need from the chapter, which itself needs {}:"
BY_HAND = "*A person grades this one. Write your answer here.*"
NBDEV = re.compile(r"^#\|[^:\n]*$\n?", re.M)  # nbdev's directives have no colon, Quarto's have
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def numbered_page(chapter: Chapter) -> Page:
    "The chapter with the numbers of its equations and figures."
    title = re.match(r"# (.+)", chapter.cells[0].source)
    cells = [c.raw | {"source": NBDEV.sub("", c.source)} for c in chapter.cells]
    page = Page(chapter.path, {"cells": cells}, page_name(chapter.path), title[1] if title else chapter.path.stem)
    number_labels(page)
    return page


def plain(text: str, page: Page) -> str:
    "An exercise's text as any Jupyter shows it, its links leading to the published chapters."
    def change(t: str) -> str:
        t = REFERENCE.sub(lambda m: reference(m, page), t)
        return re.sub(r"\]\(([\w-]+\.ipynb)?(#[\w-]+)?\)",
                      lambda m: f"]({HOME}/{page_name(Path(m[1] or page.path.name))}.html{m[2] or ''})", t)
    return without_code(text, change)


def cell(kind: str, name: str, text: str, **nbgrader) -> dict:
    "A cell; nbgrader locks it unless it holds an answer."
    marks = {"grade": False, "grade_id": name, "locked": True, "schema_version": 3, "solution": False, "task": False}
    made = {"cell_type": kind, "id": name, "metadata": {"nbgrader": marks | nbgrader}, "source": text.splitlines(True)}
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def posed_cells(exercise: Exercise, page: Page, solved: bool) -> list[dict]:
    "The cells of one exercise."
    name = f"exercise-{exercise.number}"
    made = [cell("markdown", name, f"## Exercise {exercise.number}\n\n{plain(exercise.text, page)}")]
    if not exercise.answer:
        text = plain(exercise.solution, page) if solved else BY_HAND
        return [*made, cell("markdown", f"{name}-answer", text, grade=True, solution=True, locked=False, points=1)]
    if exercise.given:
        made.append(cell("code", f"{name}-given", exercise.given))
    answer = f"{BEGIN}\n{exercise.answer}\n{END}" if solved else exercise.stub
    made.append(cell("code", f"{name}-answer", answer, solution=True, locked=False))
    return [*made, cell("code", f"{name}-test", silent(exercise.test), grade=True, points=1)]


def silent(test: str) -> str:
    "A test without the value of its last line, which nbgrader would take for points."
    last, rows = ast.parse(test).body[-1], test.split("\n")
    if isinstance(last, ast.Expr) and not ast.unparse(last).startswith(("np.testing.", "print(")):
        row = rows[last.end_lineno - 1].encode()
        rows[last.end_lineno - 1] = (row[:last.end_col_offset] + b";" + row[last.end_col_offset:]).decode()
    return "\n".join(rows)


def packages(code: str) -> list[str]:
    "The packages beyond Python itself that `code` imports."
    found = re.findall(r"^(?:from|import) (\w+)", code, re.M)
    return [f"`{name}`" for name in dict.fromkeys(found) if name not in sys.stdlib_module_names]


def edition(chapter: Chapter, solved: bool = False) -> dict:
    "The notebook of a chapter's exercises; `solved`: with the solutions, for the teacher."
    page, posed = numbered_page(chapter), exercises(chapter)
    code = "\n".join(part for e in posed if e.answer for part in (e.given, e.answer, e.test))
    cells = [cell("markdown", "title", TOP.format(title=page.title, home=HOME, stem=page.stem))]
    if needed := preparation(chapter, place(chapter), code):
        said = PREPARED.format(" and ".join(packages(needed)))
        cells += [cell("markdown", "prepared", said), cell("code", "preparation", needed)]
    for exercise in posed:
        cells += posed_cells(exercise, page, solved)
    return {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def write(folder: Path, book: list[Chapter], solved: bool) -> list[tuple[str, int, int]]:
    "Write the edition; each notebook's name, and how many exercises it grades by code and leaves to a person."
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for chapter in book:
        if posed := exercises(chapter):
            text = json.dumps(edition(chapter, solved), indent=1, sort_keys=True, ensure_ascii=False)
            (folder / chapter.name).write_text(text + "\n", encoding="utf-8")
            graded = sum(bool(e.answer) for e in posed)
            rows.append((chapter.name, graded, len(posed) - graded))
    return rows


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write the notebooks")
    parser.add_argument("names", nargs="*", help="chapters, by path or by the start of their name; default: all")
    parser.add_argument("--solutions", action="store_true", help="with the solutions: the teacher's copy")
    parser.add_argument("--nbs", type=Path, default=NBS, help="the folder with the chapters (default: nbs/)")
    args = parser.parse_args(argv)
    rows = write(args.folder, read_book(args.names, args.nbs), args.solutions)
    for name, graded, by_hand in rows:
        print(f"{args.folder / name}: {graded} graded by code, {by_hand} by hand")
    code, hand = (sum(row[k] for row in rows) for k in (1, 2))
    print(f"{len(rows)} notebooks, {code} exercises graded by code, {hand} by hand")


if __name__ == "__main__":
    main()
