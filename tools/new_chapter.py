#!/usr/bin/env python3
"""Begin a chapter: a notebook that has all the parts the book's rules ask for, and runs.

It derives something small, that the mean makes the sum of squares smallest, so that every part can be seen at work.
Replace it part by part; `python tools/lint.py` says when something is missing.
"""
import argparse
import re
import sys
from pathlib import Path

import nbformat
from book import NBS

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MEAN = '''\
#| exports
def {function}(y: ArrayLike,  # numbers, shape (n,), n >= 1
{indent} ) -> float:      # the m with the smallest sum of squares
    """The number whose squared distances to all of `y` have the smallest sum.

    Raises ValueError for unfit numbers. Source: equation eq-{label} of this chapter.
    """
    return float(_as_float("y", y, 1).mean())'''
FOLDED = '::: {{{{.callout-tip collapse="true" title="{0} {1}"}}}}\nA step.\n:::\n\n'
CELLS = {  # id: kind and source; in the order of STYLE: question, derivation, check, function, use, failure, exercises
    "title": ("markdown", "# {title}\n\n> One sentence: what the reader knows at the end."),
    "default-exp": ("code", "#| default_exp {name}"),
    "question": ("markdown", "Begin with a question that a reader has. Which one number stands best for "
                             "twenty receipts? Say which chapters are needed: here [chapter 0](00_data.ipynb)."),
    "imports": ("code", "#| export\nfrom numpy.typing import ArrayLike\n\nfrom linreg_nb.data import _as_float"),
    "imports-tests": ("code", "#| hide\nimport pytest\nimport sympy as sp\n\nfrom linreg_nb.data import example_data\n"
                              "from linreg_nb.testing import check"),
    "slope": ("markdown", "## Derive it\n\nThe sum of squares $\\sum_i (y^{{(i)}} - m)^2$ has the slope "
                          "$-2\\sum_i (y^{{(i)}} - m)$ in $m$. It is zero where\n\n"
                          "$$ m = \\frac1n \\sum_{{i=1}}^n y^{{(i)}}. $$ {{#eq-{label}}}"),
    "slope-check": ("code", "#| code-fold: true\nys, m = sp.symbols(\"y1:5\"), sp.Symbol(\"m\")\n"
                            "[lowest] = sp.solve(sp.diff(sum((v - m)**2 for v in ys), m), m)\n"
                            "check(\"eq-{label}\", lowest, sum(ys)/4)"),
    "words": ("markdown", "## The function\n\n*Add the numbers up, and divide by how many there are.* (The algorithm "
                          "in words, before the code.)"),
    "function": ("code", MEAN),
    "use": ("code", "_, y, _ = example_data()\nassert {function}([3.0]) == 3 and {function}([1, 2, 6]) == 3\n"
                    "{function}(y)"),
    "confusion": ("markdown", '::: {{.callout-warning title="Common confusion"}}\nName the mistake that a beginner '
                              "makes here, and cure it.\n:::"),
    "failure": ("code", '#| code-fold: true\nwith pytest.raises(ValueError, match="y has shape"): {function}([[1.0]])'),
    "learned": ("markdown", "## What we learned\n\nA few sentences.\n\n## Exercises\n\n**1.** A question. Write "
                            "`middle(y)`.\n\n" + FOLDED.format("Hint", 1) + FOLDED.format("Solution", 1)
                            + "**2.** A question.\n\n" + FOLDED.format("Hint", 2) + FOLDED.format("Solution", 2)
                            + "**3.** A question.\n\n" + FOLDED.format("Hint", 3) + FOLDED.format("Solution", 3)
                            + "The three solutions, run:"),
    "solutions": ("code", "#| code-fold: true\n# Exercise 1\n### BEGIN SOLUTION\ndef middle(y):\n"
                          '    "The mean of the numbers."\n    return sum(y) / len(y)\n### END SOLUTION\n'
                          "assert middle([0, 1]) == {function}([0, 1])\n\n# Exercise 2\n"
                          "assert {function}([0, 1]) == 0.5\n\n# Exercise 3\nassert {function}(-y) == -{function}(y)"),
    "export": ("code", "#| hide\nimport nbdev; nbdev.nbdev_export()"),
}


def chapter(name: str, title: str) -> nbformat.NotebookNode:
    "The notebook."
    function = f"{name}_mean"
    words = {"name": name, "title": title, "function": function, "label": name.replace("_", "-") + "-mean",
             "indent": " " * len(f"def {function}")}
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    cells = [make[kind](source.format(**words), id=name) for name, (kind, source) in CELLS.items()]
    kernel = {"kernelspec": {"display_name": "python3", "language": "python", "name": "python3"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", help="its place in the book, two digits and perhaps a letter: 17, 09b")
    parser.add_argument("name", help="of the file and of the module, small letters: quantiles")
    parser.add_argument("title", help="as readers see it")
    parser.add_argument("--nbs", type=Path, default=NBS, help="the folder with the notebooks (default: nbs/)")
    args = parser.parse_args(argv)
    if not re.fullmatch(r"\d\d[a-z]?", args.number):
        sys.exit(f"new_chapter: number is {args.number!r}; wanted two digits, and perhaps a letter: 17 or 09b")
    if not NAME.fullmatch(args.name):
        sys.exit(f"new_chapter: name is {args.name!r}; wanted small letters, digits and underscores: a module's name")
    taken = [p.name for p in args.nbs.glob("*.ipynb")
             if args.number == p.stem.partition("_")[0] or args.name == p.stem.partition("_")[2]]
    if taken:
        sys.exit(f"new_chapter: {args.number} or {args.name} is taken by {taken[0]}; choose another")
    path = args.nbs / f"{args.number}_{args.name}.ipynb"
    nbformat.write(chapter(args.name, args.title), path)
    print(f"wrote {path}; next: python tools/sync.py && python tools/execute.py {args.number} && "
          f"python tools/lint.py {args.number}")


if __name__ == "__main__":
    main()
