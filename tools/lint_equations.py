"Lint rules: each displayed equation is labelled and checked, and each reference and link leads somewhere."
import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from book import Cell, Chapter

Found = Iterator[tuple[str, str]]  # (cell id, message)

LABEL = re.compile(r"eq-[a-z0-9]+(-[a-z0-9]+)*")
DISPLAYED = re.compile(r"\$\$(?P<body>.*?)\$\$(?:[ \t]*\{#(?P<label>[^}\s]*)\})?", re.S)
BARE = re.compile(r"\\begin\{(?:align|equation|gather|multline|eqnarray)\*?\}|(?<!\\)\\\[")
REFERENCE = re.compile(r"(?<![\w@\\])@((?:eq|fig|tbl|sec)-[\w-]*\w)")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FAILURE_EXPECTED = {"raises", "ExceptionExpected", "assertRaises", "suppress", "fails"}


def displayed(cell: Cell) -> list[tuple[str, str]]:
    "The displayed equations of a markdown cell: (TeX, label); the label is '' where there is none."
    return [(m["body"].strip(), m["label"] or "") for m in DISPLAYED.finditer(cell.prose)]


def labels(chapter: Chapter) -> list[tuple[str, Cell]]:
    "Every equation label of a chapter with its cell, in reading order."
    return [(label, cell) for cell in chapter.cells for _, label in displayed(cell) if label]


def _expects_failure(node: ast.AST) -> bool:
    "Whether what stands inside `node` may fail without failing the cell."
    if isinstance(node, ast.Try):
        return bool(node.handlers)
    if not isinstance(node, ast.With):
        return False
    calls = [item.context_expr.func for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(getattr(f, "attr", getattr(f, "id", "")) in FAILURE_EXPECTED for f in calls)


def _checks(node: ast.AST) -> Iterator[str]:
    "Labels of the `check` calls under `node` that run when the cell runs, and fail it when they fail."
    skipped = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, skipped) or _expects_failure(child):
            continue
        if isinstance(child, ast.Call) and getattr(child.func, "id", "") == "check" and child.args:
            if isinstance(child.args[0], ast.Constant):
                yield child.args[0].value
        yield from _checks(child)


def checks(chapter: Chapter) -> list[tuple[str, Cell]]:
    "Every label that a `check` call names, with its cell. A call inside a function or a `raises` does not count."
    return [(label, cell) for cell in chapter.code for label in _checks(cell.tree)]


def equations_are_labelled(chapter: Chapter) -> Found:
    "Each displayed equation stands in $$ with a label behind it."
    for cell in chapter.cells:
        outside = DISPLAYED.sub("", cell.prose)
        if "$$" in outside:
            yield cell.id, "a $$ without its partner: close the equation with `$$ {#eq-name}`"
        if BARE.search(outside):
            yield cell.id, "a displayed equation outside $$: write `$$ … $$ {#eq-name}` (inside: aligned, not align)"
        for body, label in displayed(cell):
            if not label:
                yield cell.id, f"the equation `{_short(body)}` has no label: end it with `$$ {{#eq-name}}` on one line"
            elif not LABEL.fullmatch(label):
                yield cell.id, f"the label {label!r} is not of the form eq-name (small letters, digits, hyphens)"


def equations_are_checked(chapter: Chapter) -> Found:
    "Each label has a `check` call in a later code cell; each call names a label of this chapter."
    called = checks(chapter)
    for label, cell in labels(chapter):
        if not any(name == label and c.number > cell.number for name, c in called):
            yield cell.id, (f"equation {label} is not checked: add `check(\"{label}\", lhs, rhs)` to a code cell below "
                            "it (outside functions, try and raises)")
    known = {label for label, _ in labels(chapter)}
    for name, cell in called:
        if name not in known and not cell.id.startswith("solution"):
            yield cell.id, (f"check({name!r}, …) names no equation of this chapter: mend the label, or move the check "
                            "to a cell whose id starts with `solution`, where an exercise may use labels of its own")


def references_resolve(chapter: Chapter) -> Found:
    "Each @eq- and @fig- reference names something in the same chapter."
    known = anchors(chapter)
    for cell in chapter.cells:
        for name in REFERENCE.findall(cell.prose):
            if name not in known:
                yield cell.id, (f"@{name} names nothing in this chapter: mend it, or link to another chapter with "
                                f"[text](NN_name.ipynb#{name})")


def _slug(heading: str) -> str:
    "The anchor that pandoc gives a heading."
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^\w\s.-]", "", text).strip().lower()
    return re.sub(r"^[^a-z]+", "", re.sub(r"\s+", "-", text))


def anchors(chapter: Chapter) -> set[str]:
    "All that a link into this chapter may point to: labels, figures, headings, exported names."
    found = {label for label, _ in labels(chapter)}
    for cell in chapter.cells:
        if "label" in cell.directives:
            found.add(cell.directives["label"].strip("\"'"))
        found |= set(re.findall(r"\{[^}]*#([\w.-]+)[^}]*\}", cell.prose))
        if cell.raw["cell_type"] == "markdown":
            headings = re.findall(r"^#{2,6}[ \t]+(.*?)[ \t]*(?:\{[^}]*\})?[ \t]*$", cell.source, re.M)
            found |= {_slug(h) for h in headings}
        if cell.is_export:
            found |= {node.name.lower() for node in cell.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return found


@lru_cache
def _anchors_of(path: Path) -> frozenset[str]:
    return frozenset(anchors(Chapter.read(path)))


def links_resolve(chapter: Chapter) -> Found:
    "Each relative link names a file, and its #anchor something in it."
    for cell in chapter.cells:
        for target in LINK.findall(cell.prose):
            file, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            path = (chapter.path.parent / file) if file else chapter.path
            if file.endswith(".html"):
                yield cell.id, f"the link {target} names a page of the site: name the notebook, NN_name.ipynb"
            elif not path.exists():
                yield cell.id, f"the link {target} leads nowhere: there is no {file} beside this notebook"
            elif anchor and path.suffix == ".ipynb" and anchor not in _anchors_of(path):
                yield cell.id, f"the link {target} leads nowhere: {path.name} has no label or heading #{anchor}"


def labels_are_unique(book: list[Chapter]) -> Iterator[tuple[Chapter, str, str]]:
    "No label twice in the book."
    everywhere = [(label, chapter, cell) for chapter in book for label, cell in labels(chapter)]
    count = Counter(label for label, _, _ in everywhere)
    for label, chapter, cell in everywhere:
        if count[label] > 1:
            others = sorted({c.name for name, c, _ in everywhere if name == label})
            yield chapter, cell.id, f"the label {label} stands {count[label]} times in {', '.join(others)}: rename one"


def _short(tex: str) -> str:
    line = " ".join(tex.split())
    return line if len(line) <= 50 else line[:47] + "…"


CHAPTER_RULES = [equations_are_labelled, equations_are_checked, references_resolve, links_resolve]
BOOK_RULES = [labels_are_unique]
