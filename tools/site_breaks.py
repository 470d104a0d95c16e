"""The "Break it" boxes of the site, and the page that counts what a reader has caught, from tools/breaks.json.

A box holds everything that its script, tools/breakit.js, needs, as a table that reads without a script, too: nothing
is run in the reader's browser and nothing is fetched.
"""
import json
import shutil
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from book import page_name
from breaks import Chosen, chosen, is_current, read_record
from site_text import Page, number_labels, options, read_page, source, with_options
from spots import Edit

HERE = Path(__file__).resolve().parent
SCRIPT = '<script src="site_libs/breakit.js" defer></script>'
EQUIVALENT = "No check notices: this one is equivalent. "
HOW = ("Press a marked spot in the code, and choose how to break it. Each break was run beforehand, with the rest of "
       'the chapter: you see which check went red first, and what it said. What you catch is counted on the page <a '
       'href="break_it.html">Break it</a>.')


def html_cell(name: str, text: str) -> dict:
    "A processed cell that shows HTML and no code."
    out = {"output_type": "display_data", "metadata": {}, "data": {"text/html": text}}
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "source": "#| echo: false\n",
            "outputs": [out]}


def target(page: Page, cell_id: str) -> str:
    "Where the page shows a cell, given a label if it has none; '' where the page leaves the cell out."
    cell = next((c for c in page.nb["cells"] if c["id"] == cell_id), None)
    if cell is None:
        return ""
    opts, code = options(source(cell))
    if "label" not in opts:
        cell["source"] = with_options({"label": f"check-{cell_id}", **opts}, code)
        return f"check-{cell_id}"
    return opts["label"]


def place(page: Page, red: dict) -> tuple[str, str]:
    "Where a break was noticed: in a few words, and as HTML with links."
    if not red["red"]:
        return "the run comes to no end", "The run came to no end, and was stopped."
    to, label = target(page, red["red"]), red["check"]
    cell = f'<a href="#{to}">this cell</a>' if to else "a cell that the page leaves out"
    statement = f'<code>{escape(red["statement"])}</code>'
    if label in page.numbers:
        short = f"equation {page.numbers[label]}"
        return short, f'Red: the check of <a href="#{label}">{short}</a>, in {cell}: {statement}'
    return red["statement"], f"Red: in {cell}, {statement}"


def row(code: str, edit: Edit, record: dict) -> str:
    "One break as a row of the table, with what the script needs."
    line, spot = code.count("\n", 0, edit.spot[0]) + 1, escape(code[slice(*edit.spot)])
    said = "<br>".join(f"<code>{escape(text)}</code>" for text in record["said"].split("\n")) if "red" in record \
        else EQUIVALENT + escape(sentence(record["why"]))
    data = f'data-id="{record["id"]}" data-spot="{edit.spot[0]} {edit.spot[1]}" data-edit="{edit.start} {edit.end}"'
    return (f'<tr {data} data-new="{escape(edit.new)}"><td>line {line}, <code>{spot}</code>: '
            f"<span>{escape(edit.says)}</span></td><td>{said}</td></tr>")


def sentence(text: str) -> str:
    "Words as a sentence."
    return text[:1].upper() + text[1:] + "." * (not text.endswith("."))


def table(page: Page, c: Chosen, breaks: list[dict]) -> str:
    "All breaks of a function, those that go red at the same place together."
    def where(pair: tuple[Edit, dict]) -> list[str]:
        return [pair[1].get(key, "~") for key in ("red", "check", "statement")]

    order = {tuple(where(p)): i for i, p in reversed([*enumerate(zip(c.function.edits, breaks, strict=True))])}
    pairs = sorted(zip(c.function.edits, breaks, strict=True), key=lambda p: order[tuple(where(p))])
    bodies = []
    for _, group in groupby(pairs, where):
        rows = [*group]
        red = rows[0][1]
        short, shown = place(page, red) if "red" in red else ("no check", "Nothing goes red.")
        kind = "red" if "red" in red else "same"
        lines = "".join(row(c.function.code, *pair) for pair in rows)
        bodies.append(f'<tbody data-kind="{kind}" data-short="{escape(short)}"><tr><th colspan="2" scope="rowgroup">'
                      f"{shown}</th></tr>{lines}</tbody>")
    return f"<table><thead><tr><th>break</th><th>what it says</th></tr></thead>{''.join(bodies)}</table>"


def marked(code: str, edits: list[Edit]) -> str:
    "The code with its spots marked."
    parts, end = [], 0
    for start, stop in sorted({e.spot for e in edits}):
        parts += [escape(code[end:start]), f"<mark>{escape(code[start:stop])}</mark>"]
        end = stop
    return "".join(parts) + escape(code[end:])


def box(page: Page, c: Chosen, breaks: list[dict]) -> str:
    "The box of one function."
    name, code = c.function.node.name, c.function.code
    return (f'<div class="breakit" id="break-{name}" data-function="{c.name}"><details><summary><b>Break it</b> '
            f'{escape(c.says)} <span class="breakit-count"></span></summary><p class="breakit-how">{HOW}</p>'
            f'<pre class="breakit-code"><code>{marked(code, c.function.edits)}</code></pre>'
            f'<div class="breakit-verdict" role="status"></div><details class="breakit-all"><summary>All '
            f"{len(breaks)} breaks, and what notices each</summary>{table(page, c, breaks)}</details></details></div>")


def count(breaks: list[dict]) -> int:
    "How many of the breaks are noticed, and so can be caught."
    return sum("red" in b for b in breaks)


def ready(pages: list[Page]) -> Iterator[tuple[Page, Chosen, list[dict]]]:
    "Each chosen function whose record is current, with its page and its breaks."
    record, book = read_record(), {page_name(page.path): page for page in pages}
    for c in chosen([]):
        if is_current(c, record):
            yield book[c.chapter.module], c, record[c.name]["breaks"]


def outdated() -> list[str]:
    "A line for each function whose box is left out, because its chapter has changed since its breaks were run."
    record = read_record()
    return [f"{c.name} has changed since it was broken; its box is left out until you run `python tools/breaks.py`"
            for c in chosen([]) if not is_current(c, record)]


def add_boxes(proc: Path) -> None:
    "Put each box behind the cell that defines its function."
    pages = [read_page(path) for path in sorted(proc.glob("*.ipynb"))]
    for page, group in groupby(ready(pages), lambda found: found[0]):
        number_labels(page)
        made = [(c, box(page, c, breaks)) for _, c, breaks in group]
        for i, (c, text) in enumerate(made):
            cells = page.nb["cells"]
            at = next(k for k, cell in enumerate(cells) if cell["id"] == c.function.cell.id) + 1
            while cells[at]["id"].startswith("break-"):
                at += 1
            cells.insert(at, html_cell(f"break-{c.function.node.name}", text + SCRIPT * (i == 0)))
        page.path.write_text(json.dumps(page.nb), encoding="utf-8")
    for line in outdated():
        print(f"    mend: {line}")


WHY = """\
A test is worth what it notices. *Mutation testing* asks what that is: it breaks the code in one small way, flips a
sign, drops a transpose, and runs the chapter again. If a check goes red, the break is caught. If none does, the tests
have a hole there, or the change makes no difference to any result; there is no third case. A test that can't fail is
no test: it says the same of right code and of wrong.

In these chapters, the functions below have a box, "Break it", behind their code. There you break them yourself. All
breaks were run beforehand, so nothing needs to be installed or loaded."""
CAUGHT = """\
A break counts as *caught* once you have made it and have seen a check go red; one that no check notices, because it
changes no result, doesn't count. It counts as *foreseen*, too, if you named beforehand what would go red. The count is
kept in this browser and sent nowhere."""


def line_of(page: Page, c: Chosen, breaks: list[dict]) -> str:
    "A function's row in the table that counts."
    name, ids = c.function.node.name, " ".join(b["id"] for b in breaks if "red" in b)
    link = f'<a href="{page.stem}.html#break-{name}"><code>{name}</code></a>'
    cells = f"<td>{link}</td><td>{count(breaks)}</td><td></td><td></td>"
    return f'<tr data-function="{c.name}" data-ids="{ids}">{cells}</tr>'


def progress(found: list[tuple[Page, Chosen, list[dict]]]) -> str:
    "The table of all boxes, in which the script counts."
    parts = ['<div class="breakit-progress"><table><thead><tr><th>function</th><th>breaks</th><th>caught</th>'
             "<th>foreseen</th></tr></thead>"]
    for page, group in groupby(found, lambda entry: entry[0]):
        entries = list(group)
        head = f'<th scope="rowgroup">{escape(f"{page.chapter} {page.title}")}</th>'
        total = sum(count(breaks) for _, _, breaks in entries)
        parts.append(f"<tbody><tr>{head}<td>{total}</td><td></td><td></td></tr>")
        parts += [*(line_of(*entry) for entry in entries), "</tbody>"]
    total = sum(count(breaks) for _, _, breaks in found)
    parts.append(f'<tfoot><tr><th scope="row">all</th><td>{total}</td><td></td><td></td></tr></tfoot></table>'
                 '<p hidden><button type="button" class="breakit-choice">Forget what I have caught</button></p></div>')
    return "".join(parts) + SCRIPT


def break_it(pages: list[Page]) -> list[dict]:
    "The cells of the page that explains the boxes, lists them and counts."
    found = list(ready(pages))
    texts = [WHY, "## Caught so far\n\n" + CAUGHT]
    cells = [{"cell_type": "markdown", "id": f"why-{k}", "metadata": {}, "source": t} for k, t in enumerate(texts)]
    return [*cells, html_cell("progress", progress(found))]


def add_script(site: Path) -> None:
    "The script of the boxes, beside the site's other ones."
    (site / "site_libs").mkdir(exist_ok=True)
    shutil.copy(HERE / "breakit.js", site / "site_libs" / "breakit.js")
