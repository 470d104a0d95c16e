"The benchmarks run, and the recorded results are whole and keep to their limits."
import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
from copies import ROOT

from benchmarks.accuracy import digits, tried
from benchmarks.cases import CASES
from linreg_nb.data import load_strd, strd_names

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


def recorded(name: str) -> dict:
    "The stored result of a case."
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_recorded_result_keeps_to_its_limits(name):
    "Each case has a recorded result with its circumstances, 7 turns or more of what is timed; every claim holds."
    result = recorded(name)
    assert result["cpu"] and result["versions"]["numpy"] and set(result["threads"].values()) == {"1"}
    assert "seconds" not in result or result["repeats"] >= 7 and min(map(len, result["seconds"].values())) >= 7
    assert all(claim["holds"] for claim in result["claims"])


def test_recorded_digits_of_the_peers_are_whole():
    "Each peer has digits, at most 15, or a refusal with its reason, for each of NIST's eleven problems."
    for name, peer in recorded("strd")["peers"].items():
        assert sorted(peer["theta"]) == strd_names(), name
        assert peer["version"] != "not installed", name
        for problem, found in peer["theta"].items():
            assert found is not None and found <= 15 or peer["said"][problem], (name, problem)


def test_digits_count_as_nist_does():
    "Half a percent off is 2.3 digits; three times too much is below 0; NaN is no answer; 15 is the most."
    assert digits([1.005, 1], [1, 1]) == 2.3
    assert digits([3], [1]) == -0.3
    assert digits([np.nan, 1], [1, 1]) is None
    assert digits([1, 0], [1, 0]) == 15


def test_a_peer_that_refuses_is_told_apart_from_one_that_is_wrong():
    "An error becomes a refusal with its first line, a warning is kept beside the digits."
    d = load_strd("Norris")

    def refuses(d):
        raise ValueError("no\n  File /somewhere")

    def warns(d):
        warnings.warn("beware", stacklevel=1)
        return d.theta, None
    assert tried(d, refuses) == {"theta": None, "said": "ValueError: no"}
    assert tried(d, warns) == {"theta": 15.0, "said": "UserWarning: beware"}
