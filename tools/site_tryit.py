"""Try it: a box in which a reader runs and changes code in the page.

Under a cell with the tag `try`, the box holds what the cell shows, without its tests, and what that needs of the cells
before it (slices). Before the hint of an exercise that code grades, it holds what the reader is asked to write, and
the exercise's test runs behind it. Nothing is written twice. The code runs in bare Pyodide in a worker, which is
loaded when the first box of a page is opened. A page without JavaScript is as it was.
"""
import ast
import functools
import html
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from book import Chapter, page_name
from exercises import exercises, place
from site_text import options, source
from slices import box, preparation, statements

HERE = Path(__file__).resolve().parent / "tryit"
HINT = re.compile(r'^:::+ *\{\.callout-tip collapse="true" title="Hint (\d+)"\}$', re.M)
MARK = re.compile(r'<div class="try-it" id="try-([\w-]+)">\s*</div>')
LACKING = re.compile(r"^from (?:concurrent|linreg_nb\.formulas)\b", re.M)  # no threads and no formulaic in a box
IMPORT = re.compile(r"^from (linreg_nb\S*) import (.+)$", re.M)


@dataclass
class Box:
    "The code of a box."
    before: str     # what runs first, unseen until asked for
    code: str       # what the reader changes
    name: str       # what the box is about
    test: str = ""  # an exercise's test, which runs last


def called(before: str, code: str, module: str) -> str:
    "The functions of the book that the code calls, those of its own chapter if there are any."
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)}
    known = [(where, name) for where, names in IMPORT.findall(before) for name in names.split(", ")]
    found = [pair for pair in known if pair[1] in calls] or known
    own = [pair for pair in found if pair[0] == module]
    return ", ".join(name for _, name in own or found)


@functools.cache
def boxes(path: Path) -> dict[str, Box]:
    "The boxes of a chapter: by the ids of their cells, and `exercise-1` and so on."
    chapter, earlier, found = Chapter.read(path), [], {}
    module, tagged = f"linreg_nb.{chapter.module}", [c for c in chapter.code if is_tagged(c.raw)]
    for cell in chapter.code[:chapter.code.index(tagged[-1]) + 1] if tagged else ():
        if cell in tagged:
            before, code = box(options(cell.source)[1].strip(), earlier)
            found[cell.id] = Box(before, code, called(before, code, module))
        earlier += statements(cell.source, module)
    for e in exercises(chapter):
        before = preparation(chapter, place(chapter), "\n".join((e.given, e.answer, e.test)))
        if e.answer and not LACKING.search(before):
            found[f"exercise-{e.number}"] = Box(f"{before}\n{e.given}".strip(), e.stub, f"exercise {e.number}", e.test)
    return found


def is_tagged(cell: dict) -> bool:
    "Whether a cell has the tag `try`."
    return "try" in cell["metadata"].get("tags", [])


def empty(name: str) -> str:
    "The place of a box, until the site is built."
    return f'```{{=html}}\n<div class="try-it" id="try-{name}"></div>\n```'


def with_places(text: str, found: dict[str, Box]) -> str:
    "Markdown `text` with a place before the hint of each exercise that has a box."
    def hint(match: re.Match) -> str:
        name = f"exercise-{match[1]}"
        return f"{empty(name)}\n\n{match[0]}" if name in found else match[0]
    return HINT.sub(hint, text)


def mark(nbs: Path, proc: Path) -> None:
    "A place for each box, in nbdev's processed notebooks: behind its cell, or before the exercise's hint."
    for path in nbs.glob("[!._]*.ipynb"):
        found, cells = boxes(path), []
        nb = json.loads((proc / path.name).read_text(encoding="utf-8"))
        for cell in nb["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = with_places(source(cell), found)
            cells.append(cell)
            if (name := cell.get("id")) in found:
                cells.append({"cell_type": "markdown", "id": f"try-{name}", "metadata": {}, "source": empty(name)})
        (proc / path.name).write_text(json.dumps(nb | {"cells": cells}), encoding="utf-8")


def button(cell_id: str, made: Box) -> str:
    "What stands in the page: a button, and the code for the script that it starts."
    data = json.dumps({"before": made.before, "code": made.code, "test": made.test}, ensure_ascii=False)
    name = html.escape(made.name, quote=True)
    return (f'<div class="try-it" id="try-{cell_id}"><button type="button" data-name="{name}" aria-expanded="false" '
            f'aria-label="Try it: {name}">Try it</button><script type="application/json">'
            + data.replace("</", r"<\/") + '</script></div>')


def fill(nbs: Path, site: Path, pyodide: str, wheel: Path) -> int:
    "Put the boxes into the pages and beside them what they run; returns how many there are."
    count = 0
    for path in nbs.glob("[!._]*.ipynb"):
        found = boxes(path)
        page = site / f"{page_name(path)}.html"
        text, done = MARK.subn(lambda m, found=found: button(m[1], found[m[1]]), page.read_text(encoding="utf-8"))
        if done != len(found):
            raise SystemExit(f"site: {page.name} has places for {done} of its {len(found)} boxes to try")
        if found:
            script = '<script type="module" src="site_libs/tryit/page.js"></script>\n</head>'
            page.write_text(text.replace("</head>", script, 1), encoding="utf-8")
        count += done
    dest = site / "site_libs" / "tryit"
    dest.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "page.js", HERE / "answer.py", nbs / "matplotlibrc", wheel):
        shutil.copy(file, dest)
    places = json.dumps({"pyodide": pyodide, "wheel": wheel.name})
    worker = (HERE / "worker.js").read_text(encoding="utf-8")
    (dest / "worker.js").write_text(f"const places = {places};\n{worker}", encoding="utf-8")
    return count
