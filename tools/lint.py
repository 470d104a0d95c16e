#!/usr/bin/env python3
"Check the notebooks without running them: directives, equations, links, cleanliness, exported functions."
import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import lint_equations
import lint_exercises
import lint_functions
import lint_notebook
from book import NBS, Chapter, notebook_paths, read_book

GROUPS = (lint_notebook, lint_exercises, lint_equations, lint_functions)
CHAPTER_RULES = [rule for group in GROUPS for rule in group.CHAPTER_RULES]
BOOK_RULES = [*lint_notebook.BOOK_RULES, *lint_equations.BOOK_RULES]


def line(chapter: Chapter | None, cell: str, message: str) -> str:
    "One finding as it is printed: file, cell, what to do."
    place = chapter.name if chapter else ""
    return ": ".join(part for part in (place, f"cell {cell}" if cell else "", message) if part)


def problems(book: list[Chapter], chosen: list[Path]) -> Iterator[str]:
    "All that must be mended in the `chosen` notebooks."
    for chapter in book:
        if chapter.path in chosen:
            try:
                for cell in chapter.code:
                    _ = cell.tree
            except SyntaxError as error:
                yield line(chapter, cell.id, f"the code can't be parsed: {error.msg} in line {error.lineno}")
                continue
            for rule in CHAPTER_RULES:
                yield from (line(chapter, cell, said) for cell, said in rule(chapter))
    whole = [c for c in book if _parses(c)]
    for rule in BOOK_RULES:
        yield from (line(c, cell, said) for c, cell, said in rule(whole) if c is None or c.path in chosen)


def _parses(chapter: Chapter) -> bool:
    try:
        return all(cell.tree for cell in chapter.code)
    except SyntaxError:
        return False


def warnings(book: list[Chapter], chosen: list[Path]) -> Iterator[str]:
    "What is worth a look, but may stay."
    for chapter in book:
        if chapter.path in chosen and _parses(chapter):
            for rule in lint_functions.WARNINGS:
                yield from (line(chapter, cell, said) for cell, said in rule(chapter))


def main(argv: list[str] | None = None) -> None:
    rules = "\n".join(f"  {rule.__name__}: {rule.__doc__}" for rule in CHAPTER_RULES + BOOK_RULES)
    parser = argparse.ArgumentParser(description=__doc__, epilog=f"rules:\n{rules}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="chapters, by path or by the start of their name; default: all")
    parser.add_argument("--quiet", action="store_true", help="no warnings")
    parser.add_argument("--nbs", type=Path, default=NBS, help="the folder with the notebooks (default: nbs/)")
    args = parser.parse_args(argv)
    book = read_book(nbs=args.nbs)
    chosen = notebook_paths(args.names, args.nbs)
    for said in [] if args.quiet else warnings(book, chosen):
        print(f"warning: {said}")
    found = list(problems(book, chosen))
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    if found:
        sys.exit(f"lint: {len(found)} to mend, each named above with what to do")
    print(f"lint: {len(chosen)} notebooks, {len(CHAPTER_RULES) + len(BOOK_RULES)} rules, nothing to mend")


if __name__ == "__main__":
    main()
