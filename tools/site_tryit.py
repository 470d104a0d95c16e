"""Try it: a box under a cell with the tag `try`, in which a reader runs and changes the cell's code.

The box holds what the cell shows, without its tests, and what that needs of the cells before it (site_slices): nothing
is written twice. It runs in bare Pyodide in a worker, which is loaded when the first box of a page is opened. A page
without JavaScript is as it was.
"""
import ast
import functools
import html
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from site_slices import box, statements
from site_text import options, source

HERE = Path(__file__).resolve().parent / "tryit"
MARK = re.compile(r'<div class="try-it" id="try-([\w-]+)">\s*</div>')
IMPORT = re.compile(r"^from (linreg_nb\S*) import (\w+)$", re.M)


@dataclass
class Box:
    "The code of a box."
    before: str  # what runs first, unseen until asked for
    code: str    # what the reader changes
    module: str

    @property
    def name(self) -> str:
        "The functions of the book that the code calls, those of its own chapter if there are any."
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(self.code)) if isinstance(node, ast.Call)}
        known = dict.fromkeys(IMPORT.findall(self.before))
        called = [pair for pair in known if pair[1] in calls] or list(known)
        own = [pair for pair in called if pair[0] == self.module]
        return ", ".join(name for _, name in own or called)


@functools.cache
def boxes(path: Path) -> dict[str, Box]:
    "The boxes of a chapter, by the ids of their cells."
    module, earlier, found = f"linreg_nb.{page_name(path)}", [], {}
    cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    tagged = [k for k, cell in enumerate(cells) if "try" in cell["metadata"].get("tags", [])]
    for k, cell in enumerate(cells[:max(tagged, default=-1) + 1]):
        if k in tagged:
            found[cell["id"]] = Box(*box(options(source(cell))[1].strip(), earlier), module)
        earlier += statements(source(cell), module)
    return found


def page_name(path: Path) -> str:
    "What the page of a notebook is called."
    return re.sub(r"^\d+[a-z]?_", "", path.stem)


def mark(nbs: Path, proc: Path) -> None:
    "A place for each box behind its cell, in nbdev's processed notebooks."
    for path in nbs.glob("[!._]*.ipynb"):
        tagged = boxes(path)
        nb = json.loads((proc / path.name).read_text(encoding="utf-8"))
        for i, cell in reversed(list(enumerate(nb["cells"]))):
            if cell.get("id") in tagged:
                name = f"try-{cell['id']}"
                text = f'```{{=html}}\n<div class="try-it" id="{name}"></div>\n```'
                nb["cells"].insert(i + 1, {"cell_type": "markdown", "id": name, "metadata": {}, "source": text})
        (proc / path.name).write_text(json.dumps(nb), encoding="utf-8")


def place(cell_id: str, made: Box) -> str:
    "What stands in the page: a button, and the code for the script that it starts."
    data = json.dumps({"before": made.before, "code": made.code}, ensure_ascii=False).replace("</", r"<\/")
    name = html.escape(made.name, quote=True)
    return (f'<div class="try-it" id="try-{cell_id}"><button type="button" data-name="{name}" aria-expanded="false" '
            f'aria-label="Try it: {name}">Try it</button><script type="application/json">{data}</script></div>')


def fill(nbs: Path, site: Path, pyodide: str, wheel: Path) -> int:
    "Put the boxes into the pages and beside them what they run; returns how many there are."
    count = 0
    for path in nbs.glob("[!._]*.ipynb"):
        found = boxes(path)
        page = site / f"{page_name(path)}.html"
        text, done = MARK.subn(lambda m, found=found: place(m[1], found[m[1]]), page.read_text(encoding="utf-8"))
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
