"The benchmarks run, and the recorded results are whole and keep to their limits."
import json
import subprocess
import sys

import pytest
from copies import ROOT

from benchmarks.cases import CASES

RESULTS = ROOT / "benchmarks" / "results"


def test_a_short_run_prints_its_ratios():
    "One turn of each contender: they do the same job and the table comes out; how fast is not judged here."
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--repeats", "1", "example"], cwd=ROOT,
                          capture_output=True, text=True)
    assert "scikit-learn / linreg_nb" in done.stdout, done.stderr
    assert "largest difference of theta" in done.stdout


def test_unknown_case_is_named():
    "A misspelt case is an error that lists the cases."
    done = subprocess.run([sys.executable, "-m", "benchmarks", "exampel"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "exampel" in done.stderr and "example" in done.stderr


@pytest.mark.parametrize("name", CASES)
def test_recorded_result_keeps_to_its_limits(name):
    "Each case has a recorded result of 7 turns or more, with its circumstances, in which every claim holds."
    recorded = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    assert recorded["repeats"] >= 7 and min(map(len, recorded["seconds"].values())) >= 7
    assert recorded["cpu"] and recorded["versions"]["numpy"] and set(recorded["threads"].values()) == {"1"}
    assert recorded["claims"] and all(claim["holds"] for claim in recorded["claims"])
