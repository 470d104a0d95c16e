"""The breaks that readers try on the site: the record is that of the code as it is, and a sample ends as recorded.

With WHOLE_MUTATION set in the environment, as in CI's weekly run, every break is run again.
"""
import os
import re
import subprocess
import sys

import pytest
from book import ROOT, Cell
from breaks import Break, chosen, compare, explained, fingerprint, is_current, read_record
from site_breaks import box, table
from site_text import Page
from spots import Function

CHOSEN = chosen([])
SAMPLE = ["00", "01"]  # cheap ones
EVERY = sorted({c.chapter.path.stem for c in CHOSEN})
CODE = '''#| exports
def f(X,          # α is two bytes
      y: float = 0.5):
    "Something, with a minus - in its words."
    if not y > 0:
        raise ValueError(f"y is {y - 1}")
    for i in range(len(X)):
        y -= 2 * X[i].T @ X[:i] ** 2  # β - γ
    return -np.sqrt(y) / (X + 1)
'''


def function(source: str = CODE) -> Function:
    "The function of a cell."
    cell = Cell({"cell_type": "code", "id": "f", "source": source}, 0)
    return Function(cell, cell.tree.body[-1])


def test_every_listed_function_has_a_current_record_and_no_other():
    record = read_record()
    assert list(record) == [c.name for c in CHOSEN]
    outdated = [c.name for c in CHOSEN if not is_current(c, record)]
    assert not outdated, "run `python tools/breaks.py`"


@pytest.mark.parametrize("c", CHOSEN, ids=lambda c: c.name)
def test_each_break_says_who_noticed_it_or_why_nobody_can(c):
    breaks = read_record()[c.name]["breaks"]
    assert len(breaks) == len(c.function.edits) == len({b["id"] for b in breaks}) > 0
    cells = {cell.id for cell in c.chapter.code}
    for b in breaks:
        assert (b["said"] and (b["red"] in cells or "stopped" in b["said"])) if "red" in b else b["why"]
    assert any("red" in b for b in breaks), "a function none of whose breaks is noticed teaches nothing"


@pytest.mark.parametrize("name", EVERY if os.environ.get("WHOLE_MUTATION") else SAMPLE)
def test_the_breaks_end_as_recorded(name):
    done = subprocess.run([sys.executable, "tools/breaks.py", name, "--check", "--jobs", "1"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.match(r"[1-9]\d* functions, [1-9]\d* breaks", done.stdout)


def test_another_end_than_the_recorded_one_is_named():
    c = CHOSEN[0]
    kept = [{"id": "a", "red": "one", "check": "eq-x"}, {"id": "b", "why": "equal"}]
    record = {c.name: {"breaks": kept}}
    assert compare(c, record, kept) == []
    assert compare(c, record, [{"id": "a", "red": "two", "check": ""}, kept[1]]) == [
        f"  {c.name} a: recorded ('one', 'eq-x'), found ('two', '')"]
    assert "found None" in compare(c, record, kept[1:])[0]


def test_a_change_before_the_cell_that_noticed_makes_the_record_stale_and_one_behind_it_does_not():
    c = next(c for c in CHOSEN if c.name == "sgd.lms_step")
    breaks = [{"red": "lms-check"}]
    mark, cells = fingerprint(c, breaks), c.chapter.cells
    places = {cell.id: i for i, cell in enumerate(cells)}
    for name, is_same in (("descent-check", False), ("lms-check", False), ("worked-code", True)):
        before = cells[places[name]]
        cells[places[name]] = Cell({**before.raw, "source": before.source + "\n0"}, before.number)
        assert (fingerprint(c, breaks) == mark) == is_same, name
        cells[places[name]] = before


def test_edits_are_those_of_somebody_who_copies_a_formula():
    f = function()
    assert f.head == "def f(X, y=0.5):\n"
    found = {(f.code[slice(*e.spot)], e.says): e.apply(f.code).splitlines() for e in f.edits}
    assert found["-=", "flip the sign"][4] == "        y += 2 * X[i].T @ X[:i] ** 2  # β - γ"
    assert found[".T", "drop the transpose"][4] == "        y -= 2 * X[i] @ X[:i] ** 2  # β - γ"
    assert found["**", "drop the square"][4] == "        y -= 2 * X[i].T @ X[:i]  # β - γ"
    assert found["*", "drop the factor 2"][4] == "        y -= X[i].T @ X[:i] ** 2  # β - γ"
    assert found["@", "drop the factor X[:i] ** 2"][4] == "        y -= 2 * X[i].T  # β - γ"
    assert found[":", "start one later"][4] == "        y -= 2 * X[i].T @ X[1:i] ** 2  # β - γ"
    assert found["range", "stop one too early"][3] == "    for i in range(len(X) - 1):"
    assert found["-", "drop the minus"][5] == "    return np.sqrt(y) / (X + 1)"
    assert found["sqrt", "drop the sqrt"][5] == "    return -(y) / (X + 1)"
    assert found["/", "drop the divisor (X + 1)"][5] == "    return -np.sqrt(y)"
    assert found["+", "flip the sign"][5] == "    return -np.sqrt(y) / (X - 1)"
    assert not [key for key in found if key[0] in (">", "not")], "tests of arguments are left alone"


def test_guards_can_be_broken_where_they_are_the_point():
    f = function()
    guarded = Function(f.cell, f.node, guards=True)
    extra = {e.says for e in guarded.edits} - {e.says for e in f.edits}
    assert extra == {"drop the not", "> becomes >=", "> becomes <", "0 becomes 1"}


def test_a_break_tells_the_equation_the_statement_and_both_sides():
    source = 'x = 1\nfor i in (1,):\n    check("eq-a", x,\n          2)\n'
    cell = Cell({"cell_type": "code", "id": "k", "source": source}, 0)
    mutant = Break("m.f", "0", 1, cell, 1, cell.tree)

    def check(label, lhs, rhs):
        raise AssertionError(f"{label} does not hold:\n left [np.float64(1.0)\n 2]\nright 2")

    try:
        exec(compile(cell.tree, "<cell k>", "exec"), {"check": check})
    except AssertionError as error:
        told = mutant.told(cell, error)
    assert told == ('{"red": "k", "check": "eq-a", "statement": "check(\\"eq-a\\", x, 2)", '
                    '"said": "AssertionError: eq-a does not hold:\\nleft [1.0 2]\\nright 2"}')


def test_a_break_that_nobody_notices_wants_a_reason():
    c = next(c for c in CHOSEN if c.name == "sgd.lms_step")
    noticed = [{"id": str(i), "red": "lms-check"} for i, _ in enumerate(c.function.edits)]
    assert explained(c, noticed) == []
    assert explained(c, [{"id": "0"}, *noticed[1:]]) == [
        "  sgd.lms_step: no check notices 'return theta [+] flip the sign'"]


def test_a_box_holds_every_break_as_a_table_and_keeps_its_weight():
    page = Page(ROOT / "nbs" / "03_sgd.ipynb", {"cells": []}, numbers={"eq-lms": "(3.3)"})
    record = read_record()
    c = next(c for c in CHOSEN if c.name == "sgd.lms_step")
    text = box(page, c, record[c.name]["breaks"])
    assert all(f'data-id="{b["id"]}"' in text for b in record[c.name]["breaks"])
    assert 'the check of <a href="#eq-lms">equation (3.3)</a>, in a cell that the page leaves out' in text
    same = [{"id": "0", "why": "it changes nothing at all"}] + record[c.name]["breaks"][1:]
    assert "No check notices: this one is equivalent. It changes nothing at all." in table(page, c, same)
    for stem in EVERY:
        mine = [c for c in CHOSEN if c.chapter.path.stem == stem]
        assert sum(len(box(page, c, record[c.name]["breaks"]).encode()) for c in mine) < 30_000, stem
