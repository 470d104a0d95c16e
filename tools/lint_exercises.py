"Lint rules: a hint can be read without its solution, and an exercise graded by code says what to write."
import ast
import re

from book import Chapter
from exercises import FOLDED, HEADING, POSED, exercises, makes
from lint_notebook import Found
from slices import taken


def hints_stand_alone(chapter: Chapter) -> Found:
    "Behind each exercise a folded hint and, apart from it, a folded solution; appendices may keep both in one."
    if chapter.is_index or re.match(r"9\d", chapter.path.stem):
        return
    text = "\n\n".join(c.source for c in chapter.cells if not c.is_code)
    start = HEADING.search(text)
    pieces = POSED.split(text[start.end():] if start else "")[1:]
    for number, piece in zip(pieces[::2], pieces[1::2], strict=True):
        found = [(m["kind"], m["number"]) for m in FOLDED.finditer(piece)]
        if found != [("Hint", number), ("Solution", number)]:
            callout = f'`::: {{.callout-tip collapse="true" title="Hint {number}"}}`'
            yield "", f'exercise {number}: wanted behind it {callout}, then one with the title "Solution {number}"'


def exercises_name_what_they_ask(chapter: Chapter) -> Found:
    "Each name that a student must define stands in the exercise's text, a function with its parameters."
    for exercise in exercises(chapter):
        if exercise.answer and not exercise.asked:
            yield "", f"exercise {exercise.number}: its test uses nothing that its solution defines"
        functions = {n.name: n for n in ast.parse(exercise.answer).body if isinstance(n, ast.FunctionDef)}
        for name in exercise.asked:
            call = f"{name}({', '.join(a.arg for a in functions[name].args.args)})" if name in functions else name
            if f"`{call}`" not in exercise.text:
                yield "", f"exercise {exercise.number}: its text must say what to write: `{call}`"


def exercises_are_graded_apart(chapter: Chapter) -> Found:
    "No exercise needs what another one defines: a student who failed the one can solve the other."
    made: dict[str, int] = {}
    for exercise in exercises(chapter):
        code = "\n".join((exercise.given, exercise.answer, exercise.test))
        if exercise.answer:
            for name in sorted(taken(ast.parse(code).body, set()) & made.keys()):
                said = f"exercise {exercise.number} reads `{name}`, which exercise {made[name]} defines"
                yield "", f"{said}: give it its own"
        made |= {name: exercise.number for name in makes(code)}


CHAPTER_RULES = [hints_stand_alone, exercises_name_what_they_ask, exercises_are_graded_apart]
BOOK_RULES = []
