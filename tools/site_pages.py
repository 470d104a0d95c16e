"""nbdev's processed notebooks as smalldocs needs them.

`prepare` copies them and mends, in the copies, what smalldocs does not know: labels, numbers, references and links
(in site_text), numbered figures with alt text, titles on folded code, and the pages' file names.
"""
import base64
import json
import re
import shutil
import struct
from pathlib import Path

import yaml
from site_text import Page, linked_labels, mend, number_labels, options, read_page, source, with_options

SIGNATURE = re.compile(r"^```python\n.*?^```\n*", re.M | re.S)
DPI = 144 / 96  # pixels of a stored picture for one of the page: nbs/matplotlibrc draws at 144 dots an inch
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


def pick(value, n: int) -> str:
    "The `n`-th of a list of captions, or the one caption there is."
    return str((value[n] if n < len(value) else "") if isinstance(value, list) else (value or "")).strip()


def picture_width(path: Path) -> str:
    "The width at which a PNG is as large as its author drew it, as an attribute; nothing for other pictures."
    return f' width="{round(struct.unpack(">I", path.read_bytes()[16:20])[0] / DPI)}"' if path.suffix == ".png" else ""


def figure(out: dict, opts: dict, n: int, page: Page, cell_id: str, folder: Path) -> dict:
    "A stored picture as a file, and the output as a Markdown figure with number, caption and alt text."
    mime = next(m for m in PICTURES if m in out["data"])
    data = "".join(out["data"][mime])
    name = f"{opts.get('label') or cell_id}{f'-{n}' if n else ''}.{PICTURES[mime]}"
    place = folder / f"{page.stem}_files" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data.encode() if mime.endswith("xml") else base64.b64decode(data))
    caption, alt = pick(opts.get("fig-cap"), n), pick(opts.get("fig-alt"), n)
    if not alt:
        page.notes.append(f"cell {cell_id}: the picture has no `#| fig-alt`")
    number = page.numbers.get(opts.get("label")) if n == 0 else None
    head = f"[Figure {number}:]{{.figure-number}} " if number else ""
    anchor = f"#{opts['label']} " if number else ""
    alt = re.sub(r"\s+", " ", alt.translate(str.maketrans('"{}', "'()")))
    size = picture_width(place)
    text = f'![{head}{caption}]({page.stem}_files/{name}){{{anchor}fig-alt="{alt}"{size}}}'
    return {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": text}}


def fold_title(opts: dict, code: str, before: str) -> str:
    "What a folded cell is called on the page: what is in it, rather than Code."
    if re.search(r'title="(Hint and s|S)olution \d', before):
        return "Solution in code, tested"
    if re.search(r"\bcheck\(", code):
        return "Check"
    return "Code for this figure" if str(opts.get("label", "")).startswith("fig-") else "Code"


def mend_code(cell: dict, page: Page, before: str, folder: Path) -> None:
    "A code cell: its pictures as figures, a title on the fold, and an id that the equation's mark can lead to."
    opts, code = options(source(cell))
    cell_id, n = cell["id"], 0
    for i, out in enumerate(cell.get("outputs", [])):
        if PICTURES.keys() & out.get("data", {}).keys() and "text/html" not in out["data"]:
            cell["outputs"][i] = figure(out, opts, n, page, cell_id, folder)
            n += 1
    if str(opts.get("code-fold")).lower() == "true":
        opts.setdefault("code-summary", fold_title(opts, code, before))
    label = str(opts.get("label", ""))
    for name in ("label", "fig-cap", "fig-alt"):
        opts.pop(name, None)
    if f"check-{cell_id}" in (label, *page.checks.values()):
        opts["label"] = f"check-{cell_id}"
    cell["source"] = with_options(opts, code)


def mend_documentation(text: str, page: Page, pages: list[Page]) -> str:
    "The entry of a documented function: its equations by number, and no signature, as the source stands right below."
    return linked_labels(SIGNATURE.sub("", text, count=1), page, pages)


def mend_page(page: Page, pages: list[Page], folder: Path, home: str) -> None:
    "All cells of a page, in place."
    before = ""
    for cell in page.nb["cells"]:
        text = source(cell)
        if cell["cell_type"] == "raw" and page.chapter:
            front = yaml.safe_load(text.strip().strip("-"))
            front["title"] = f"[{page.chapter}]{{.chapter-number}} {page.title}"
            cell["source"] = f"---\n{yaml.safe_dump(front, allow_unicode=True)}---\n"
        elif cell["cell_type"] == "markdown":
            cell["source"] = mend(text, page, pages, home)
        elif cell["cell_type"] == "code":
            mend_code(cell, page, before, folder)
            for out in cell.get("outputs", []):
                if "text/markdown" in out.get("data", {}):
                    found = mend_documentation("".join(out["data"]["text/markdown"]), page, pages)
                    out["data"]["text/markdown"] = mend(found, page, pages, home)
        before = text


def mend_sidebar(folder: Path, pages: list[Page]) -> None:
    "The sidebar's list with the pages' new names."
    path = folder / "sidebar.yml"
    text = path.read_text(encoding="utf-8")
    for page in pages:
        text = re.sub(rf"(?<![\w-]){re.escape(page.path.name)}", f"{page.stem}.ipynb", text)
    path.write_text(text, encoding="utf-8")


def prepare(proc: Path, folder: Path, home: str) -> list[str]:
    "Copy nbdev's processed files from `proc` to `folder`, mended; returns what an author should mend, a line each."
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(proc, folder, ignore=shutil.ignore_patterns("*.ipynb", "_docs"))
    pages = [read_page(path) for path in sorted(proc.glob("*.ipynb"))]
    for page in pages:
        number_labels(page)
    for page in pages:
        mend_page(page, pages, folder, home)
        (folder / f"{page.stem}.ipynb").write_text(json.dumps(page.nb), encoding="utf-8")
    mend_sidebar(folder, pages)
    return [f"{page.path.name}: {note}" for page in pages for note in page.notes]
