"""What a cell of a chapter shows, without its tests, and what it needs of the cells before it: from the code alone.

A statement takes names and gives names. From the names that a cell takes, the way leads back to the statements that
gave them, and so on. What a chapter exports is imported from its module instead. Nothing is run here; a test runs what
comes out, and compares it with the answers that are stored in the chapter.
"""
import ast
import functools
import re
import symtable
from dataclasses import dataclass

from book import Chapter

EXPORTED = re.compile(r"^#\| *exports?\b", re.M)
IMPORT = re.compile(r"(from \S+ )?import ")
MAGIC = re.compile(r"^[%!].*", re.M)
TESTS = ("check(", "np.testing.", "nbdev.")  # calls that show nothing


@dataclass
class Statement:
    "One statement at the top of a cell."
    code: str
    takes: set[str]    # the names that it reads from before
    gives: set[str]    # the names that it binds
    changes: set[str]  # the names whose values it may change
    shows: bool        # whether it prints, draws or ends in a value


def names(code: str) -> tuple[set[str], set[str]]:
    "The names that a piece of code gives a value to, and those that it reads."
    table = symtable.symtable(code, "cell", "exec")
    inner, read = table.get_children(), {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        read |= {s.get_name() for s in scope.get_symbols() if s.is_global()}
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}, read


def heads(node: ast.stmt) -> list[ast.AST]:
    "What a compound statement evaluates and binds before its body, in this order."
    if isinstance(node, ast.For):
        return [node.iter, node.target]
    if isinstance(node, ast.With):
        return [part for item in node.items for part in (item.context_expr, item.optional_vars) if part]
    return [node.test]


def taken(nodes: list[ast.stmt], bound: set[str]) -> set[str]:
    "The names that these statements read from before them; `bound` collects those that they bind."
    found = set()
    for node in nodes:
        if isinstance(node, ast.For | ast.With | ast.If | ast.While):
            for head in heads(node):
                stored = {n.id for n in ast.walk(head) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                found |= names(ast.unparse(head))[1] - bound if not stored else set()
                bound |= stored
            found |= taken(node.body, bound) | taken(getattr(node, "orelse", []), bound)
        else:
            gives, reads = names(ast.unparse(node))
            found |= (reads | changed(node)) - bound
            bound |= gives
    return found


def base(node: ast.AST) -> str:
    "The name at the root of `a.b[c].d`; '' where there is none."
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def changed(tree: ast.AST) -> set[str]:
    "The names whose values a statement may change: by an assignment to a part, by a method called for its effect."
    found, inner = set(), [tree]
    while inner:
        node = inner.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):  # changes nothing before it is called
            continue
        inner += ast.iter_child_nodes(node)
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(base(node))
        elif isinstance(node, ast.AugAssign):
            found.add(base(node.target))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            method = node.value.func
            found.add(base(method) if isinstance(getattr(method, "value", None), ast.Name) else "")
        elif isinstance(node, ast.Call) and base(node.func) == "rng":  # each draw moves it on
            found.add("rng")
    return found - {"", "np", "plt", "sp"}


def statement(code: str) -> Statement:
    "A statement with its names."
    tree, bound = ast.parse(code), set()
    takes = taken(tree.body, bound)
    shows = any(isinstance(n, ast.Expr) and not isinstance(n.value, ast.Constant) for n in ast.walk(tree))
    return Statement(code, takes, bound, changed(tree), shows)


def written(code: str, node: ast.stmt) -> str:
    "A statement as it is written, with the comment or the semicolon behind it."
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    rows = [line.encode() for line in code.split("\n")[first - 1:node.end_lineno]]
    behind = rows[-1][node.end_col_offset:].decode()
    rows[-1] = rows[-1][:node.end_col_offset]
    rows[0] = rows[0][node.col_offset if first == node.lineno else 0:]
    end = behind if behind.strip().startswith("#") else ";" if behind.strip() == ";" else ""
    return b"\n".join(rows).decode() + end.rstrip()


class Untested(ast.NodeTransformer):
    "Takes the tests out of a piece of code; an empty block goes with them."

    def generic_visit(self, node):
        super().generic_visit(node)
        for handler in getattr(node, "handlers", []):
            handler.body = handler.body or [ast.Pass()]
        return None if getattr(node, "body", None) == [] and isinstance(node, ast.stmt) else node

    def visit_Assert(self, node):
        return None

    def visit_With(self, node):
        heads = [ast.unparse(item) for item in node.items]
        tests = all(head.startswith("pytest.raises(") and " as " not in head for head in heads)
        return None if tests else self.generic_visit(node)

    def visit_Expr(self, node):
        return None if ast.unparse(node).startswith(TESTS) else node


def untested(code: str, node: ast.stmt) -> list[Statement]:
    "A statement without its tests, as it is written where it has none; nothing where it only tests."
    text, before = written(code, node), ast.dump(node)
    after = Untested().visit(node)
    return [statement(text if ast.dump(after) == before else ast.unparse(after))] if after else []


@functools.cache
def statements(cell: str, module: str) -> tuple[Statement, ...]:
    "The statements of a cell, an import for each name; what the cell exports is imported from the chapter's module."
    code, found = MAGIC.sub("", cell), []
    for node in ast.parse(code).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += [statement(ast.unparse(type(node)(**(vars(node) | {"names": [name]})))) for name in node.names]
        elif EXPORTED.search(cell):
            found += [statement(f"from {module} import {name}") for name in sorted(names(ast.unparse(node))[0])]
        else:
            found += untested(code, node)
    return tuple(found)


def alive(steps: list[Statement], live: set[str], show: bool) -> list[Statement]:
    "Those of the `steps` that give what is `live` behind them or show something; `live` is then what they take."
    found = []
    for step in reversed(steps):
        if (step.gives | step.changes) & live or show and step.shows:
            found.append(step)
            live -= step.gives - step.changes
            live |= step.takes
    return found[::-1]


def needed(earlier: list[Statement], live: set[str]) -> str:
    "Those of the `earlier` statements that give the names in `live`: imports, a line for each module, then the others."
    steps = dict.fromkeys(step.code for step in alive(earlier, live, False))
    imports = [code for code in steps if IMPORT.match(code)]
    return "\n".join([*together(imports), *(code for code in steps if code not in imports)])


def together(imports: list[str]) -> list[str]:
    "Imports of one name each as one line for each module, in order, this package's last."
    modules: dict[str, set[str]] = {}
    for code in imports:
        head, _, name = code.rpartition("import ")
        modules.setdefault(head, set()).add(name)
    plain = [f"import {name}" for name in sorted(modules.pop("", ()))]
    heads = sorted(modules, key=lambda head: ("linreg_nb" in head, head))
    return plain + [f"{head}import {', '.join(sorted(modules[head]))}" for head in heads]


def box(cell: str, earlier: list[Statement]) -> tuple[str, str]:
    "What has to run before a cell, imports first, and what the cell shows."
    live: set[str] = set()
    shown = alive(statements(cell, ""), live, True)
    return needed(earlier, live), "\n".join(step.code for step in shown)


def preparation(chapter: Chapter, until: int, code: str) -> str:
    "What `code` needs of the cells of a chapter above cell `until`."
    above = [cell.source for cell in chapter.code if cell.number < until]
    earlier = [step for text in above for step in statements(text, f"linreg_nb.{chapter.module}")]
    return needed(earlier, taken(ast.parse(code).body, set()))
