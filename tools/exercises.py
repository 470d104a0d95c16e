"""The exercises of a chapter, as its author writes them: text, folded hint, folded solution, and code that tests it.

Behind the exercises stands a code cell with a block for each, under a line `# Exercise 1`. In a block, what a student
is asked to write stands between `### BEGIN SOLUTION` and `### END SOLUTION` (nbgrader's marks). Above them is what the
exercise gives, below them its test. A block without marks runs what the prose says; such an exercise is graded by hand.
A further block under `# Exercise 1, the text` does the same for an exercise graded by code.
"""
import ast
import builtins
import re
import symtable
from dataclasses import dataclass

from book import Chapter

HEADING = re.compile(r"^## Exercises\b[^\n]*$", re.M)
POSED = re.compile(r"^\*\*(\d+)\.\*\*", re.M)
FOLDED = re.compile(r'^(?P<fence>:::+) *\{\.callout-tip collapse="true" '
                    r'title="(?P<kind>Hint|Solution) (?P<number>\d+)"\}\n'
                    r"(?P<body>.*?)\n(?P=fence)[ \t]*$", re.M | re.S)
BLOCK = re.compile(r"^# Exercises? (\d+)(?: and \d+)?(, the text)?$\n", re.M)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
MARKED = re.compile(rf"^{BEGIN}\n(.*?)^{END}[ \t]*(?:\n|\Z)", re.M | re.S)
RAISE = ast.parse("raise NotImplementedError").body


@dataclass
class Exercise:
    "One exercise: what a student reads, and the three parts of its code."
    number: int
    text: str
    hint: str = ""
    solution: str = ""
    given: str = ""
    answer: str = ""  # empty where a person grades
    test: str = ""

    @property
    def asked(self) -> list[str]:
        "The names that a student defines: those of the answer that the test uses, in the answer's order."
        return [name for name in makes(self.answer) if name in uses(self.test)]

    @property
    def stub(self) -> str:
        "What stands in the answer's place for a student."
        return "\n\n".join(stubs(self.answer, self.asked))


def makes(code: str) -> list[str]:
    "The names that the top level of `code` binds, each once."
    names: list[str] = []
    for node in ast.parse(code).body:
        names += bound(node)
    return list(dict.fromkeys(names))


def bound(node: ast.stmt) -> list[str]:
    "The names that one statement binds at its own level."
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    inner = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    inside = {id(m) for n in ast.walk(node) if isinstance(n, ast.comprehension) for m in ast.walk(n.target)}
    return [n.id for n in inner if id(n) not in inside]


def uses(code: str) -> set[str]:
    "The names that `code` reads from around it, in functions too; Python's own left out."
    def walk(table: symtable.SymbolTable) -> set[str]:
        here = {s.get_name() for s in table.get_symbols()
                if s.is_referenced() and (table.get_type() == "module" or s.is_global())}
        return here.union(*map(walk, table.get_children()))
    augmented = {n.target.id for n in ast.walk(ast.parse(code))
                 if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)}
    return (walk(symtable.symtable(code, "cell", "exec")) | augmented) - set(vars(builtins))


def stubs(answer: str, asked: list[str]) -> list[str]:
    "Each asked function with its docstring and no body, each other asked name as `name = ...`."
    found, plain = [], [name for name in asked]
    for node in ast.parse(answer).body:
        if isinstance(node, ast.FunctionDef) and node.name in asked:
            doc = node.body[:1] if ast.get_docstring(node) else []
            node.body = doc + RAISE
            found.append(ast.unparse(node))
            plain.remove(node.name)
    return ["\n".join(f"{name} = ..." for name in plain), *found] if plain else found


def posed(text: str) -> list[Exercise]:
    "The exercises in the Markdown `text`, without their code."
    start = HEADING.search(text)
    pieces = POSED.split(text[start.end():] if start else "")[1:]
    found = []
    for number, piece in zip(map(int, pieces[::2]), pieces[1::2], strict=True):
        folded = {m["kind"]: m["body"] for m in FOLDED.finditer(piece) if int(m["number"]) == number}
        first = FOLDED.search(piece)
        words = piece[:first.start()] if first else piece
        found.append(Exercise(number, words.strip(), folded.get("Hint", ""), folded.get("Solution", "")))
    return found


def place(chapter: Chapter) -> int:
    "The number of the cell with the solutions' code, the first behind the exercises; -1 where there is none."
    prose = [c.number for c in chapter.cells if c.prose and HEADING.search(c.prose)]
    return next((c.number for c in chapter.code if prose and c.number > prose[-1]), -1)


def exercises(chapter: Chapter) -> list[Exercise]:
    "All exercises of a chapter with their code."
    found = posed("\n\n".join(c.source for c in chapter.cells if not c.is_code))
    at = place(chapter)
    pieces = BLOCK.split(chapter.cells[at].source if at >= 0 else "")[1:]
    blocks = zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    code = {int(number): block for number, of_the_text, block in blocks if not of_the_text}
    for exercise in found:
        block = code.get(exercise.number, "")
        marked = MARKED.search(block)
        if marked:
            exercise.given, exercise.answer = block[:marked.start()].strip(), marked[1].strip()
            block = block[marked.end():]
        exercise.test = block.strip()
    return found
