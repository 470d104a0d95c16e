#!/usr/bin/env python3
"Make README.md from nbs/index.ipynb; with --check, say whether the committed README is what the notebook gives."
import argparse
import base64
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter
from site_pages import pick
from site_text import EQUATION, REFERENCE, Page, number_labels, options, read_page, reference, source, without_code

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
PICTURES = "README_files"
WARNING = "<!-- Made from nbs/index.ipynb. Edit the notebook, then run: python tools/readme.py -->"
CALLOUT = re.compile(r"^(?P<fence>:{3,})[ \t]*\{\.callout-(?P<kind>\w+)(?P<rest>[^}]*)\}[ \t]*\n"
                     r"(?P<body>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
DIV = re.compile(r"^:{3,}.*\n?", re.M)
OWN_LINK = re.compile(r"\[([^\]]*)\]\(#(?:eq|fig|sec)-[\w-]+\)")
ATTRIBUTES = re.compile(r"(?<=[\])])\{[#.\w][^}\n]*\}|[ \t]+\{#[\w-]+[^}\n]*\}[ \t]*$", re.M)
CHAPTER_LINK = re.compile(r"\]\((?:\d+[a-z]?_)?([A-Za-z]\w*)\.ipynb")


def processed_index() -> Page:
    "The index as nbdev's own processing leaves it: no hidden cells, names linked to their pages."
    os.chdir(NBS)  # nbdev looks for its settings from here upwards
    sys.path.insert(0, str(ROOT))
    from nbdev.processors import FilterDefaults
    from nbdev.serve_drv import exec_nb
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.ipynb"
        exec_nb(Path("index.ipynb"), path, FilterDefaults)
        page = read_page(path)
    number_labels(page)
    return page


def addresses() -> tuple[str, str]:
    "Where the site is published, and where the repository's files can be had as they are (PyPI has no other way)."
    from nbdev.config import get_config
    cfg = get_config()
    raw = cfg.git_url.replace("https://github.com/", "https://raw.githubusercontent.com/")
    return cfg.doc_host + cfg.doc_baseurl, f"{raw}/{cfg.branch}"


def callout(match: re.Match) -> str:
    "A callout as a quotation with its title in bold, which every reader of Markdown shows."
    title = re.search(r'title="([^"]*)"', match["rest"])
    lines = [f"**{title[1] if title else match['kind'].capitalize()}**", "", *match["body"].strip().split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def plain_markdown(text: str, page: Page, home: str) -> str:
    "Quarto's Markdown as GitHub and PyPI read it: no labels, no divs, links to the published site."
    def change(t: str) -> str:
        t = EQUATION.sub(lambda m: f"$$\n{m['bare']}\n$$" if m["bare"] else f"$${m['tex']}$$", t)
        t = OWN_LINK.sub(r"\1", REFERENCE.sub(lambda m: reference(m, page), t))
        t = ATTRIBUTES.sub("", DIV.sub("", CALLOUT.sub(callout, t)))
        return CHAPTER_LINK.sub(rf"]({home}/\1.html", t)
    return without_code(text, change)


def picture(out: dict, opts: dict, n: int, name: str, raw: str) -> tuple[dict, bytes]:
    "A stored picture as a Markdown image with alt text and caption, and its bytes."
    caption, alt = pick(opts.get("fig-cap"), n), pick(opts.get("fig-alt"), n)
    alt = alt.translate(str.maketrans("[]", "()"))
    text = f"![{alt}]({raw}/{PICTURES}/{name})" + (f"\n\n{caption}" if caption else "")
    data = base64.b64decode("".join(out["data"]["image/png"]))
    return {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": text}}, data


def prepare_cell(cell: dict, page: Page, home: str, raw: str) -> dict[str, bytes]:
    "Turn a cell, in place, into what the exporter can write as it is; returns its pictures by file name."
    pictures: dict[str, bytes] = {}
    if cell["cell_type"] == "markdown":
        cell["source"] = plain_markdown(source(cell), page, home)
    if cell["cell_type"] != "code":
        return pictures
    opts, code = options(source(cell))
    hidden = opts.get("echo") is False or str(opts.get("code-fold")).lower() == "true"
    cell["source"] = code
    cell["metadata"] = {"transient": {"remove_source": hidden}}  # the exporter's own way to say so
    for i, out in enumerate(cell["outputs"]):
        if "image/png" in out.get("data", {}):
            name = f"{opts.get('label', cell['id'])}{f'-{len(pictures)}' if pictures else ''}.png"
            cell["outputs"][i], pictures[name] = picture(out, opts, len(pictures), name, raw)
    return pictures


def make() -> dict[Path, bytes]:
    "README.md and its pictures: what each file should hold."
    page = processed_index()
    home, raw = addresses()
    pictures: dict[str, bytes] = {}
    for cell in page.nb["cells"]:
        pictures |= prepare_cell(cell, page, home, raw)
    body = [c for c in page.nb["cells"] if c["cell_type"] != "raw" and not source(c).startswith("<!-- WARNING")]
    metadata = {"language_info": {"name": "python"}}  # what the exporter writes behind the ticks of a code fence
    nb = nbformat.reads(json.dumps(page.nb | {"cells": body, "metadata": metadata}), as_version=4)
    text, _ = MarkdownExporter().from_notebook_node(nb)
    head = f"{WARNING}\n\n# {page.title}\n\n> {page.description}\n\n"
    text = re.sub(r"\n{3,}", "\n\n", head + text).strip() + "\n"
    return {ROOT / "README.md": text.encode(), **{ROOT / PICTURES / name: data for name, data in pictures.items()}}


def present() -> dict[Path, bytes]:
    "README.md and its pictures as they stand."
    paths = [ROOT / "README.md", *sorted((ROOT / PICTURES).glob("*"))]
    return {path: path.read_bytes() for path in paths if path.exists()}


def write(wanted: dict[Path, bytes]) -> bool:
    "Bring the files to what is wanted; whether anything changed."
    now = present()
    for path in now.keys() - wanted.keys():
        path.unlink()
    for path, data in wanted.items():
        if now.get(path) != data:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
    return now != wanted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a file differs")
    args = parser.parse_args()
    wanted = make()
    if args.check:
        now = present()
        wrong = sorted(str(p.relative_to(ROOT)) for p in wanted.keys() | now.keys() if wanted.get(p) != now.get(p))
        if wrong:
            sys.exit(f"readme: not what nbs/index.ipynb gives: {', '.join(wrong)}. Edit the notebook, not the README; "
                     "run `python tools/readme.py` and commit the result")
        print("readme: in sync with nbs/index.ipynb")
    else:
        print("readme: " + ("written" if write(wanted) else "unchanged"))


if __name__ == "__main__":
    main()
