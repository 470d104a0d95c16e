"`fit` never claims a digit that it doesn't have: 2,000 random problems against rational arithmetic."
import warnings
from fractions import Fraction
from math import log10

import numpy as np

from benchmarks.traps import rational_solution
from linreg_nb import RankDeficientWarning, fit, load_strd
from linreg_nb.data import strd_names

PROBLEMS = 2_000
MOST = 15.95  # digits of a correctly rounded number


def problem(seed: int) -> tuple[np.ndarray, np.ndarray, bool]:
    "A random X of condition 1 to 1e15, y explained to 0 to 15 digits, and whether there is an intercept; units differ."
    rng = np.random.default_rng(seed)
    d, spare = int(rng.integers(1, 5)), int(rng.choice([0, 1, 4, 12]))
    n = d + 1 + spare
    U, V = (np.linalg.qr(rng.standard_normal(shape))[0] for shape in ((n, d), (d, d)))
    X = U * np.geomspace(1, 10.0**-rng.uniform(0, 15), d) @ V.T
    y = X @ rng.standard_normal(d) + 10.0**rng.uniform(-15, 0) * rng.standard_normal(n)
    if rng.random() < 0.4:
        X += rng.standard_normal(d) * 10.0**rng.uniform(-1, 6)
    return X * 10.0**rng.uniform(-9, 9, d), y, bool(rng.random() < 0.6)


def truth(X: np.ndarray, y: np.ndarray, intercept: bool) -> list[Fraction]:
    "The exact answer for the numbers as float64 holds them."
    return rational_solution(np.insert(X, 0, 1.0, axis=1) if intercept else X, y)


def off(theta: np.ndarray, true: list[Fraction]) -> list[Fraction]:
    "The relative error of each coefficient, exactly."
    return [abs(Fraction(t) - exact) / abs(exact) for t, exact in zip(theta.tolist(), true, strict=True)]


def spare_digits(r, errors: list[Fraction]) -> list[float]:
    "By how much each coefficient is better than `r` claims, in digits; an error where one is worse."
    both = list(zip(errors, r.digits.tolist(), strict=True))
    assert all(error <= Fraction(10.0**-digits) for error, digits in both), r.method
    return [min(MOST, -log10(error) if error else MOST) - digits for error, digits in both]


def test_no_digit_is_claimed_that_is_not_there():
    "On both roads each claim is true; the float road claims at most 3 digits too few on average, the exact one 0.2."
    spare, roads, seed = {"cholesky": [], "exact": []}, {"cholesky": 0, "exact": 0}, 0
    while sum(roads.values()) < PROBLEMS:
        X, y, intercept = problem(seed := seed + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RankDeficientWarning)
            quick, exact = fit(X, y, intercept), fit(X, y, intercept, method="exact")
        assert quick.rank == exact.rank
        if exact.rank < len(exact.theta):
            continue  # columns that depend on each other by chapter 8's rule: another answer is wanted there
        true = truth(X, y, intercept)
        roads[quick.method.split(":")[0]] += 1
        for r in (quick, exact):
            spare[r.method.split(":")[0]] += spare_digits(r, off(r.theta, true))
        if quick.method.startswith("exact"):
            np.testing.assert_array_equal(quick.theta, exact.theta)
        np.testing.assert_array_equal(exact.theta, [float(t) for t in true])  # correctly rounded
    assert seed < 1.5 * PROBLEMS and min(roads.values()) > PROBLEMS / 5, roads
    assert np.mean(spare["cholesky"]) < 3 and np.mean(spare["exact"]) < 0.2


def test_nothing_false_is_claimed_on_nist_problems():
    "Whatever is asked for, each claim is true; the truth comes from fractions of the numbers as float64 holds them."
    for d in map(load_strd, strd_names()):
        true = truth(d.X, d.y, d.intercept)
        for min_digits in (0, 4, 8, 12, 15):
            spare_digits(r := fit(d.X, d.y, d.intercept, min_digits=min_digits), off(r.theta, true))
