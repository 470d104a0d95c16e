"An edition for a class: without solutions, with tests that pass what is right, and fail the rest with a reason."
import ast
import csv
import json
import re
import subprocess
import sys
import warnings
from collections import Counter
from functools import cache

import numpy as np
import pytest
from book import ROOT, read_book
from exercises import exercises
from grade import ESCAPES, restored, run
from teach import edition, silent

CHAPTERS = {c.path.stem: c for c in read_book() if exercises(c) and not c.path.stem.startswith("9")}
EXTRAS = {"15_estimators": {"sklearn"}, "15b_formulas": {"pandas"}}  # beyond the package's own dependencies


@cache
def cells_of(name: str) -> list[dict]:
    "The cells of a chapter's edition."
    return edition(CHAPTERS[name])["cells"]


# --- what it holds

def test_two_thirds_of_the_exercises_are_graded_by_code():
    graded = Counter(bool(e.answer) for c in CHAPTERS.values() for e in exercises(c))
    assert graded[True] >= 2 * graded[False]


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_edition_holds_nothing_of_the_solutions(name):
    cells = cells_of(name)
    text = "\n".join("".join(c["source"]) for c in cells)
    assert all(not c.get("outputs") for c in cells) and "BEGIN SOLUTION" not in text and ":::" not in text
    for e in exercises(CHAPTERS[name]):
        secret = [line.strip() for line in e.answer.splitlines() if not re.match(r'def |\s*"[^"]*"$|\s*$', line)]
        secret += re.split(r"(?<=[.?!:]) ", e.hint + " " + e.solution)
        assert not [part for part in secret if len(part) > 15 and part in text]


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_edition_needs_the_package_alone(name):
    code = "\n".join("".join(c["source"]) for c in cells_of(name) if c["cell_type"] == "code")
    packages = set(re.findall(r"^(?:from|import) (\w+)", code, re.M)) - set(sys.stdlib_module_names)
    assert packages <= {"numpy", "scipy", "linreg_nb"} | EXTRAS.get(name, set())


@pytest.mark.parametrize("name", CHAPTERS)
def test_its_cells_carry_what_nbgrader_reads(name):
    marks = [c["metadata"]["nbgrader"] for c in cells_of(name)]
    assert len({m["grade_id"] for m in marks}) == len(marks)
    for m in marks:
        assert m.keys() - {"points"} == {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
        assert m["locked"] is not m["solution"] and ("points" in m) is m["grade"] and m["schema_version"] == 3
    assert sum(m["grade"] for m in marks) == len(exercises(CHAPTERS[name]))


def test_a_test_shows_no_value_that_nbgrader_would_take_for_points():
    assert silent("x = 1\n'ä', x  # a pair") == "x = 1\n'ä', x;  # a pair"
    assert silent("x\nprint(x)") == "x\nprint(x)" and silent("np.testing.a(\n1)") == "np.testing.a(\n1)"
    tests = ["".join(c["source"]) for name in CHAPTERS for c in cells_of(name) if c["id"].endswith("-test")]
    last = [ast.parse(test).body[-1] for test in tests if not test.endswith(";")]
    assert all(ast.unparse(s).startswith(("np.testing.", "print(")) for s in last if isinstance(s, ast.Expr))


# --- what its tests tell

WRONG = {  # where the sign of a number in the answer tells nothing: the right answer to a plausible wrong one
    "x_flat": lambda right: np.array([10.0, 11.0, 10.0]), "y_flat": lambda right: np.array([1.0, 2.0, 9.0]),
    "slid": lambda right: lambda window, *rest: window,
    "training": lambda right: lambda folds, k: sum(folds),
    "without": lambda right: lambda gram, x, y: right(gram, -x, y),
    "fit_cafes": lambda right: lambda paths, checkpoint: right(paths[1:], checkpoint),
    "added_by_threads": lambda right: lambda reader, starts, chunks: right(reader, starts[1:], chunks),
    "same_lasso": lambda right: lambda X, y, a: right(X, y, 2 * a),
}


def flipped(value):
    "An answer with a sign turned: that of a number, of the first in an array, of what a function returns."
    if callable(value):
        return lambda *args: flipped(value(*args))
    if isinstance(value, np.ndarray) and value.ndim:
        found = np.array(value, float)
        at = np.argmax(found.ravel() != 0)
        found.flat[at] = flipped(found.flat[at])
        return found
    if isinstance(value, list | tuple):
        return type(value)([flipped(value[0]), *value[1:]])
    if isinstance(value, set):
        return value ^ {"squares"}
    if isinstance(value, str):
        return value[::-1]
    return not value if isinstance(value, bool | np.bool_) else -value if value else value + 1


def failure(test: str, namespace: dict) -> str:
    "What the test says, '' where it passes."
    try:
        exec(compile(test, "test", "exec"), dict(namespace))
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""


@pytest.mark.parametrize("name", CHAPTERS)
def test_solutions_pass_and_stubs_and_wrong_answers_fail(name):
    "All in one process: what the chapter prepares, then each exercise with its stub, its solution and wrong answers."
    prepared = {}
    exec("\n".join("".join(c["source"]) for c in cells_of(name) if c["id"] == "preparation"), prepared)
    for e in [e for e in exercises(CHAPTERS[name]) if e.answer]:
        exec(e.given, prepared)
        stub, solved = dict(prepared), dict(prepared)
        exec(e.stub, stub)
        exec(e.answer, solved)
        assert failure(e.test, stub), f"exercise {e.number}: the stub passes"
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # nbgrader gives no point where something is written to stderr
            assert not failure(e.test, solved), f"exercise {e.number}: {failure(e.test, solved)}"
        for asked in e.asked:
            said = failure(e.test, solved | {asked: WRONG.get(asked, flipped)(solved[asked])})
            assert re.match(r"\w+: \S+ \S+ \S+", said), f"exercise {e.number}, {asked} wrong: the test says {said!r}"


# --- the commands

def call(*words) -> str:
    "What a command prints; it must not fail."
    done = subprocess.run([sys.executable, *map(str, words)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def change(path, name, source) -> None:
    "Put `source` into the cell `name` of a notebook."
    nb = json.loads(path.read_text())
    next(c for c in nb["cells"] if c["id"] == name)["source"] = source
    path.write_text(json.dumps(nb))


def test_a_class_is_graded_whatever_its_students_hand_in(tmp_path):
    right, mixed, empty = tmp_path / "right", tmp_path / "mixed", tmp_path / "empty"
    empty.mkdir()
    call("tools/teach.py", right, "01", "--solutions")
    assert "4 graded by code, 0 by hand" in call("tools/teach.py", mixed, "01")
    path = mixed / "01_hypothesis.ipynb"
    change(path, "exercise-1-answer", "def best_sigma(e): return -(e @ e / len(e))**0.5")  # a sign
    change(path, "exercise-2-answer", "while True: pass")
    change(path, "exercise-3-answer", "alpha_20 = (")
    change(path, "exercise-4-answer", "prices, direction = np.array([2.5, 0.0]), np.array([-3.0, 4.0])")
    change(path, "exercise-4-test", "assert False, 'a test that the student has changed'")
    out = call("tools/grade.py", right, mixed, empty, "--chapter", "01", "--seconds", 15,
               "--json", tmp_path / "grades.json", "--csv", tmp_path / "grades.csv")
    assert "right: 4 of 4 passed" in out and "mixed: 1 of 4 passed" in out and "empty: 0 of 4 passed" in out
    rows = json.loads((tmp_path / "grades.json").read_text())
    by_csv = csv.DictReader((tmp_path / "grades.csv").open())
    assert rows == [{**row, "exercise": int(row["exercise"])} for row in by_csv]
    said = {row["exercise"]: (row["result"], row["message"]) for row in rows if row["student"] == "mixed"}
    assert re.match(r"AssertionError: a search finds 0\.\d+, best_sigma -0\.\d+", said[1][1])
    assert said[2] == ("failed", "stopped after 15 s") and said[4] == ("passed", "")
    assert said[3][1].startswith("SyntaxError")
    assert {row["message"] for row in rows if row["student"] == "empty"} == {"not handed in"}


def test_a_kernel_that_dies_passes_nothing_and_one_that_is_stopped_goes_on():
    cells = [{"cell_type": "code", "id": name, "metadata": {}, "outputs": [], "execution_count": None, "source": code}
             for name, code in {"fine": "x = 1", "dies": "import os; os._exit(1)", "behind": "x = 2"}.items()]
    assert run(cells, 20) == dict.fromkeys(("dies", "behind"), "not run: the kernel died")
    cells[1]["source"] = "while True: pass"
    assert run(cells, 2) == {"dies": "stopped after 2 s"}


def test_what_a_student_deletes_is_put_back():
    pristine = edition(CHAPTERS["06_normal_equations"])
    kept = [c for c in pristine["cells"] if c["id"] not in {"preparation", "exercise-1-test", "exercise-2-answer"}]
    cells = restored({"cells": kept}, pristine)
    assert [c["id"] for c in cells] == [c["id"] for c in pristine["cells"]]
    assert ESCAPES.sub("", "\x1b[31mred\x1b[0m") == "red"
