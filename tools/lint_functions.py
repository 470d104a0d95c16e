"Lint rules: each exported function says what goes in and what comes out, and is used right after its definition."
import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from book import Cell, Chapter

Found = Iterator[tuple[str, str]]  # (cell id, message)
Function = ast.FunctionDef | ast.AsyncFunctionDef
LONG = 15  # lines of a body, docstring apart
NEAR = 3   # code cells after its definition in which a function is used


@dataclass
class Definition:
    "An exported function, method or class."
    node: Function | ast.ClassDef
    cell: Cell
    owner: str = ""  # the class of a method

    @property
    def name(self) -> str:
        return f"{self.owner}.{self.node.name}" if self.owner else self.node.name

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.name.split("."))


def definitions(chapter: Chapter) -> list[Definition]:
    "All functions and classes that the chapter exports, methods included."
    found = []
    for cell in chapter.code:
        for node in cell.tree.body if cell.is_export else []:
            if isinstance(node, Function | ast.ClassDef):
                found.append(Definition(node, cell))
            if isinstance(node, ast.ClassDef):
                found += [Definition(n, cell, node.name) for n in node.body if isinstance(n, Function)]
    return found


def parameters(node: Function) -> list[ast.arg]:
    "All parameters, a method's own first one apart."
    a = node.args
    every = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs, *([a.kwarg] if a.kwarg else [])]
    return [p for p in every if p.arg not in ("self", "cls")]


def _is_property(node: Function) -> bool:
    names = {getattr(d, "id", getattr(d, "attr", "")) for d in node.decorator_list}
    return bool(names & {"property", "cached_property"})


def comment_lines(source: str) -> set[int]:
    "The numbers of the lines that end in a comment."
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0] for t in tokens if t.type == tokenize.COMMENT and len(t.string.strip("# ")) > 0}


def functions_are_typed(chapter: Chapter) -> Found:
    "Each public function has a type on every parameter and on what it returns."
    for d in definitions(chapter):
        if not d.is_public or isinstance(d.node, ast.ClassDef):
            continue
        bare = [p.arg for p in parameters(d.node) if p.annotation is None]
        if bare:
            yield d.cell.id, f"{d.name}: no type for {', '.join(bare)}: write `name: type`"
        if d.node.returns is None:
            yield d.cell.id, f"{d.name}: no type for what it returns: write `-> type:`"


def functions_have_docstrings(chapter: Chapter) -> Found:
    "Each exported function and class begins with one line that says what comes back."
    for d in definitions(chapter):
        if d.node.name.startswith("__"):
            continue
        lines = (ast.get_docstring(d.node) or "").splitlines()
        if not lines or not lines[0].endswith("."):
            yield d.cell.id, f"{d.name}: begin its body with a docstring of one line that ends in a full stop"
        elif len(lines) > 1 and lines[1].strip():
            yield d.cell.id, f"{d.name}: the docstring's first sentence takes one line, then an empty line"


def functions_have_docments(chapter: Chapter) -> Found:
    "Each parameter of a public function has a line and a comment of its own, and so has what it returns."
    for d in definitions(chapter):
        if not d.is_public or isinstance(d.node, ast.ClassDef) or _is_property(d.node):
            continue
        commented = comment_lines(d.cell.source)
        ends = [p.end_lineno for p in parameters(d.node)]
        bare = [p.arg for p in parameters(d.node) if p.end_lineno not in commented or ends.count(p.end_lineno) > 1]
        if bare:
            yield d.cell.id, f"{d.name}: give {', '.join(bare)} a line each with a comment: shape, unit or range"
        returns = d.node.returns
        nothing = returns is None or (isinstance(returns, ast.Constant) and returns.value is None)
        if not nothing and (returns.end_lineno not in commented or returns.end_lineno in ends):
            yield d.cell.id, f"{d.name}: put `) -> type:  # what comes back` on a line of its own"


def _names_used(tree: ast.AST, without: ast.AST | None = None) -> set[str]:
    "All names that `tree` reads, bare or as an attribute; `show_doc(name)` is no use."
    used: set[str] = set()
    for child in ast.iter_child_nodes(tree):
        if child is without or (isinstance(child, ast.Call) and getattr(child.func, "id", "") == "show_doc"):
            continue
        if isinstance(child, ast.Name):
            used.add(child.id)
        elif isinstance(child, ast.Attribute):
            used.add(child.attr)
        used |= _names_used(child, without)
    return used


def functions_are_used(chapter: Chapter) -> Found:
    "Each public function is used within three code cells of its definition; a private one near whom it helps."
    code = chapter.code
    for d in definitions(chapter):
        if d.owner:
            continue
        here = code.index(d.cell)
        near = code[here + 1:here + 1 + NEAR]
        if d.is_public:
            found = any(d.node.name in _names_used(cell.tree) for cell in near)
        else:
            near = [*code[max(here - NEAR, 0):here], *near]
            found = any(d.node.name in _names_used(cell.tree) for cell in near)
            found = found or d.node.name in _names_used(d.cell.tree, without=d.node)
        if not found:
            yield d.cell.id, f"{d.name} is not used within {NEAR} code cells: show it at work right after it is defined"


def body_lines(d: Definition) -> int:
    "How many lines the body of a function takes, docstring and empty lines apart."
    body = d.node.body[1:] if ast.get_docstring(d.node) is not None else d.node.body
    lines = d.cell.source.splitlines()[body[0].lineno - 1:d.node.end_lineno] if body else []
    return sum(bool(line.strip()) for line in lines)


def long_functions(chapter: Chapter) -> Found:
    "Functions that a reader can't take in at one look. A warning: the mathematics may need it."
    for d in definitions(chapter):
        if isinstance(d.node, Function) and (lines := body_lines(d)) > LONG:
            yield d.cell.id, f"{d.name} has {lines} lines of body: {LONG} are easier to follow"


CHAPTER_RULES = [functions_are_typed, functions_have_docstrings, functions_have_docments, functions_are_used]
WARNINGS = [long_functions]
