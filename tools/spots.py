"""The spots in a function's code where a reader can break it, as edits of its text.

These are the mistakes of somebody who copies a formula: a flipped sign, a dropped transpose, factor, term or square,
another number, a limit that is off by one. tools/mutants.py makes its mutants from the syntax tree, for machines;
here each one is a change of the code as it stands on the page, at a place that can be pressed.
"""
import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from book import Cell
from mutants import SIGNS, TURNED, TWIN

WRITTEN = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
           ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
SWAPPED = {ast.Add: "flip the sign", ast.Sub: "flip the sign", ast.Mult: "divide instead", ast.Div: "multiply instead"}
PART = {ast.Add: "term", ast.Sub: "term", ast.Mult: "factor", ast.MatMult: "factor", ast.Div: "divisor",
        ast.Pow: "power"}
BOTH_SIDES = ast.Add | ast.Mult | ast.MatMult  # of a - b, a / b and a**b only the right side can be dropped
WRAPPERS = {"abs", "sqrt", "square"}            # f(x) becomes x
LIKE = 30  # characters of code that a label may quote


class Edit(NamedTuple):
    "One change: `code[start:end]` becomes `new`; the reader presses `code[spot]`."
    spot: tuple[int, int]
    start: int
    end: int
    new: str
    says: str

    def apply(self, code: str) -> str:
        return code[:self.start] + self.new + code[self.end:]


@dataclass
class Function:
    "A function of a chapter, and its code as the box shows it: one line of signature, no docstring, the body."
    cell: Cell
    node: ast.FunctionDef
    guards: bool = False  # whether the tests of its arguments can be broken, too

    @cached_property
    def lines(self) -> list[int]:
        "Where each line of the cell begins."
        return [0, *(m.end() for m in re.finditer("\n", self.cell.source))]

    def offset(self, line: int, column: int) -> int:
        "A place of the syntax tree, whose columns count bytes, as an index into the cell's source."
        text = self.cell.source[self.lines[line - 1]:]
        return self.lines[line - 1] + len(text.encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    @cached_property
    def body(self) -> list[ast.stmt]:
        "The statements below the docstring."
        return self.node.body[ast.get_docstring(self.node) is not None:]

    @cached_property
    def head(self) -> str:
        "The signature in one line, names only."
        arguments = ast.parse(f"def f({ast.unparse(self.node.args)}): 0").body[0].args
        for a in ast.walk(arguments):
            if isinstance(a, ast.arg):
                a.annotation = None
        return f"def {self.node.name}({ast.unparse(arguments)}):\n"

    @property
    def begin(self) -> int:
        "Where the body begins in the cell."
        return self.lines[self.body[0].lineno - 1]

    @property
    def code(self) -> str:
        return self.head + self.cell.source[self.begin:self.span(self.node)[1]]

    def mutated(self, edit: Edit) -> str:
        "The cell's source with an edit of `code` in it."
        return self.cell.source[:self.begin] + edit.apply(self.code)[len(self.head):] \
            + self.cell.source[self.span(self.node)[1]:]

    def changes(self) -> Iterator[tuple]:
        "All edits in places of the cell."
        for statement in self.body:
            for node in nodes(statement, self.guards):
                yield from of_node(self, node)

    @cached_property
    def edits(self) -> list[Edit]:
        "Every edit that changes what the function does, in the order of their spots."
        seen, found, shift = {ast.dump(self.cell.tree)}, [], len(self.head) - self.begin
        for (a, b), start, end, new, says in self.changes():
            edit = Edit((a + shift, b + shift), start + shift, end + shift, new, says)
            if (dump := ast.dump(ast.parse(self.mutated(edit)))) not in seen:
                seen.add(dump)
                found.append(edit)
        return sorted(found, key=lambda e: e.spot)


def is_guard(node: ast.AST) -> bool:
    "Whether the node only tests an argument: `if …: raise …`, or a call that begins with the argument's name."
    raises = isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)
    return raises or (isinstance(node, ast.Call) and bool(node.args) and is_text(node.args[0]))


def nodes(node: ast.AST, guards: bool) -> Iterator[ast.AST]:
    "`node` and those below it, without texts, messages, and unless asked for the tests of arguments."
    if isinstance(node, ast.Raise | ast.JoinedStr) or (is_guard(node) and not guards):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from nodes(child, guards)


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def shortly(text: str) -> str:
    "Code as a label quotes it."
    text = " ".join(text.split())
    return text if len(text) <= LIKE else text[:LIKE - 1] + "…"


def of_node(f: Function, node: ast.AST) -> Iterator[tuple]:
    "The edits at one node, in places of the cell."
    for kind, edits in KINDS.items():
        if isinstance(node, kind):
            yield from edits(f, node)


def operator(f: Function, left: ast.AST, right: ast.AST, written: str) -> tuple[int, int]:
    "Where the operator between two operands stands."
    at = f.cell.source.index(written, f.span(left)[1], f.span(right)[0])
    return at, at + len(written)


def binary(f: Function, node: ast.BinOp) -> Iterator[tuple]:
    "a + b: another sign, or one side dropped; the same for - * / @ **."
    kind = type(node.op)
    if kind not in PART or is_text(node.left) or is_text(node.right):
        return
    text, (start, end) = f.cell.source, f.span(node)
    spot = operator(f, node.left, node.right, WRITTEN[kind])
    if kind in SIGNS:
        yield spot, *spot, WRITTEN[SIGNS[kind]], SWAPPED[kind]
    left = len(text[:spot[0]].rstrip())
    square = kind is ast.Pow and getattr(node.right, "value", 0) == 2
    what = "the square" if square else f"the {PART[kind]} {shortly(text[spot[1]:end].strip())}"
    yield spot, left, end, "", f"drop {what}"
    if isinstance(node.op, BOTH_SIDES):
        right = end - len(text[spot[1]:end].lstrip())
        yield spot, start, right, "", f"drop the {PART[kind]} {shortly(text[start:left])}"


def in_place(f: Function, node: ast.AugAssign) -> Iterator[tuple]:
    "a += b: another sign."
    if (kind := type(node.op)) in SIGNS:
        spot = operator(f, node.target, node.value, WRITTEN[kind] + "=")
        yield spot, *spot, WRITTEN[SIGNS[kind]] + "=", SWAPPED[kind]


def attribute(f: Function, node: ast.Attribute) -> Iterator[tuple]:
    "A.T: A."
    if node.attr == "T":
        end = f.span(node)[1]
        yield (end - 2, end), end - 2, end, "", "drop the transpose"


def unary(f: Function, node: ast.UnaryOp) -> Iterator[tuple]:
    "-a: a, and `not a`: a."
    if isinstance(node.op, ast.USub | ast.Not):
        start, end = f.span(node)[0], f.span(node.operand)[0]
        word = f.cell.source[start:end].strip(" (")
        yield (start, start + len(word)), start, start + len(word), "", f"drop the {'minus' if word == '-' else word}"


def comparison(f: Function, node: ast.Compare) -> Iterator[tuple]:
    "a < b: a <= b and a > b, and so on."
    kind = type(node.ops[0])
    if len(node.ops) == 1 and kind in WRITTEN:
        spot = operator(f, node.left, node.comparators[0], WRITTEN[kind])
        for other in TURNED[kind]:
            yield spot, *spot, WRITTEN[other], f"{WRITTEN[kind]} becomes {WRITTEN[other]}"


def constant(f: Function, node: ast.Constant) -> Iterator[tuple]:
    "A number doubled, 0 made 1."
    if type(node.value) in (int, float):
        spot, other = f.span(node), repr(2 * node.value if node.value else type(node.value)(1))
        yield spot, *spot, other, f"{f.cell.source[slice(*spot)]} becomes {other}"


def call(f: Function, node: ast.Call) -> Iterator[tuple]:
    "max(x): min(x) and its like; abs(x), sqrt(x): x; range(n): one less."
    name, (start, end) = getattr(node.func, "attr", getattr(node.func, "id", "")), f.span(node)
    spot = f.span(node.func)[1] - len(name), f.span(node.func)[1]
    if name in TWIN:
        yield spot, *spot, TWIN[name], f"{name} becomes {TWIN[name]}"
    if name in WRAPPERS and len(node.args) == 1 and not node.keywords:
        yield spot, start, end, f"({f.cell.source[slice(*f.span(node.args[0]))]})", f"drop the {name}"
    if name == "range":
        stop = f.span(node.args[min(1, len(node.args) - 1)])[1]
        yield spot, stop, stop, " - 1", "stop one too early"


def piece(f: Function, node: ast.Slice) -> Iterator[tuple]:
    "x[a:b]: one later at the start, one earlier at the end."
    colon = f.cell.source.index(":", f.span(node.lower)[1]) if node.lower else f.span(node)[0]
    spot = colon, colon + 1
    if not isinstance(node.lower, ast.Constant):
        yield spot, colon, colon, " + 1" if node.lower else "1", "start one later"
    end = f.span(node.upper)[1] if node.upper else colon + 1
    if not isinstance(node.upper, ast.Constant):
        yield spot, end, end, " - 1" if node.upper else "-1", "stop one too early"


KINDS = {ast.BinOp: binary, ast.AugAssign: in_place, ast.Attribute: attribute, ast.UnaryOp: unary,
         ast.Compare: comparison, ast.Constant: constant, ast.Call: call, ast.Slice: piece}
