"""What a box to try an exercise in place needs, put behind the text of each exercise that code grades.

A page holds `<div class="try-exercise" data-chapter="02_gradient" data-exercise="1">` with its data as JSON:
`preparation` and `given` run before the student's code, `stub` stands in the box, `test` runs behind it. Without a
script that reads it, nothing shows.
"""
import json
import re

from book import Chapter
from exercises import Exercise, exercises, place
from preparation import preparation

FIRST = '^:::+ *\\{{\\.callout-tip collapse="true" title="Hint {}"\\}}$'


def data(chapter: Chapter, exercise: Exercise) -> str:
    "The JSON of one exercise, with no character in it that HTML or Markdown would read as its own."
    code = "\n".join((exercise.given, exercise.answer, exercise.test))
    parts = {"preparation": preparation(chapter, place(chapter), code), "given": exercise.given,
             "stub": exercise.stub, "test": exercise.test}
    text = json.dumps(parts)
    return re.sub(r"[<>&$@*_`~^|\[\]#]", lambda m: f"\\u{ord(m[0]):04x}", text)


def with_data(text: str, chapter: Chapter) -> str:
    "Markdown `text` with the data of each graded exercise before its hint."
    for e in exercises(chapter):
        if e.answer and (at := re.search(FIRST.format(e.number), text, re.M)):
            head = f'<div class="try-exercise" data-chapter="{chapter.path.stem}" data-exercise="{e.number}">'
            block = f'{head}<script type="application/json">{data(chapter, e)}</script></div>\n\n'
            text = text[:at.start()] + block + text[at.start():]
    return text
