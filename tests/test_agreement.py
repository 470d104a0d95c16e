"Every number of a fit agrees with statsmodels and R's lm wherever these have the digits."

import shutil
import warnings

import numpy as np
import pytest

from benchmarks import agreement
from linreg_nb import fit

PROBLEMS = agreement.data_sets()
BY_R = agreement.of_r(PROBLEMS)
LIMIT = 1e-10
OWN_LIMIT = {
    "Filip": 1e-9
}  # a prediction there is a sum of terms 10^5 times as large, from a theta rounded to float64


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("d", PROBLEMS, ids=lambda d: d.name)
def test_every_number_agrees(d):
    "Within 1e-10 of 120 digits, and of each peer that is itself that near."
    sure, ours = agreement.reference(d), agreement.of_fit(d)
    assert sure.keys() == ours.keys() and len(sure) == 22
    peers = {"statsmodels": agreement.of_statsmodels(d), **({"R": BY_R[d.name]} if d.name in BY_R else {})}
    own = agreement.differences(ours, sure, sure["stderr"])
    assert max(own.values()) <= OWN_LIMIT.get(d.name, LIMIT), own
    for peer, found in peers.items():
        errors = agreement.differences(found, sure, sure["stderr"])
        for name, difference in agreement.differences(found, ours, sure["stderr"]).items():
            assert difference <= LIMIT or errors[name] > agreement.HAS_THE_DIGITS, (name, peer)


def test_peers_take_part():
    "Most peers have the digits for most data sets: the comparison is not empty."
    assert len(PROBLEMS) == 21 and (len(BY_R) >= 18 or not shutil.which("Rscript"))
    stackloss = next(d for d in PROBLEMS if d.name == "stackloss")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = agreement.of_statsmodels(stackloss)
    sure = agreement.reference(stackloss)
    assert max(agreement.differences(peer, sure, sure["stderr"]).values()) < agreement.HAS_THE_DIGITS


def test_a_wrong_number_is_noticed():
    "A difference of one part in a million shows; so does a missing one."
    assert agreement.difference("t", [2.000002], np.array([2.0]), np.array([1.0])) > 9e-7
    assert agreement.difference("cov", [[1.0, 1e-6], [1e-6, 1.0]], np.eye(2), np.ones(2)) > 9e-7
    assert agreement.difference("confidence", [[1.0, -1.0, 3.00001]], np.array([[1.0, -1.0, 3.0]]), np.ones(1)) > 2e-6
    assert agreement.difference("t", [np.nan], np.array([2.0]), np.array([1.0])) == np.inf


def test_two_dimensional_targets_are_as_many_fits():
    "Where statsmodels trips over a target with two dimensions, each column has the numbers of its own fit."
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((40, 3)), rng.standard_normal((40, 2))
    both = fit(X, Y)
    for k in range(2):
        one = fit(X, Y[:, k])
        for name in ("theta", "stderr", "t", "p_values"):
            np.testing.assert_allclose(getattr(both, name)[:, k], getattr(one, name), rtol=1e-10, strict=True)
        np.testing.assert_allclose(both.cov[k], one.cov, rtol=1e-10, atol=1e-14, strict=True)
        np.testing.assert_allclose(both.conf_int(level=0.8)[:, k], one.conf_int(level=0.8), rtol=1e-10, strict=True)
        np.testing.assert_allclose(both.robust().stderr[:, k], one.robust().stderr, rtol=1e-10, strict=True)
        assert np.isclose(both.f[k], one.f, rtol=1e-10) and np.isclose(both.bic[k], one.bic, rtol=1e-10)
