"""Every mutant of every exported function makes some cell of its chapter fail, or is listed with the reason why not.

A chapter that is unchanged since its whole run was recorded is tried with a tenth of its mutants; with WHOLE_MUTATION
set in the environment, as in CI's weekly run, every chapter with all of them.
"""
import os
import subprocess
import sys

import pytest
from book import ROOT, read_book

EXPORTING = [chapter.path.stem for chapter in read_book() if any(cell.is_export for cell in chapter.code)]
JOBS = "1" if "PYTEST_XDIST_WORKER" in os.environ else "2"  # with xdist the other core runs another test


@pytest.mark.parametrize("name", EXPORTING)
def test_every_mutant_is_noticed(name):
    command = [sys.executable, "tools/mutate.py", name, "--jobs", JOBS]
    command += [] if os.environ.get("WHOLE_MUTATION") else ["--sampled"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
