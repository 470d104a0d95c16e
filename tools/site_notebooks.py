"""The chapters as plain Jupyter notebooks, which a reader runs in the browser, on Colab or on a desktop.

What only nbdev and Quarto read is gone: directives, the cell that exports, labels and references (they become numbers
and links), callouts (they become quotations, or details to unfold). The browser's Python has fewer packages. There a
cell tagged `desktop` becomes a sentence that says what it needs, which are the cell's other tags.
"""
import ast
import json
import re
import sys
from pathlib import Path

from book import page_name
from site_pages import fold_title, pick
from site_text import (
    EQUATION,
    REFERENCE,
    Page,
    aligned,
    line_start,
    number_labels,
    options,
    reference,
    source,
    without_code,
)

BROWSER = {"numpy", "scipy", "matplotlib", "mpl_toolkits", "pandas", "sklearn", "sympy", "mpmath", "pytest", "IPython",
           "narwhals", "formulaic", "patsy", "linreg_nb"}  # the modules there beyond Python itself
BESIDE = {"formulaic"}  # those of them that don't come with Pyodide, and lie beside this package's own wheel
NAMES = {"sklearn": "scikit-learn", "polars_ols": "polars-ols"}  # a module: its package, where the names differ
CALLOUT = re.compile(r'^(?P<fence>:::+) *\{\.callout-\w+(?P<fold> collapse="true")? title="(?P<title>[^"\n]*)"\}\n'
                     r"(?P<body>.*?)\n(?P=fence)[ \t]*(?:\n|\Z)", re.M | re.S)
HEADING = re.compile(r"^#{2,4} (.+)$", re.M)
CHAPTER_LINK = re.compile(r"\]\((\d+[a-z]?_[\w-]+|index)\.ipynb")
EXPORTS = re.compile(r"^import nbdev; nbdev\.nbdev_export\(\)\n?", re.M)
NBDEV = re.compile(r"^#\|[^:\n]*$\n?", re.M)  # nbdev's directives have no colon, Quarto's have
HERE = ("*This copy of the chapter runs in your browser: Run, then Run All Cells. Nothing has to be installed, and "
        "what you change stays in this browser.*")
KERNELS = {True: {"display_name": "Python (Pyodide)", "language": "python", "name": "python"},
           False: {"display_name": "Python 3", "language": "python", "name": "python3"}}


def read_pages(nbs: Path) -> list[Page]:
    "The notebooks of the book with the numbers of their equations and figures, in reading order."
    pages = []
    for path in sorted(nbs.glob("[!._]*.ipynb")):
        nb = json.loads(path.read_text(encoding="utf-8"))
        for cell in nb["cells"]:
            if cell["cell_type"] == "code":
                cell["hidden"] = bool(re.search(r"^#\| hide$", source(cell), re.M))
                cell["source"] = NBDEV.sub("", source(cell))
        title = re.match(r"# (.+)", source(nb["cells"][0]))
        page = Page(path, nb, page_name(path), title[1] if title else path.stem)
        number_labels(page)
        pages.append(page)
    return pages


def equation(match: re.Match, page: Page) -> str:
    "A displayed equation on a line of its own, with its number, under a place that links can lead to."
    tex = match["bare"] or match["tex"]
    tex = " ".join(re.sub(r"^[ \t>]+", "", line) for line in aligned(tex).strip().split("\n"))
    label = match["label"]
    if not label:
        return f"$$ {tex} $$"
    gap = "\n" + line_start(match)
    return f'<a id="{label}"></a>{gap}{gap}$$ {tex} \\tag{{{page.numbers[label].strip("()")}}} $$'


def callout(match: re.Match) -> str:
    "A callout as a quotation, or as details to unfold where the page folds it."
    if match["fold"]:
        return f"<details>\n<summary>{match['title']}</summary>\n\n{match['body']}\n\n</details>\n"
    lines = [f"**{match['title']}**", "", *match["body"].split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


def slug(heading: str) -> str:
    "What the site calls a heading in its addresses."
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())).strip("-")


def with_places(text: str, page: Page) -> str:
    "Markdown with a place before each heading that a link of its chapter leads to; Jupyter has other names for them."
    linked = {m for cell in page.nb["cells"] for m in re.findall(r"\]\(#([\w-]+)\)", source(cell))}

    def heading(match: re.Match) -> str:
        return f'<a id="{slug(match[1])}"></a>\n\n{match[0]}' if slug(match[1]) in linked else match[0]
    return HEADING.sub(heading, text)


def prose(text: str, page: Page, stems: dict[str, str], browser: bool, home: str) -> str:
    "Markdown as Jupyter shows it; a copy that leaves the site links to the chapters' published pages."
    def change(t: str) -> str:
        t = EQUATION.sub(lambda m: equation(m, page), with_places(t, page))
        return CALLOUT.sub(callout, REFERENCE.sub(lambda m: reference(m, page), t))
    text = without_code(text, change)
    return text if browser else CHAPTER_LINK.sub(lambda m: f"]({home}/{stems[m[1]]}.html", text)


def markdown(cell_id: str, text: str) -> dict:
    "A Markdown cell."
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": text.splitlines(keepends=True)}


def only_imports(code: str) -> list[ast.stmt]:
    "The statements of a cell that holds imports and nothing else; none otherwise."
    found = ast.parse(re.sub(r"^[ \t]*[%!].*$", "pass", code, flags=re.M)).body
    return found if all(isinstance(n, ast.Import | ast.ImportFrom) for n in found) else []


def modules(statement: ast.stmt) -> set[str]:
    "The packages that an import statement names."
    names = [statement.module] if isinstance(statement, ast.ImportFrom) else [a.name for a in statement.names]
    return {name.partition(".")[0] for name in names if name}


def absent(statement: ast.stmt) -> set[str]:
    "The packages among them that the browser's Python lacks."
    return {n for n in modules(statement) if n not in BROWSER and n not in sys.stdlib_module_names}


def importable(code: str) -> str:
    "A cell of imports with those taken out that the browser can't serve."
    lines = code.split("\n")
    for statement in only_imports(code):
        if absent(statement):
            for n in range(statement.lineno - 1, statement.end_lineno):
                lines[n] = f"# on a desktop: {lines[n]}"
    return "\n".join(lines)


def wanted(page: Page) -> list[str]:
    "The packages beyond Python itself that a chapter imports or a formula needs, by the names pip knows."
    cells = [EXPORTS.sub("", source(c)) for c in page.nb["cells"] if c["cell_type"] == "code"]
    found = {name for code in cells for s in only_imports(code) for name in modules(s)}
    found |= {"formulaic"} if re.search(r"\bfit_formula\(|\bformula=", "\n".join(cells)) else set()
    return sorted(NAMES.get(n, n) for n in found - sys.stdlib_module_names - {"linreg_nb", "mpl_toolkits", "IPython"})


def on_a_desktop(cell: dict, code: str, title: str) -> dict:
    "What stands in the browser in place of a cell that it can't run; with a title, the code is folded."
    needs = [tag for tag in cell["metadata"]["tags"] if tag != "desktop"]
    said = f"*This cell needs {' and '.join(needs)}: it runs on a desktop.*"
    block = f"````python\n{code}\n````"
    folded = f"<details>\n<summary>{title}</summary>\n\n{block}\n\n</details>" if title else block
    return markdown(cell["id"], f"{said}\n\n{folded}")


def fold(cell: dict, opts: dict, code: str, before: str) -> str:
    "The title of a code cell that the page folds or hides, '' for others."
    if cell["hidden"]:
        return "Imports"
    return (opts.get("code-summary") or fold_title(opts, code, before)) if opts.get("code-fold") else ""


def code_cell(cell: dict, before: str, browser: bool) -> dict | None:
    "A code cell without what only nbdev and Quarto read, folded where the page folds it; None where nothing is left."
    opts, code = options(source(cell))
    code = EXPORTS.sub("", code).rstrip()
    if not code:
        return None
    title = fold(cell, opts, code, before)
    if browser and "desktop" in cell["metadata"].get("tags", []):
        return on_a_desktop(cell, code, title)
    code = (f"# {title}\n" if title else "") + (importable(code) if browser else code)
    metadata = {"jupyter": {"source_hidden": True}} if title else {}
    return {"cell_type": "code", "execution_count": None, "id": cell["id"], "metadata": metadata,
            "outputs": cell.get("outputs", []), "source": code.splitlines(keepends=True)}


def caption(cell: dict, page: Page) -> str:
    "The numbered caption of a figure as Markdown; nothing for other cells."
    opts = options(source(cell))[0] if cell["cell_type"] == "code" else {}
    label = opts.get("label")
    if label not in page.numbers:
        return ""
    return f'<a id="{label}"></a>**Figure {page.numbers[label]}:** {pick(opts.get("fig-cap"), 0)}'


def opening(page: Page, browser: bool, home: str, url: str) -> list[dict]:
    "The cells under the title: what this copy is, and its packages."
    if browser:
        here = HERE
        packages = ["linreg_nb", *(name for name in wanted(page) if name in BESIDE)]
    else:
        here = f"*From [{page.title}]({home}/{page.stem}.html), where this chapter can be read with all its links.*"
        packages = [f"git+{url}", *wanted(page)]
    install = {"cell_type": "code", "execution_count": None, "id": "packages", "metadata": {}, "outputs": [],
               "source": ["%pip install -q " + " ".join(packages)]}
    return [markdown("this-copy", here), install]


def notebook(page: Page, stems: dict[str, str], browser: bool, home: str, url: str) -> dict:
    "A chapter as a plain notebook: for the browser's Python, or for Colab and a desktop."
    def mended(text: str) -> str:
        return prose(text, page, stems, browser, home)
    cells, before = [], ""
    for cell in page.nb["cells"]:
        if cell["cell_type"] == "markdown":
            cells.append(markdown(cell["id"], mended(source(cell))))
        elif cell["cell_type"] == "code" and (made := code_cell(cell, before, browser)):
            cells.append(made)
            if said := caption(cell, page):
                cells.append(markdown(f"{cell['id']}-caption", mended(said)))
        before = source(cell)
    return {"cells": cells[:1] + opening(page, browser, home, url) + cells[1:],
            "metadata": {"kernelspec": KERNELS[browser]}, "nbformat": 4, "nbformat_minor": 5}


def write_notebooks(nbs: Path, folder: Path, browser: bool, home: str, url: str) -> list[str]:
    "All chapters as plain notebooks in `folder`; returns their names."
    pages = read_pages(nbs)
    stems = {page.path.stem: page.stem for page in pages}
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        text = json.dumps(notebook(page, stems, browser, home, url), indent=1, ensure_ascii=False)
        (folder / page.path.name).write_text(text + "\n", encoding="utf-8")
    return [page.path.name for page in pages]
