"""Every mutant of every exported function makes some cell of its chapter fail, or is listed with the reason why not.

A chapter that is unchanged since its whole run was recorded is tried with a tenth of its mutants; with WHOLE_MUTATION
set in the environment, as in CI's weekly run, every chapter with all of them.
"""
import os
import subprocess
import sys

import pytest
from book import ROOT, Chapter, read_book
from mutate import EQUIVALENT, counted, fingerprint
from toybook import GOOD, notebook, write_book

EXPORTING = [chapter.path.stem for chapter in read_book() if any(cell.is_export for cell in chapter.code)]
JOBS = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"  # with xdist the other core runs another test


@pytest.mark.parametrize("name", EXPORTING)
def test_every_mutant_is_noticed(name):
    command = [sys.executable, "tools/mutate.py", name, "--jobs", JOBS]
    command += [] if os.environ.get("WHOLE_MUTATION") else ["--sampled"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def toy_chapter(folder, **changed):
    "The toy book's chapter, with some cells changed."
    return Chapter.read(write_book(folder, notebook({**GOOD, **changed})) / "01_mean.ipynb")


NOTICED = {"mean": [6, 6, {"mean-demo": 6}]}


@pytest.mark.parametrize("cell, stays", [("solution-1", True), ("line", True), ("mean-demo", False),
                                         ("mean-def", False), ("imports", False)])
def test_a_record_rests_on_the_cells_up_to_the_last_that_noticed_a_mutant(cell, stays, tmp_path):
    before = toy_chapter(tmp_path / "before")
    after = toy_chapter(tmp_path / "after", **{cell: GOOD[cell] + "\nx = 1"})
    assert (fingerprint(before, EQUIVALENT, NOTICED) == fingerprint(after, EQUIVALENT, NOTICED)) is stays
    assert [c.id for c in counted(before, NOTICED)][-1] == "mean-demo"


def test_a_record_rests_on_an_export_behind_that_cell(tmp_path):
    chapter = toy_chapter(tmp_path, line="#| export\nx = 1")
    assert [c.id for c in counted(chapter, NOTICED)][-1] == "line"


@pytest.mark.parametrize("run", [[6, 6], [6, 6, {"mean-demo": 5, "": 1}], [6, 6, {"mean-demo": 5, "gone": 1}]])
def test_a_record_rests_on_all_cells_where_it_does_not_say_which_noticed(run, tmp_path):
    chapter = toy_chapter(tmp_path)
    assert counted(chapter, {"mean": run}) == chapter.code
