"""Quarto's Markdown in words that smalldocs knows: equation labels and numbers, references, links between chapters.

Quarto knows all of these itself and gets nbdev's files as they are.
"""
import ast
import json
import re
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
ELSEWHERE = re.compile(rf"{NAMED.pattern.replace('eq-', '(eq-', 1)}) of chapter (\w+)")
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
    functions: dict[str, list[str]] = field(default_factory=dict)  # an equation's label: what names it as its source
    notes: list[str] = field(default_factory=list)            # what an author should mend

    @property
    def chapter(self) -> str:
        "The chapter's number as a reader sees it; those from 90 on are appendices, A, B and so on."
        number = re.match(r"(\d+)([a-z]?)_", self.path.name)  # 14b: the second half of a chapter that was split
        if not number:
            return ""
        n = int(number[1])
        return (str(n) if n < 90 else chr(ord("A") + n - 90)) + number[2]

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


def line_start(match: re.Match) -> str:
    "The indent and quotation marks before `match` on its line."
    return re.match(r"[ \t>]*", match.string[match.string.rfind("\n", 0, match.start()) + 1:match.start()])[0]


def without_code(text: str, change) -> str:
    "`change(text)` with fenced and inline code out of its reach; code that it moves into a quotation is quoted whole."
    kept: list[tuple[str, str]] = []

    def hide(match: re.Match) -> str:
        kept.append((match[0], line_start(match)))
        return f"\x00{len(kept) - 1}\x00"

    def show(match: re.Match) -> str:
        code, start = kept[int(match[1])]
        return code.replace("\n" + start, "\n" + line_start(match))

    return re.sub(r"\x00(\d+)\x00", show, change(CODE.sub(hide, text)))


def read_page(path: Path) -> Page:
    "The notebook, the name of its page and its title, which nbdev wrote into the front matter."
    nb = json.loads(path.read_text(encoding="utf-8"))
    raw = next((source(c) for c in nb["cells"] if c["cell_type"] == "raw"), "")
    front = yaml.safe_load(raw.strip().strip("-")) or {}
    stem = Path(front.get("output-file", path.name)).stem
    return Page(path, nb, stem, str(front.get("title", stem)), str(front.get("description", "")))


def order_documentation(stored: Path, processed: Path) -> None:
    """The entries that nbdev made for the functions of a cell, before that cell and in its order.

    nbdev puts some behind the cell, the last one first. Those of a cell that isn't shown stay where they are.
    """
    own = {cell["id"] for cell in json.loads(stored.read_text(encoding="utf-8"))["cells"]}
    notebook = json.loads(processed.read_text(encoding="utf-8"))
    entries, cells = {}, []
    shown = [defined(cell) for cell in notebook["cells"]]
    for cell in notebook["cells"]:
        entry = re.search(r"^show_doc\((?:\w+\.)?(\w+)", "".join(cell["source"]), re.M)
        if entry and cell["id"] not in own and any(entry[1] in names for names in shown):
            entries.setdefault(entry[1], []).append(cell)
        else:
            cells.append(cell)
    notebook["cells"] = []
    for cell in cells:
        for name in defined(cell):
            notebook["cells"] += entries.pop(name, [])
        notebook["cells"].append(cell)
    processed.write_text(json.dumps(notebook), encoding="utf-8")


def defined(cell: dict) -> list[str]:
    "The functions and classes that a code cell defines, in its order."
    return re.findall(r"^(?:def|class) (\w+)", "".join(cell["source"]), re.M) if cell["cell_type"] == "code" else []


def labels_of(cell: dict) -> list[str]:
    "The labels of a cell's equations and of its figure, in their order."
    if cell["cell_type"] == "markdown":
        return [m["label"] for m in EQUATION.finditer(CODE.sub("", source(cell))) if m["label"]]
    label = str(options(source(cell))[0].get("label", "")) if cell["cell_type"] == "code" else ""
    return [label] if label.startswith("fig-") else []


def number_labels(page: Page) -> None:
    "Give each label of the page its number, in the order of the page, and note which cell checks which equation."
    counts = {"eq": 0, "fig": 0}
    for cell in page.nb["cells"]:
        for label in labels_of(cell):
            if label in page.numbers:
                page.notes.append(f"the label {label} is used twice")
            kind = label[:label.index("-")]
            counts[kind] += 1
            page.numbers[label] = page.numbered(counts[kind]) if kind == "fig" else f"({page.numbered(counts[kind])})"
        if cell["cell_type"] == "markdown":
            found = SECTION.finditer(CODE.sub("", source(cell)))
            page.numbers.update((m["label"], f"“{m['text']}”") for m in found)
        for checked in CHECK.findall(source(cell)) if cell["cell_type"] == "code" else ():
            page.checks.setdefault(checked, f"check-{cell['id']}")
    page.functions = functions_of(page)


def functions_of(page: Page) -> dict[str, list[str]]:
    "For each equation of the page the functions that name it as their source."
    found: dict[str, list[str]] = {}
    for cell in page.nb["cells"]:
        if cell["cell_type"] != "code" or "Source:" not in source(cell):
            continue
        try:
            tree = ast.parse(options(source(cell))[1])
        except SyntaxError:
            continue
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if "patch" in "".join(map(ast.unparse, node.decorator_list)):
                continue  # a method, whose entry has an anchor of another kind
            if "Source:" in (doc := ast.get_docstring(node) or ""):
                for label in NAMED.findall(doc.partition("Source:")[2]):
                    found.setdefault(label, []).append(node.name)
    return found


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
    indent = line_start(match)
    links = f'<a class="equation-number" href="#{label}">{page.numbers[label]}</a>'
    if label in page.checks:
        says = "Checked by machine: go to the cell that checks this equation"
        links += f' <a class="equation-check" href="#{page.checks[label]}" title="{says}" aria-label="{says}">✓</a>'
    for name in page.functions.get(label, ()):
        says = f"Computed by {name}"
        links += f' <a class="equation-code" href="#{name.lower()}" title="{says}" aria-label="{says}">ƒ</a>'
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
    begins = re.search(r"(?:^|\n\n|[.?!]\*{0,2}\s|\}\n)$", match.string[:match.start()]) and kind != "sec"
    return f"[{name.capitalize() if written[0].isupper() or begins else name} {number}](#{label})"


def linked_labels(text: str, page: Page, pages: list[Page], there: bool = False) -> str:
    """The labels that docstrings name as links with the equations' numbers.

    A label is one of the page's own, or stands before "of chapter 6". `there`: the links are read on another page.
    """
    home = page.path.name if there else ""

    def own(match: re.Match) -> str:
        number = page.numbers.get(match[0])
        return f"[{number}]({home}#{match[0]})" if number else match[0]

    def others(match: re.Match) -> str:
        other = next((p for p in pages if p.chapter == match[2]), None)
        number = other and other.numbers.get(match[1])
        return f"[{number}]({other.path.name}#{match[1]}) of chapter {match[2]}" if number else match[0]

    return NAMED.sub(own, ELSEWHERE.sub(others, text))


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
