"""Pages that are made from the book and its records, and that nobody writes: how we know, the reference, and 404.

They join nbdev's processed notebooks before the site is built, so that both engines treat them as any other page.
"""
import ast
import inspect
import json
import re
import textwrap
import tomllib
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml
from book import page_name
from site_breaks import break_it
from site_text import (
    CHECK,
    CODE,
    EQUATION,
    Page,
    linked_labels,
    number_labels,
    options,
    read_page,
    source,
    without_code,
)

ROOT = Path(__file__).resolve().parent.parent
MADE = {"symbols": "Symbols", "reference": "Reference", "how_we_know": "How we know", "break_it": "Break it",
        "404": "No such page"}
SAMPLE = 14  # lines of code, or of what it prints, in an example of the reference
PACKAGES = ("linreg_nb", "numpy", "scipy", "sympy", "numba", "scikit-learn", "statsmodels", "polars", "pandas", "nbdev",
            "smalldocs")


def table(head: list[str], rows: list[list], right: int = 0) -> str:
    "A Markdown table; the last `right` columns hold numbers."
    lines = [head, ["---"] * (len(head) - right) + ["--:"] * right, *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", r"\|") for cell in line) + " |" for line in lines)


def notebook(stem: str, description: str, texts: list[str]) -> dict:
    "A processed notebook of Markdown cells."
    front = yaml.safe_dump({"title": MADE[stem], "description": description, "output-file": f"{stem}.html"})
    cells = [{"cell_type": "raw", "id": "front", "metadata": {}, "source": f"---\n{front}---\n"}]
    cells += [{"cell_type": "markdown", "id": f"part-{k}", "metadata": {}, "source": t} for k, t in enumerate(texts)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def plural(n: int, word: str) -> str:
    "1 check, 2 checks."
    return f"{n} {word}{'s' * (n != 1)}"


def folded(title: str, text: str) -> str:
    "Text that opens when its title is asked for."
    return f'::: {{.callout-note collapse="true" title="{title}"}}\n{text}\n:::'


# ---------------------------------------------------------------- how we know

def equations(page: Page) -> list[list[str]]:
    "A row for each labelled equation: its number, label and place in the chapter, and the cell that checks it."
    rows, heading, to = [], "", page.path.name
    code, prose = ([source(c) for c in page.nb["cells"] if c["cell_type"] == kind] for kind in ("code", "markdown"))
    checks = CHECK.findall("\n".join(code))
    pattern = rf"^#{{2,4}} +([^\n]+)$|{EQUATION.pattern}"
    for found in re.finditer(pattern, CODE.sub("", "\n\n".join(prose)), re.M | re.S):
        if found[1]:
            heading = re.sub(r"\s*\{#.*\}|[$@]", "", found[1])
        elif label := found["label"]:
            often = plural(checks.count(label), "check")
            rows.append([f"[{page.numbers[label]}]({to}#{label})", f"`{label}`", heading,
                         f"[{often}]({to}#{page.checks[label]})" if label in page.checks else often])
    return rows


def by_cells(killers: dict[str, int] | None = None) -> str:
    "How many mutants which cell noticed, in words, those with most first."
    most = sorted((killers or {}).items(), key=lambda pair: -pair[1])
    words = [f"`{cell}` {n}" if cell else f"stopped or crashed {n}" for cell, n in most]
    return ", ".join(words[:4]) + (f", {len(words) - 4} more" if len(words) > 4 else "")


def mutants(record: dict, listed: list[dict]) -> str:
    "A chapter's functions with their mutants, and those that no result can tell from the original."
    rows = [[f"`{function}`", by_cells(*run[2:]), *run[:2]] for function, run in record["functions"].items()]
    text = table(["function", "noticed by the cells", "mutants", "noticed"], rows, right=2)
    same = [[f"`{m['function'].partition('.')[2]}`", f"`{m.get('mutation') or m['part']}`",
             m["reason"].replace("@", "")] for m in listed]
    heading = "\n\nNot to be told from the original by any result:\n\n"
    return text + (heading + table(["function", "change", "why"], same) if same else "")


def chapter_mutants(pages: list[Page]) -> list[str]:
    "The table of all chapters, then each chapter's own."
    record = json.loads((ROOT / "tools" / "mutation.json").read_text(encoding="utf-8"))
    entries = tomllib.loads((ROOT / "tools" / "equivalent_mutants.toml").read_text(encoding="utf-8"))
    rows, details = [], []
    for page in pages:
        if run := record.get(page.path.stem):
            module = page_name(page.path)
            listed = [m for kind in entries.values() for m in kind if m["function"].partition(".")[0] == module]
            tried, killed = (sum(numbers[k] for numbers in run["functions"].values()) for k in (0, 1))
            chapter = f"[{page.chapter} {page.title}]({page.path.name})"
            rows.append([chapter, len(run["functions"]), tried, killed, tried - killed])
            details.append(folded(f"{called(page).capitalize()}: {page.title}", mutants(run, listed)))
    total = ["all", *(sum(row[k] for row in rows) for k in range(1, 5))]
    return [table(["chapter", "functions", "mutants", "noticed", "equal"], [*rows, total], right=4), *details]


def nist() -> str:
    "The fewest correct digits on NIST's problems: this build's `fit`, and the recorded peers at their defaults."
    import numpy as np

    from linreg_nb import fit, polynomial
    from linreg_nb.conditioning import correct_digits
    from linreg_nb.data import load_strd, strd_names
    peers = json.loads((ROOT / "benchmarks" / "results" / "strd.json").read_text(encoding="utf-8"))["peers"]
    shown = [name for name in ("numpy lstsq", "scikit-learn", "statsmodels", "polars-ols", "R lm") if name in peers]
    rows = []
    for name in strd_names():
        d = load_strd(name)
        powers = d.X.shape[1] > 1 and np.allclose(d.X[:, 1], d.X[:, 0]**2)
        X = polynomial(d.X[:, 0], d.X.shape[1]) if powers else d.X
        ours = correct_digits(fit(X, d.y, intercept=d.intercept, method="exact").theta, d.theta).min()
        digits = [ours, *(peers[peer]["theta"].get(name) for peer in shown)]
        rows.append([name, *("refuses" if v is None else f"{min(v, 15):.1f}".replace("-", "−") for v in digits)])
    return table(["problem", "`fit`, exact", *shown], rows, right=len(shown) + 1)


def versions() -> str:
    "What this site was built with, and when and with what each recorded run was made."
    def of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    import platform
    here = table(["", "this build"], [["Python", platform.python_version()], *([p, of(p)] for p in PACKAGES)])
    paths = sorted((ROOT / "benchmarks" / "results").glob("*.json"))
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    rows = [[run["case"], run["date"], f"`{run['commit']}`", f"{run['cpu']}, {run['cores']} cores",
             ", ".join(f"{name} {run['versions'].get(name)}" for name in ("numpy", "scipy", "scikit-learn"))]
            for run in runs]
    return here + "\n\n" + table(["recorded run", "date", "commit", "machine", "versions"], rows)


TOP = """\
This page is made anew with each build, from the notebooks and from the records of their runs. It is for those
who want to look behind a claim: at the cell that checks an equation, at the assertion that noticed a mistake,
at the figures of a run."""
EQUATIONS = """\
An equation counts as checked if a cell of its chapter computes both sides in independent ways and compares
them. That the comparison could fail is part of the check ([appendix A](90_testing.ipynb)). The number leads to
the equation, the last column to the first of its checks."""
MUTANTS = """\
A test is worth what it notices. So each function is changed in every small way, a sign, a limit, a neighbouring
function, one change at a time, and the chapter is run. A change that no cell notices is a hole in the tests. It
is closed before the chapter counts as done, or stands in a list with the reason why no result can show it. On the
page [Break it](break_it.ipynb) you can try."""
NIST = """\
The fewest correct digits over the coefficients of each of the eleven problems, at most 15, as NIST certifies no
more; below 0 the error is larger than the number. `fit` was run while this page was built, on its exact road, and
with exact powers where the model is a polynomial ([chapter 8](08_exact.ipynb)). The others are recorded runs at
their defaults, on powers rounded to float64, which alone cost Filip eight digits. [Chapter 16](16_benchmarks.ipynb)
has the settings that mend low figures, and says who warns."""


def how_we_know(pages: list[Page]) -> dict:
    "The page with everything that speaks for the book's equations and code."
    chapters = [page for page in pages if page.chapter]
    found = {page.stem: equations(page) for page in chapters}
    count = sum(map(len, found.values()))
    parts = [TOP, "## Equations\n\n" + EQUATIONS]
    parts += [folded(f"{called(page).capitalize()}: {page.title}, {plural(len(rows), 'equation')}",
                     table(["equation", "label", "section", "checked by"], rows))
              for page in chapters if (rows := found[page.stem])]
    parts += ["## Mutants\n\n" + MUTANTS, *chapter_mutants(chapters)]
    parts += ["## NIST's reference problems\n\n" + NIST + "\n\n" + nist(), "## Versions\n\n" + versions()]
    said = (f"{count} equations, each with a cell that checks it; every function broken in every small way, and "
            "noticed; the figures of the last runs.")
    return notebook("how_we_know", said, parts)


# ---------------------------------------------------------------- the reference

def sentences(doc: str, word: str) -> str:
    "The sentences of a docstring that begin with `word`."
    return " ".join(re.findall(rf"(?:(?<=\s)|^){word}.*?(?:\.(?=\s|$)|$)", " ".join(doc.split())))


def linked(text: str, page: Page, pages: list[Page]) -> str:
    "A docstring's words with the equations that they name as links."
    said = text.replace("of this chapter", f"of {called(page)}").replace("this chapter's", f"{called(page)}'s")
    return without_code(said, lambda t: linked_labels(t, page, pages, there=True))


def called(page: Page) -> str:
    "What a chapter or an appendix is called."
    return f"{'chapter' if page.chapter[:1].isdigit() else 'appendix'} {page.chapter}"


def types(function) -> dict[str, str]:
    "The parameters' types as their author wrote them: numpy's ArrayLike is a long union once Python has read it."
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    return {a.arg: ast.unparse(a.annotation) for a in ast.walk(tree.args) if isinstance(a, ast.arg) and a.annotation}


def parameters(function) -> str:
    "The table of a function's parameters, from its docments."
    from fastcore.docments import docments
    found, written, rows = docments(function, full=True, returns=True), types(function), []
    for name, p in found.items():
        if name in ("self", "cls", "return"):
            continue
        kind = f"`{written[name]}`" if name in written else ""
        default = "" if p["default"] is inspect.Parameter.empty else f"`{p['default']!r}`"
        rows.append([f"`{name}`", kind, default, p["docment"] or ""])
    text = table(["parameter", "type", "default", "what it is"], rows) if rows else ""
    back = found.get("return", {}).get("docment") if "return" in found else None
    return text + (f"\n\n**Returns** {back}." if back else "")


def members(cls: type) -> str:
    "The table of a class's public attributes and methods that say what they are."
    rows = []
    for name, value in vars(cls).items():
        function = getattr(value, "func", None) or getattr(value, "fget", None) or value
        doc = inspect.getdoc(function) if callable(function) or isinstance(value, property) else None
        if not name.startswith("_") and doc:
            rows.append([f"`{name}`", doc.split("\n")[0]])
    return table(["attribute or method", "what it is"], rows) if rows else ""


def printed(cell: dict) -> str:
    "What a code cell printed or returned as text, its first lines."
    outputs = cell.get("outputs", [])
    text = "".join("".join(out.get("text", out.get("data", {}).get("text/plain", ""))) for out in outputs)
    lines = text.rstrip().split("\n")
    return "" if text.startswith("<") else "\n".join(lines[:SAMPLE] + ["…"] * (len(lines) > SAMPLE))


def example(name: str, page: Page) -> str:
    "The shortest cell of the chapter that shows the function at work with a printed answer, and that answer."
    found = []
    for cell in page.nb["cells"]:
        opts, code = options(source(cell)) if cell["cell_type"] == "code" else ({}, "")
        defines = re.search(rf"^(def|class) {name}\b|^show_doc", code, re.M)
        if re.search(rf"\b{name}\(", code) and not defines and "code-fold" not in opts and printed(cell):
            found.append((code.count("\n"), f"```python\n{code.strip()}\n```\n\n```\n{printed(cell)}\n```"))
    lines, text = min(found, default=(0, ""))
    return text if lines < SAMPLE else ""


def entry(name: str, value, module: str, page: Page, pages: list[Page]) -> str:
    "One function or class of the reference."
    doc = inspect.getdoc(value) or ""
    head = " ".join(doc.split("\n\n")[0].split()).partition(" Source: ")[0]
    home = "linreg_nb" if name in import_module("linreg_nb").__all__ else f"linreg_nb.{module}"
    derived = f"[{called(page)}]({page.path.name})"
    parts = [f"### {name} {{#{name}}}", head, f"`from {home} import {name}` · derived in {derived}"]
    parts.append(members(value) if inspect.isclass(value) else parameters(value))
    for word, title in (("Raises", "Errors"), ("Warns", "Warnings"), ("Source:", "Source")):
        if said := sentences(doc, word):
            parts.append(f"**{title}.** " + said.removeprefix("Source:").strip())
    parts = [linked(part, page, pages) for part in parts]
    if shown := example(name, page):
        parts.append("**Example.**\n\n" + shown)
    return "\n\n".join(part for part in parts if part)


def public(page: Page) -> tuple[str, list[tuple[str, object]]]:
    "The module of a chapter and its public functions and classes, in the chapter's order."
    module = page_name(page.path)
    if not (ROOT / "linreg_nb" / f"{module}.py").exists():
        return module, []
    loaded = import_module(f"linreg_nb.{module}")
    values = [(name, getattr(loaded, name)) for name in loaded.__all__]
    return module, [(name, v) for name, v in values if inspect.isclass(v) or inspect.isroutine(v)]


REFERENCE = """\
Made from the module's own source: the table of a function is its signature and the comments beside it, and the
example is a cell of its chapter with the answer that is stored there; what the cell uses was made in the cells
before it. Names that most people need come from `linreg_nb` itself, the others from the module of their
chapter. What users of other packages call the same things stands in [chapter 9](09_least_squares.ipynb)."""


def reference(pages: list[Page]) -> dict:
    "Every public name, with parameters, errors, source and an example."
    parts, count = [], 0
    for page in pages:
        module, found = public(page)
        count += len(found)
        if found:
            parts.append(f"## {page.chapter} {page.title}: `linreg_nb.{module}` {{#{module}}}")
            parts += [entry(name, value, module, page, pages) for name, value in found]
    said = (f"{count} functions and classes, with parameters, shapes, errors, where they come from, and, where a cell "
            "shows one, an example that was run.")
    return notebook("reference", said, [REFERENCE, *parts])


# ---------------------------------------------------------------- symbols

SYMBOLS = """\
These are the meanings throughout the book; where a chapter needs a letter for something else, it says so. On these
pages, the letters that never change their meaning show it when the pointer rests on them in a formula, or a finger taps
them."""
STEADY = "ndpijxXyθeεσJαλκH"  # letters that mean the same in every chapter
LETTERS = {"theta": "θ", "alpha": "α", "kappa": "κ", "sigma": "σ", "mu": "μ", "lambda": "λ", "varepsilon": "ε",
           "nabla": "∇", "partial": "∂"}
PLAIN = {r"\\frac\{?1\}?\{?2n\}?": "1/(2n) ", r"\\frac12": "½", r"\^T": "ᵀ", r"\\hat\s*\\theta": "θ̂", r"\\hat e": "ê",
         r"\^\*": "*", r"\\sum_i": "Σ", r"\\ldots": "…", r"\\approx": "≈", r"\\cdot": "·", r"\\(max|min)": r"\1",
         rf"\\({'|'.join(LETTERS)})": lambda m: LETTERS[m[1]]}


def plain(text: str) -> str:
    "A little TeX in Markdown as plain text."
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    for pattern, instead in PLAIN.items():
        text = re.sub(pattern, instead, text)
    return re.sub(r"\s+", " ", re.sub(r"[$`{}]|\\[a-z]*", "", text)).strip()


def notation(pages: list[Page]) -> list[list[str]]:
    "The rows of the table of symbols in chapter 0: symbol, what it is, in code, shape."
    data = next(page for page in pages if page.stem == "data")
    text = next(t for cell in data.nb["cells"] if "| symbol | what it is |" in (t := source(cell)))
    rows = [re.split(r"(?<!\\) ?\| ?", line.strip("| \n")) for line in text.split("\n") if line.startswith("| $")]
    return [row + [""] * (4 - len(row)) for row in rows]


def symbols(pages: list[Page]) -> dict:
    "The glossary of symbols."
    said = "What each letter in the book's formulas means, what it is called in code, and the shape it has."
    return notebook("symbols", said, [SYMBOLS, table(["symbol", "what it is", "in code", "shape"], notation(pages))])


def meanings(pages: list[Page]) -> dict[str, str]:
    "For each steady letter what it means, in plain text; the meanings of several rows one below the other."
    found: dict[str, list[str]] = {}
    for row in notation(pages):
        written = re.findall(r"\$(.+?)\$", row[0])
        says = f"{', '.join(map(plain, written))}: {plain(row[1])}"
        for letter in dict.fromkeys(plain(tex)[0] for tex in written):
            found.setdefault(letter, []).append(says)
    return {letter: "\n".join(says) for letter, says in found.items() if letter in STEADY}


# ---------------------------------------------------------------- break it

def breaks(pages: list[Page]) -> dict:
    "The page that counts the breaks a reader has caught."
    made = notebook("break_it", "Break the book's functions yourself, and see which check notices.", [])
    made["cells"] += break_it(pages)
    return made


# ---------------------------------------------------------------- what else a site has

def not_found(pages: list[Page]) -> dict:
    "The page for an address that leads nowhere."
    chapters = "\n".join(f"- [{page.chapter} {page.title}]({page.path.name})" for page in pages if page.chapter)
    said = "It may have moved. The search above looks through the whole book, and these are its chapters:"
    return notebook("404", "There is no page at this address.", [f"{said}\n\n{chapters}"])


def llms(pages: list[Page], home: str) -> str:
    "The site's contents for programs that read, by the convention of llms.txt."
    about = next((p.description for p in pages if p.stem == "index"), "")
    how = "Each page is made from a notebook that derives a result, exports the function for it, and tests both."
    lines = ["# linreg_nb", "", f"> {about}", "", how, "", "## Chapters", ""]
    lines += [f"- [{p.chapter} {p.title}]({home}/{p.stem}.html): {p.description}" for p in pages if p.chapter]
    lines += ["", "## Made from the book", ""]
    lines += [f"- [{title}]({home}/{stem}.html)" for stem, title in MADE.items() if stem != "404"]
    return "\n".join(lines) + "\n"


def add_pages(proc: Path) -> None:
    "Write the pages into `proc`, and their names into its sidebar."
    pages = [read_page(path) for path in sorted(proc.glob("*.ipynb")) if path.stem not in MADE]
    for page in pages:
        number_labels(page)
    makers = {"symbols": symbols, "reference": reference, "how_we_know": how_we_know, "break_it": breaks,
              "404": not_found}
    for stem, made in makers.items():
        (proc / f"{stem}.ipynb").write_text(json.dumps(made(pages)), encoding="utf-8")
    path = proc / "sidebar.yml"
    sidebar = yaml.safe_load(path.read_text(encoding="utf-8"))
    contents = sidebar["website"]["sidebar"]["contents"]
    contents += [f"{stem}.ipynb" for stem in MADE if stem != "404" and f"{stem}.ipynb" not in contents]
    path.write_text(yaml.safe_dump(sidebar, sort_keys=False, allow_unicode=True), encoding="utf-8")


def finish_extra(site: Path, proc: Path, home: str, base: str) -> None:
    "What is no page: llms.txt; and on page 404, which is shown at any address, links that don't depend on it."
    pages = [read_page(path) for path in sorted(proc.glob("*.ipynb")) if path.stem not in MADE]
    (site / "llms.txt").write_text(llms(pages, home), encoding="utf-8")
    script = site / "site_libs" / "book.js"
    if script.exists():
        text = json.dumps(meanings(pages), ensure_ascii=False)
        script.write_text(f"const symbols = {text};\n" + script.read_text(encoding="utf-8"), encoding="utf-8")
    path = site / "404.html"
    relative = re.compile(r'\b(href|src)="(?![a-z]+:|[/#])')
    path.write_text(relative.sub(rf'\1="{base}/', path.read_text(encoding="utf-8")), encoding="utf-8")
