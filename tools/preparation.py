"What some code of a chapter needs from the cells above it, and no more: a program slice, statement by statement."
import ast
from collections.abc import Iterator
from dataclasses import dataclass

from book import Cell, Chapter
from exercises import bound, makes, uses

WHOLE = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)  # bind a name afresh


@dataclass
class Statement:
    "A statement at the top level of a cell."
    node: ast.stmt
    text: str
    cell: Cell

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def changes(self) -> set[str]:
        "The names that it binds, and those of the things that it changes in place."
        if isinstance(self.node, ast.FunctionDef | ast.ClassDef):
            return {self.node.name}
        stored = {base(n) for n in ast.walk(self.node)
                  if isinstance(n, ast.Subscript | ast.Attribute) and isinstance(n.ctx, ast.Store)}
        return set(bound(self.node)) | stored | called(self.node)


def called(node: ast.stmt) -> set[str]:
    "The names with a method that a statement calls for its own sake, as in `x.sort()`; not under `with raises(…)`."
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        return {base(function)} if isinstance(getattr(function, "value", None), ast.Name) else set()
    inner = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)]
    return set() if isinstance(node, ast.With) else set().union(*map(called, inner))


def base(node: ast.expr) -> str:
    "The name at the root of a.b[c].d."
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def statements(cells: list[Cell]) -> Iterator[Statement]:
    "The statements of the cells, the last first."
    for cell in reversed(cells):
        for node in reversed(cell.tree.body):
            lines = [ast.get_source_segment(cell.source, d) for d in getattr(node, "decorator_list", [])]
            text = ast.get_source_segment(cell.source, node) or ""
            yield Statement(node, "\n".join([*(f"@{line}" for line in lines), text]), cell)


def needed_before(nodes: list[ast.stmt], needed: set[str]) -> set[str]:
    "The names that must be there before `nodes` run, if `needed` are wanted after them."
    for node in reversed(nodes):
        if isinstance(node, ast.For):
            inside = needed_before(node.body, needed) - set(makes(ast.unparse(node.target) + " = 0"))
            needed = needed | inside | uses(ast.unparse(node.iter))
        elif isinstance(node, ast.With):
            given = {n.id for item in node.items for n in ast.walk(item.optional_vars or item) if is_stored(n)}
            needed = needed_before(node.body, needed) - given
            needed |= {name for item in node.items for name in uses(ast.unparse(item.context_expr))}
        else:
            needed = (needed - set(bound(node) if isinstance(node, WHOLE) else ())) | uses(ast.unparse(node))
    return needed


def is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def preparation(chapter: Chapter, until: int, code: str) -> str:
    "The imports and statements above cell `until` that `code` needs; what the module exports is imported from it."
    needed, modules, kept = needed_before(ast.parse(code).body, set()), [], []
    above = [c for c in chapter.code if c.number < until and "nbdev_export()" not in c.source]
    imports = {name for s in statements(above) if s.is_import for name in bound(s.node)}
    for s in statements(above):
        found = s.changes & needed - (set() if s.is_import else imports)
        if found and s.is_import:
            modules += [one_import(s.node, name) for name in sorted(found)]
            needed -= found
        elif found and s.cell.is_export:
            modules += [ast.ImportFrom(f"linreg_nb.{chapter.module}", [ast.alias(name)], 0) for name in sorted(found)]
            needed -= found
        elif found:
            needed = needed_before([s.node], needed)
            kept.append(s.text)
    return "\n".join([*import_lines(modules), "", *reversed(kept)]).strip()


def one_import(node: ast.Import | ast.ImportFrom, name: str) -> ast.Import | ast.ImportFrom:
    "The part of an import that binds `name`."
    only = [a for a in node.names if (a.asname or a.name).partition(".")[0] == name]
    return type(node)(**{**vars(node), "names": only[:1]})


def import_lines(nodes: list[ast.Import | ast.ImportFrom]) -> list[str]:
    "The imports in order, one line for each module; this package's last."
    modules: dict[str, set[str]] = {}
    for node in nodes:
        head = f"from {node.module} import " if isinstance(node, ast.ImportFrom) else "import "
        names = modules.setdefault(head, set())
        names |= {ast.unparse(a) for a in node.names}
    plain = [f"import {name}" for name in sorted(modules.pop("import ", ()))]
    heads = sorted(modules, key=lambda head: ("linreg_nb" in head, head))
    return plain + [head + ", ".join(sorted(modules[head])) for head in heads]
