"Lint rules: directives are known ones, and each notebook is clean and holds what every chapter holds."
import ast
import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator

import nbdev.export
import nbdev.processors
import yaml
from book import ROOT, Chapter, page_name
from execnb.nbio import dict2nb, nb2str
from nbdev.clean import clean_nb

Found = Iterator[tuple[str, str]]  # (cell id, message)

# What Quarto reads from a cell, as far as this book uses it; each needs a colon and a value.
QUARTO = {"label", "fig-cap", "fig-alt", "fig-align", "fig-width", "fig-height", "fig-subcap", "fig-cap-location",
          "tbl-cap", "layout", "layout-ncol", "layout-nrow", "column", "code-fold", "code-summary", "code-overflow",
          "code-line-numbers", "echo", "output", "warning", "error", "eval", "include"}
KERNELSPEC = {"kernelspec": {"display_name": "python3", "language": "python", "name": "python3"}}
READABLE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RANDOM = re.compile(r"(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4}.*)?")
CHANGES = {  # what differs from run to run or from machine to machine
    "an object's address": re.compile(r"\b0x[0-9a-fA-F]{5,}"),
    "a measured time": re.compile(r"\b(Wall time|CPU times|per loop)\b|\b\d+(\.\d+)? ?(ns|µs|μs|us|ms|seconds)\b"),
    "a date and time": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d"),
    "an absolute path": re.compile(r"(?<![\w.:/<])/(?:[\w.-]+/)+[\w.-]+|\b[A-Z]:\\\\?\w|site-packages|ipykernel_\d+"),
}


def nbdev_directives() -> set[str]:
    "The directives that nbdev itself acts on: its processors carry them in their names, between underscores."
    found = set(nbdev.processors._hide_dirs) | {"exec_doc", "hide_line"}  # these two stand inside functions
    for module in (nbdev.export, nbdev.processors):
        own = [(n, thing) for n, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__]
        found |= {name[:-1] for name, thing in own if inspect.isfunction(thing) and name[-1] == "_"}
        methods = {name for _, thing in own if inspect.isclass(thing) for name in vars(thing)}
        found |= {name[1:-1] for name in methods if re.fullmatch(r"_[a-z]\w*[a-z]_", name)}
    return found


def test_flags() -> set[str]:
    "The flags that mark cells for `nbdev_test` to skip, from settings.ini."
    m = re.search(r"^tst_flags\s*=(.*)$", (ROOT / "settings.ini").read_text(encoding="utf-8"), re.M)
    return set(m[1].split()) if m else set()


KNOWN = nbdev_directives() | test_flags()


def directives_are_known(chapter: Chapter) -> Found:
    "Each `#|` line is one that nbdev or Quarto reads, where it reads it."
    for cell in chapter.code:
        at_top = True
        for line in cell.source.splitlines():
            said = _directive_problem(line, at_top)
            if said:
                yield cell.id, said
            at_top = at_top and (not line.strip() or re.match(r"\s*#\s*\|", line) is not None)
        options = [line[2:] for line in cell.source.splitlines() if re.match(r"#\|\s*[\w-]+\s*:", line)]
        try:
            yaml.safe_load("\n".join(options))
        except yaml.YAMLError as error:
            yield cell.id, f"Quarto can't read the `#|` options: put the text in quotes ({error.problem})"


def _directive_problem(line: str, at_top: bool) -> str:
    "What is wrong with `line` as a directive, '' where nothing is or it is none."
    m = re.match(r"(\s*#\s*\|)\s*([\w-]+)?\s*(:)?\s*(.*)", line)
    if not m:
        return ""
    mark, name, colon, value = m.groups()
    if mark != "#|" or not line.startswith("#| "):
        return f"`{line.strip()}`: write directives as `#| name`"
    if not at_top:
        return f"`{line.strip()}` stands below the first line of code, where nobody reads it: move it to the top"
    if name in QUARTO:
        return "" if colon and value else f"`{line.strip()}`: Quarto wants `#| {name}: value`"
    if name not in KNOWN:
        near = ", ".join(sorted(KNOWN | QUARTO))
        return f"`#| {name}` is no directive of nbdev or Quarto, so nothing happens: use one of {near}"
    if name in {"export", "exports", "exporti"} and value:
        return f"`{line.strip()}` exports to another module: a module has one notebook, write `#| {name}`"
    return ""


def ids_are_readable(chapter: Chapter) -> Found:
    "Each cell has a fixed id of its own that says what the cell is for."
    count = Counter(cell.id for cell in chapter.cells)
    for cell in chapter.cells:
        if count[cell.id] > 1:
            yield cell.id, f"{count[cell.id]} cells have this id: give each its own"
        elif "id" not in cell.raw or not READABLE.fullmatch(cell.id) or RANDOM.fullmatch(cell.id):
            yield cell.id, "give the cell a readable id (small letters, digits, hyphens) that says what it is for"


def notebook_is_clean(chapter: Chapter) -> Found:
    "The file is what nbdev_clean writes, with nothing in it that a run leaves behind."
    raw = chapter.raw
    if (raw.get("nbformat"), raw.get("nbformat_minor")) != (4, 5):
        yield "", "the format is not 4.5: set nbformat to 4 and nbformat_minor to 5"
    if raw["metadata"] != KERNELSPEC:
        yield "", f"the notebook's metadata are not {json.dumps(KERNELSPEC)}: run `python tools/execute.py`"
    for cell in chapter.cells:
        if cell.raw["metadata"] and not _known_tags(cell.raw["metadata"]):
            yield cell.id, (f"stray metadata {sorted(cell.raw['metadata'])}: run `nbdev_clean`; the only tags are "
                            '"try", and "desktop" with what a cell needs that the browser can\'t run')
        if cell.raw.get("execution_count") or any(out.get("execution_count") for out in cell.outputs):
            yield cell.id, "an execution count: run `nbdev_clean`"
        if not isinstance(cell.raw["source"], list):
            yield cell.id, "the source is one string: make it a list of lines (`python tools/execute.py` does)"
    cleaned = dict2nb(json.loads(chapter.text))
    clean_nb(cleaned, allowed_cell_metadata_keys=["tags"], clean_ids=False)
    if nb2str(cleaned) != chapter.text:
        yield "", "the file differs from what nbdev_clean makes of it: run `nbdev_clean`"


def _known_tags(metadata: dict) -> bool:
    "Whether a cell's metadata say that readers try it, or that it runs on a desktop and what it needs; nothing more."
    tags = metadata.get("tags", [])
    return metadata.keys() == {"tags"} and (tags == ["try"] or "desktop" in tags and len(tags) > 1)


def _texts(output: dict) -> Iterator[str]:
    "All text of an output that a reader or a comparison sees."
    for value in [output.get("text", ""), *(v for k, v in output.get("data", {}).items() if not k.endswith("png"))]:
        yield value if isinstance(value, str) else "".join(map(str, value))


def outputs_are_stable(chapter: Chapter) -> Found:
    "Stored outputs hold no errors, no warnings, and nothing that differs from run to run."
    for cell in chapter.cells:
        for output in cell.outputs:
            if output["output_type"] == "error":
                yield cell.id, "a stored error: catch the exception in the cell, print its message, run it again"
            if output.get("name") == "stderr":
                yield cell.id, "a stored message on stderr: catch the warning and print its text"
            for text in _texts(output):
                for what, pattern in CHANGES.items():
                    if m := pattern.search(text):
                        yield cell.id, f"the stored output holds {what} ({m[0]!r}): print only what every run prints"


def figures_are_described(chapter: Chapter) -> Found:
    "Each picture has a label, a caption and a text for those who can't see it."
    for cell in chapter.code:
        pictured = any("image/png" in out.get("data", {}) or "image/svg+xml" in out.get("data", {})
                       for out in cell.outputs)
        label = cell.directives.get("label", "")
        if pictured and not label.startswith("fig-"):
            yield cell.id, "a picture without a label: start the cell with `#| label: fig-name`"
        if label.startswith("fig-"):
            for name in ("fig-cap", "fig-alt"):
                if not cell.directives.get(name, "").strip("\"' "):
                    yield cell.id, f"figure {label} has no {name}: add `#| {name}: \"…\"`"


def labels_of_figures_are_unique(chapter: Chapter) -> Found:
    "No figure label twice in a chapter."
    count = Counter(cell.directives["label"] for cell in chapter.code if "label" in cell.directives)
    for cell in chapter.code:
        if count[cell.directives.get("label")] > 1:
            yield cell.id, f"the label {cell.directives['label']} stands twice: rename one"


def begins_with_its_claim(chapter: Chapter) -> Found:
    "The first cell is the title and one sentence, which nbdev makes the module's docstring."
    first = chapter.cells[0]
    if first.raw["cell_type"] != "markdown" or not re.match(r"# \S.*\n\n> [^\n]*[.?]\s*$", first.source):
        yield first.id, "the first cell must be `# Title`, an empty line, `> One sentence that states the claim.`"


def ends_with_export(chapter: Chapter) -> Found:
    "The last cell is hidden and exports the module."
    last = chapter.cells[-1]
    if not chapter.is_index and ("hide" not in last.directives or "nbdev_export()" not in last.source):
        yield last.id, "the last cell must be `#| hide` and `import nbdev; nbdev.nbdev_export()`"


def fences_are_closed(chapter: Chapter) -> Found:
    "Each ::: that opens is closed."
    depth, opened = 0, ""
    for cell in chapter.cells:
        for mark in re.findall(r"^:::+[ \t]*(.*)$", cell.prose, re.M):
            depth, opened = (depth + 1, cell.id) if mark else (depth - 1, opened)
            if depth < 0:
                yield cell.id, "a ::: closes what nothing opened: remove it"
                depth = 0
    if depth:
        yield opened, "a ::: is not closed: end the callout with a line `:::`"


def confusion_is_named(chapter: Chapter) -> Found:
    "Each chapter names what beginners' notebooks get wrong."
    callout = re.compile(r"^:::+ *\{\.callout-warning [^}]*title=\"Common confusion", re.M)
    if not chapter.is_index and not any(callout.search(cell.prose) for cell in chapter.cells):
        yield "", 'no "Common confusion": add `::: {.callout-warning title="Common confusion"}` … `:::`'


SOLUTION = re.compile(r"^(:::+) *\{\.callout-tip [^}]*collapse=\"true\"[^}]*title=\"(?:Hint and s|S)olution"
                      r".*?^\1[ \t]*$", re.M | re.S)


def exercises_are_solved(chapter: Chapter) -> Found:
    "Three exercises or more, each with a folded solution, and behind the solutions a folded cell that tests them."
    if chapter.is_index:
        return
    solutions = [cell for cell in chapter.cells for _ in SOLUTION.findall(cell.prose)]
    posed = _exercises(chapter)
    if posed < 3 or len(solutions) != posed:
        yield "", (f"{posed} numbered exercises under `## Exercises`, {len(solutions)} folded solutions: wanted three "
                   'or more, each with its `::: {.callout-tip collapse="true" title="Solution N"}`')
    for cell in dict.fromkeys(c.number for c in solutions):
        after = next((c for c in chapter.cells[cell + 1:]), None)
        if not after or not after.is_code or not after.asserts or "code-fold" not in after.directives:
            said = "no test: the next cell must start with `#| code-fold: true` and assert the solution"
            yield chapter.cells[cell].id, said


def _exercises(chapter: Chapter) -> int:
    "How many numbered exercises the chapter poses."
    text = "\n\n".join(cell.source for cell in chapter.cells if not cell.is_code)
    m = re.search(r"^#+ Exercises\b[^\n]*$(.*?)(?=^#+ |\Z)", SOLUTION.sub("", text), re.M | re.S)
    return len(re.findall(r"^(?:\*\*)?\d+\.", m[1], re.M)) if m else 0


def imports_stand_apart(chapter: Chapter) -> Found:
    "A cell with an import holds nothing else: the docs build runs such a cell, and only such, beside the exports."
    if not any(cell.is_export for cell in chapter.code):
        return
    for cell in chapter.code:
        if cell.is_export or "nbdev_export()" in cell.source:
            continue
        imports = any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(cell.tree))
        if imports and not all(isinstance(n, ast.Import | ast.ImportFrom) for n in cell.tree.body):
            yield cell.id, "an import among other code, which the docs build then runs: give imports their own cell"


def modules_match_notebooks(book: list[Chapter]) -> Iterator[tuple[Chapter | None, str, str]]:
    "Each module has exactly one notebook, and the other way round."
    count = Counter(chapter.module for chapter in book if chapter.module)
    for chapter in book:
        wanted = page_name(chapter.path)
        if count[chapter.module] > 1:
            yield chapter, "", f"{count[chapter.module]} notebooks have `default_exp {chapter.module}`: only one may"
        elif any(cell.is_export for cell in chapter.code) and chapter.module != wanted:
            yield chapter, "", f"the module is {chapter.module!r}: write `#| default_exp {wanted}`"
    if not book:
        return
    library = book[0].path.parent.parent / "linreg_nb"
    for path in sorted(library.glob("*.py")):
        m = re.search(r"^# AUTOGENERATED! DO NOT EDIT! File to edit: (\S+)\.$", path.read_text(encoding="utf-8"), re.M)
        if m and path.stem not in count:
            yield None, "", f"linreg_nb/{path.name} is stale, no notebook makes it ({m[1]}): run `python tools/sync.py`"
    for chapter in book:
        if chapter.module and not (library / f"{chapter.module}.py").exists():
            yield chapter, "", f"linreg_nb/{chapter.module}.py is missing: run `python tools/sync.py`"


CHAPTER_RULES = [directives_are_known, ids_are_readable, notebook_is_clean, outputs_are_stable, figures_are_described,
                 labels_of_figures_are_unique, begins_with_its_claim, ends_with_export, fences_are_closed,
                 confusion_is_named, exercises_are_solved, imports_stand_apart]
BOOK_RULES = [modules_match_notebooks]
