"""What smalldocs does not know of Quarto's Markdown, put into plain words for it.

`prepare` copies nbdev's processed notebooks and mends, in the copies: equation labels and numbers, references to
equations, figures and sections, numbered figures with alt text, bare `align` environments, the pages' file names,
and links between chapters. Quarto knows all of these itself and gets nbdev's files as they are.
"""
import base64
import json
import re
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path

import yaml

CODE = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)[ \t]*$"
                  r"|(?<!`)(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)", re.M | re.S)
EQUATION = re.compile(r"\$\$(?P<tex>.+?)\$\$(?:[ \t]*\{#(?P<label>eq-[\w-]+)[^}\n]*\})?"
                      r"|^[ \t]*(?P<bare>\\begin\{(?P<env>align|gather|equation)(?P<star>\*?)\}"
                      r".+?\\end\{(?P=env)(?P=star)\})", re.M | re.S)
NUMBERING = re.compile(r"\\(begin|end)\{(align|gather|equation)\*?\}")
NOUN = "[Ee]quation|[Ff]igure|[Ss]ection|[Rr]ule|[Ii]dentity|[Ii]nequality|[Bb]ound|[Ff]ormula|[Ff]orm|[Dd]efinition"
REFERENCE = re.compile(rf"(?P<word>\b(?:{NOUN})s?[ \n])?(?P<open>\[)?(?P<bare>-)?"
                       r"@(?P<label>(?:[Ee]q|[Ff]ig|[Ss]ec)-[\w-]*\w)(?(open)\])")
SECTION = re.compile(r"^#{1,6}[ \t]+(?P<text>.+?)[ \t]*\{#(?P<label>sec-[\w-]+)[^}]*\}[ \t]*$", re.M)
CHECK = re.compile(r"""\bcheck\(\s*["'](eq-[\w-]+)["']""")
NAMED = re.compile(r"(?<![@#\w-])eq-[\w-]*\w")
SIGNATURE = re.compile(r"^```python\n.*?^```\n*", re.M | re.S)
DPI = 144 / 96  # pixels of a stored picture for one of the page: nbs/matplotlibrc draws at 144 dots an inch
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
NAMES = {"eq": "equation", "fig": "Figure", "sec": "section"}


@dataclass
class Page:
    "One notebook on its way to its page."
    path: Path                                                # nbdev's processed notebook
    nb: dict
    stem: str = ""                                            # the page is called stem.html
    title: str = ""
    description: str = ""
    numbers: dict[str, str] = field(default_factory=dict)     # what a label is called: "(3.2)", "3.1", a heading's text
    checks: dict[str, str] = field(default_factory=dict)      # an equation's label: the id of the cell that checks it
    notes: list[str] = field(default_factory=list)            # what an author should mend

    @property
    def chapter(self) -> str:
        "The chapter's number as a reader sees it; those from 90 on are appendices, A, B and so on."
        number = re.match(r"(\d+)_", self.path.name)
        if not number:
            return ""
        n = int(number[1])
        return str(n) if n < 90 else chr(ord("A") + n - 90)

    def numbered(self, count: int) -> str:
        "The `count`-th thing of its kind in this chapter: 3.2."
        return f"{self.chapter}.{count}" if self.chapter else str(count)


def source(cell: dict) -> str:
    "A cell's text, which the file stores as a list of lines."
    return "".join(cell.get("source") or "")


def options(code: str) -> tuple[dict, str]:
    "The `#|` options at the top of a code cell, and the code below them."
    lines = code.split("\n")
    count = next((i for i, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    found = yaml.safe_load("\n".join(line[2:].strip() for line in lines[:count])) if count else {}
    return (found if isinstance(found, dict) else {}), "\n".join(lines[count:])


def with_options(opts: dict, code: str) -> str:
    "The code cell with these options."
    return "".join(f"#| {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in opts.items()) + code


def without_code(text: str, change) -> str:
    "`change(text)` with fenced and inline code kept out of its reach."
    kept: list[str] = []

    def hide(match: re.Match) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    return re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m[1])], change(CODE.sub(hide, text)))


def read_page(path: Path) -> Page:
    "The notebook, the name of its page and its title, which nbdev wrote into the front matter."
    nb = json.loads(path.read_text(encoding="utf-8"))
    raw = next((source(c) for c in nb["cells"] if c["cell_type"] == "raw"), "")
    front = yaml.safe_load(raw.strip().strip("-")) or {}
    stem = Path(front.get("output-file", path.name)).stem
    return Page(path, nb, stem, str(front.get("title", stem)), str(front.get("description", "")))


def number_labels(page: Page) -> None:
    "Give each label of the page its number, in the order of the page, and note which cell checks which equation."
    counts = {"eq": 0, "fig": 0}

    def give(label: str) -> None:
        if label in page.numbers:
            page.notes.append(f"the label {label} is used twice")
        kind = label[:label.index("-")]
        counts[kind] += 1
        page.numbers[label] = f"({page.numbered(counts[kind])})" if kind == "eq" else page.numbered(counts[kind])

    for cell in page.nb["cells"]:
        text = source(cell)
        if cell["cell_type"] == "markdown":
            plain = CODE.sub("", text)
            for match in EQUATION.finditer(plain):
                if match["label"]:
                    give(match["label"])
            page.numbers.update((m["label"], f"“{m['text']}”") for m in SECTION.finditer(plain))
        elif cell["cell_type"] == "code":
            label = str(options(text)[0].get("label", ""))
            if label.startswith("fig-"):
                give(label)
            for checked in CHECK.findall(text):
                page.checks.setdefault(checked, f"check-{cell['id']}")


def aligned(tex: str) -> str:
    "`tex` with the environments that number their own lines turned into the one that does not."
    return NUMBERING.sub(lambda m: "\\" + f"{m[1]}{{{'gathered' if m[2] == 'gather' else 'aligned'}}}", tex)


def equation(match: re.Match, page: Page) -> str:
    "One labelled equation as a block of its own: formula, number, and a mark that leads to its check."
    label = match["label"]
    if match["bare"]:
        return f"\n$$\n{aligned(match['bare'])}\n$$\n"
    if not label:
        return aligned(match[0])
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1:match.start()]
    indent = re.match(r"[ \t>]*", line)[0]
    links = f'<a class="equation-number" href="#{label}">{page.numbers[label]}</a>'
    if label in page.checks:
        says = "Checked by machine: go to the cell that checks this equation"
        links += f' <a class="equation-check" href="#{page.checks[label]}" title="{says}" aria-label="{says}">✓</a>'
    tex = "\n".join(re.sub(r"^[ \t>]+", "", line) for line in match["tex"].strip().split("\n"))
    lines = ["", f"::: {{#{label} .equation}}", "$$", *aligned(tex).split("\n"), "$$", "", links, ":::", "", ""]
    return ("\n" + indent).join(lines)


def reference(match: re.Match, page: Page) -> str:
    "`@eq-lms` as a link, equation (3.2); no more than its number where the author has put a noun before it."
    written = match["label"]
    label = written[0].lower() + written[1:]
    if label not in page.numbers:
        page.notes.append(f"@{written} names nothing in this chapter; to another chapter write a link, "
                          "[text](03_sgd.ipynb#eq-lms)")
        return match[0]
    kind = label[:label.index("-")]
    name, number = NAMES[kind], page.numbers[label]
    if match["word"] or match["bare"]:
        return f"{match['word'] or ''}[{number}](#{label})"
    return f"[{name.capitalize() if written[0].isupper() else name} {number}](#{label})"


def local_links(text: str, pages: list[Page], home: str) -> str:
    "Links to chapters, written to the notebook or to the published site, as links to this site's own pages."
    stems = {page.path.name: page.stem for page in pages}
    text = re.sub(r"(\]\()([\w-]+\.ipynb)", lambda m: m[1] + (f"{stems[m[2]]}.html" if m[2] in stems else m[2]), text)
    return text.replace(f"]({home}/", "](") if home else text


def mend(text: str, page: Page, pages: list[Page], home: str) -> str:
    "One piece of Markdown with everything in it mended."
    def change(t: str) -> str:
        t = EQUATION.sub(lambda m: equation(m, page), t)
        return REFERENCE.sub(lambda m: reference(m, page), t)
    return local_links(without_code(text, change), pages, home)


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
    if "Hint and solution" in before:
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
    for name in ("label", "fig-cap", "fig-alt"):
        opts.pop(name, None)
    if f"check-{cell_id}" in page.checks.values():
        opts["label"] = f"check-{cell_id}"
    cell["source"] = with_options(opts, code)


def mend_documentation(text: str, page: Page, i: int) -> str:
    "The entry of a documented function: its equations by number, and no signature where the source stands right below."
    cells, numbers = page.nb["cells"], page.numbers
    name = re.search(r"^show_doc\((\w+)", source(cells[i]), re.M)
    beside = "\n".join(source(cell) for cell in cells[max(0, i - 1):i + 2])
    if name and re.search(rf"^(def|class) {name[1]}\b", beside, re.M):
        text = SIGNATURE.sub("", text, count=1)
    return NAMED.sub(lambda m: f"[{numbers[m[0]]}](#{m[0]})" if m[0] in numbers else m[0], text)


def mend_page(page: Page, pages: list[Page], folder: Path, home: str) -> None:
    "All cells of a page, in place."
    before = ""
    for i, cell in enumerate(page.nb["cells"]):
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
                    found = mend("".join(out["data"]["text/markdown"]), page, pages, home)
                    out["data"]["text/markdown"] = mend_documentation(found, page, i)
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
