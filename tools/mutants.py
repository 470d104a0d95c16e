"Mutants of exported functions, made from the syntax tree: each is one small mistake that some cell ought to notice."
import ast
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from book import Cell, Chapter

Place = tuple[ast.AST, str, int | None]  # parent, field, index in that field
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
TURNED = {ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
          ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
          ast.In: (ast.NotIn,), ast.NotIn: (ast.In,)}
TWINS = [("max", "min"), ("maximum", "minimum"), ("argmax", "argmin"), ("any", "all"), ("zeros", "ones"),
         ("tril", "triu"), ("floor", "ceil")]
TWIN = {a: b for pair in TWINS for a, b in (pair, pair[::-1])}
DROPPED_CALLS = {"abs", "sqrt", "transpose", "copy"}  # f(x) or x.f() becomes x
UNTOUCHED_FIELDS = {"annotation", "returns", "decorator_list", "type_params", "bases"}


def said(error: BaseException) -> str:
    "An exception in one line."
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0][:120]}" if text else type(error).__name__


@dataclass
class Mutant:
    "One mutated cell; `function`, `mutation` and `nth` name it, whatever else is edited in the chapter."
    function: str   # module.function or module.Class.method
    mutation: str   # `before` -> `after`
    nth: int        # counted from 1 where the function holds the same mutation several times
    cell: Cell
    line: int
    tree: ast.Module = field(repr=False)

    @property
    def key(self) -> tuple[str, str, int]:
        return self.function, self.mutation, self.nth

    @property
    def title(self) -> str:
        return f"{self.mutation}" + (f" (nth = {self.nth})" if self.nth > 1 else "")

    def told(self, cell: Cell, error: BaseException) -> str:
        "How its end is told: the cell that noticed, and what it raised."
        return f"{cell.id}: {said(error)}"


def _name(node: ast.AST) -> str:
    "The last part of a name or attribute: `np.abs` gives abs."
    return getattr(node, "attr", getattr(node, "id", ""))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _plus(node: ast.expr | None, step: int) -> ast.expr:
    "`node` moved by `step`; an open bound of a slice counts from its end."
    if node is None:
        return ast.Constant(1) if step > 0 else ast.UnaryOp(ast.USub(), ast.Constant(1))
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(1))


def binary(node: ast.AST) -> Iterator[ast.AST]:
    "a + b: another sign, or one side dropped; the same for - * / **."
    if not isinstance(node, ast.BinOp) or _is_text(node.left) or _is_text(node.right):
        return
    if type(node.op) in SIGNS:
        yield ast.BinOp(node.left, SIGNS[type(node.op)](), node.right)
    if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
        yield node.left
    if isinstance(node.op, ast.Add | ast.Mult):
        yield node.right


def in_place(node: ast.AST) -> Iterator[ast.AST]:
    "a += b: another sign."
    if isinstance(node, ast.AugAssign) and type(node.op) in SIGNS:
        yield ast.AugAssign(node.target, SIGNS[type(node.op)](), node.value)


def unary(node: ast.AST) -> Iterator[ast.AST]:
    "-a, ~a and `not a`: a."
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield node.operand


def transpose(node: ast.AST) -> Iterator[ast.AST]:
    "A.T: A."
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value


def comparison(node: ast.AST) -> Iterator[ast.AST]:
    "a < b: a <= b and a > b, and so on."
    for i, op in enumerate(node.ops if isinstance(node, ast.Compare) else []):
        for other in TURNED[type(op)]:
            yield ast.Compare(node.left, [*node.ops[:i], other(), *node.ops[i + 1:]], node.comparators)


def logic(node: ast.AST) -> Iterator[ast.AST]:
    "a and b: a or b."
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def constant(node: ast.AST) -> Iterator[ast.AST]:
    "A number doubled, 0 made 1, True made False."
    if not isinstance(node, ast.Constant) or not isinstance(node.value, bool | int | float | complex):
        return
    value = node.value
    yield ast.Constant(not value if isinstance(value, bool) else 2 * value if value else type(value)(1))


def bounds(node: ast.AST) -> Iterator[ast.AST]:
    "range(a, b) and x[a:b]: one later at the start, one earlier at the end."
    if isinstance(node, ast.Slice):
        yield ast.Slice(_plus(node.lower, 1), node.upper, node.step)
        if node.lower or node.upper:
            yield ast.Slice(node.lower, _plus(node.upper, -1), node.step)
    if isinstance(node, ast.Call) and _name(node.func) in ("range", "arange") and node.args:
        first, *rest = node.args
        yield ast.Call(node.func, [_plus(first, 1 if rest else -1), *rest], node.keywords)
        if rest:
            yield ast.Call(node.func, [first, _plus(rest[0], -1), *rest[1:]], node.keywords)


def calls(node: ast.AST) -> Iterator[ast.AST]:
    "max(x): min(x) and its like; abs(x), sqrt(x), x.copy(): x."
    if not isinstance(node, ast.Call):
        return
    name, func = _name(node.func), node.func
    if name in TWIN:
        other = deepcopy(func)
        setattr(other, "id" if isinstance(func, ast.Name) else "attr", TWIN[name])
        yield ast.Call(other, node.args, node.keywords)
    if name in DROPPED_CALLS:
        if node.args:
            yield node.args[0]
        elif isinstance(func, ast.Attribute):
            yield func.value


def condition(node: ast.AST) -> Iterator[ast.AST]:
    "if a: if not a, where a is no comparison (those are turned)."
    if isinstance(node, ast.If | ast.While | ast.IfExp) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
        changed = deepcopy(node)
        changed.test = ast.UnaryOp(ast.Not(), changed.test)
        yield changed


def statement(node: ast.AST) -> Iterator[ast.AST]:
    "A raise, or a call that stands alone: nothing."
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()


OPERATORS = [binary, in_place, unary, transpose, comparison, logic, constant, bounds, calls, condition, statement]


def _children(node: ast.AST) -> Iterator[Place]:
    "The places below `node` that a mutation may change: no annotations, decorators, texts or raised messages."
    if isinstance(node, ast.Raise | ast.JoinedStr) or (isinstance(node, ast.keyword) and node.arg == "stacklevel"):
        return
    for name, value in ast.iter_fields(node):
        if name in UNTOUCHED_FIELDS:
            continue
        if isinstance(value, list):
            yield from ((node, name, i) for i, item in enumerate(value) if isinstance(item, ast.AST))
        elif isinstance(value, ast.AST):
            yield node, name, None


def _get(place: Place) -> ast.AST:
    parent, name, index = place
    return getattr(parent, name) if index is None else getattr(parent, name)[index]


def _put(place: Place, node: ast.AST) -> None:
    parent, name, index = place
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


def _places(node: ast.AST, owner: str = "") -> Iterator[tuple[Place, str]]:
    "Every place below `node`, in the order of the source, with the function that it belongs to."
    for place in _children(node):
        child = _get(place)
        inner = owner
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{owner}.{child.name}" if owner else child.name
        if inner:
            yield place, inner
        yield from _places(child, inner)


def _is_wide(place: Place) -> bool:
    "Whether the node says too little alone, so that it is shown with the expression that it is part of."
    parent, name, _ = place
    node = _get(place)
    if isinstance(node, ast.stmt) or (isinstance(parent, ast.arguments) and name.endswith("defaults")):
        return False
    small = isinstance(node, ast.Constant | ast.Name | ast.Slice) or len(ast.unparse(node)) < 6
    return small and isinstance(parent, (ast.expr, ast.keyword, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign))


def _snippet(place: Place, wide: bool) -> str:
    "The source of a place in one line: a compound statement's head, a default with its name, a raise with its type."
    parent, name, index = place
    node = _get(place)
    if isinstance(node, ast.If | ast.While):
        return ast.unparse(node).splitlines()[0]
    if isinstance(node, ast.Raise):
        return f"raise {ast.unparse(node.exc).partition('(')[0]}(…)" if node.exc else "raise"
    if isinstance(parent, ast.arguments) and name.endswith("defaults"):
        names = [*parent.posonlyargs, *parent.args]
        names = names[len(names) - len(parent.defaults):] if name == "defaults" else parent.kwonlyargs
        return f"{names[index].arg}={ast.unparse(node)}"
    return " ".join(ast.unparse(parent if wide else node).split())


def cell_mutants(cell: Cell, module: str) -> Iterator[Mutant]:
    "All mutants of the functions in one exported cell."
    tree = deepcopy(cell.tree)
    seen = {ast.dump(tree)}
    for place, owner in list(_places(tree)):
        node, wide = _get(place), _is_wide(place)
        before = _snippet(place, wide)
        for changed in (new for operator in OPERATORS for new in operator(node)):
            _put(place, ast.copy_location(changed, node))
            after, copy = _snippet(place, wide), ast.fix_missing_locations(deepcopy(tree))
            _put(place, node)
            if ast.dump(copy) not in seen:
                seen.add(ast.dump(copy))
                yield Mutant(f"{module}.{owner}", f"{before} -> {after}", 1, cell, getattr(node, "lineno", 0), copy)


def mutants(chapter: Chapter) -> list[Mutant]:
    "All mutants of the functions that the chapter exports."
    found = [m for cell in chapter.code if cell.is_export for m in cell_mutants(cell, chapter.module)]
    count: Counter = Counter()
    for m in found:
        count[m.function, m.mutation] += 1
        m.nth = count[m.function, m.mutation]
    return found
