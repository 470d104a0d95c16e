"The designs of formulas beside those of R and patsy, and a fit's file in a program of its own."
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("formulaic")
pd = pytest.importorskip("pandas")

from linreg_nb.formulas import fit_formula  # noqa: E402

COMMON = ["x", "g", "x + g", "x*g", "x:g", "0 + g", "g - 1 + x", "g*h", "exp(x / 10) + I(x^2)", "0 + x:g", "h + h:x",
          "(x + g + h)**2", "poly(x, 3)", "scale(x)", "0 + x", "1", "x*z", "log(x + 10)"]
R_CODE = """
a <- commandArgs(TRUE)
d <- read.csv(a[1], stringsAsFactors = TRUE)
for (f in readLines(a[2])) {
  m <- model.matrix(as.formula(paste("~", f)), d)
  cat(dim(m), sprintf("%a", m), "\n")
}
"""


@pytest.fixture
def frame():
    "Numbers and two categories, no level missing, not balanced."
    rng = np.random.default_rng(0)
    n = 40
    return pd.DataFrame({"x": rng.normal(size=n), "z": rng.integers(0, 5, n) * 1.0, "g": rng.choice(list("abcd"), n),
                         "h": rng.choice(["u", "v"], n), "y": rng.normal(size=n)})


REDUNDANT = "g:h"  # beside an intercept and without g and h, R keeps all products, one column too many


def ours(formula: str, frame) -> np.ndarray:
    "The design of a formula, with its column of ones."
    r = fit_formula(f"y ~ {formula}", frame)
    d = r._data.formula
    return np.column_stack([np.ones((len(frame), int(d.intercept))), d.rows(frame)][not d.names:])


def in_order(design: np.ndarray) -> np.ndarray:
    "The columns, sorted."
    return np.array(sorted(design.T.round(9).tolist()))


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not here")
def test_designs_are_those_of_R(frame, tmp_path):
    "The same columns as model.matrix makes, in the same order where no product of categories is among them."
    frame.to_csv(tmp_path / "d.csv", index=False, float_format="%.17g")
    (tmp_path / "formulas.txt").write_text("\n".join([*COMMON, REDUNDANT]).replace("**", "^") + "\n")
    (tmp_path / "m.R").write_text(R_CODE)
    command = ["Rscript", "--vanilla", *(str(tmp_path / name) for name in ("m.R", "d.csv", "formulas.txt"))]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == len(COMMON) + 1
    for formula, line in zip([*COMMON, REDUNDANT], lines, strict=True):
        n, p, *numbers = line.split()
        theirs = np.array([float.fromhex(v) for v in numbers]).reshape(int(p), int(n)).T
        mine = ours(formula.replace("^", "**"), frame)
        if formula == REDUNDANT:
            ranks = [np.linalg.matrix_rank(a) for a in (mine, theirs, np.hstack([mine, theirs]))]
            assert (mine.shape[1], theirs.shape[1], *ranks) == (8, 9, 8, 8, 8)
            continue
        assert mine.shape == theirs.shape, formula
        np.testing.assert_allclose(in_order(mine), in_order(theirs), rtol=1e-8, atol=1e-8, err_msg=formula)
        if "g:h" not in formula and "**" not in formula and "*h" not in formula:
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12, err_msg=formula)


@pytest.mark.parametrize("formula", [f for f in [*COMMON, REDUNDANT] if "poly" not in f and "scale" not in f])
def test_designs_are_those_of_patsy(formula, frame):
    "The same columns as patsy makes, which puts categories first."
    patsy = pytest.importorskip("patsy")
    formula = formula.replace("^", "**").replace("exp", "np.exp").replace("log", "np.log")
    theirs = np.asarray(patsy.dmatrix(formula, frame))
    np.testing.assert_allclose(in_order(ours(formula, frame)), in_order(theirs), rtol=1e-9, atol=1e-9)


def test_another_program_reads_the_file(frame, tmp_path):
    "A saved fit predicts in a fresh process from a frame, with the same bits, and without the rows."
    r = fit_formula("y ~ poly(x, 2) + g*h", frame)
    r.save(tmp_path / "fit.npz")
    new = {"x": [0.25, -1.0], "g": ["d", "a"], "h": ["u", "v"]}
    code = ("import json, sys; from linreg_nb import Fit; r = Fit.load(sys.argv[1]);"
            "print(json.dumps([v.tolist() for v in r.predict(json.loads(sys.argv[2]), 'prediction')]))")
    command = [sys.executable, "-c", code, str(tmp_path / "fit.npz"), json.dumps(new)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    np.testing.assert_array_equal(json.loads(done.stdout), r.predict(new, "prediction"))


def test_the_file_is_small(tmp_path):
    "It doesn't grow with the rows."
    sizes = []
    for n in (100, 10_000):
        rng = np.random.default_rng(1)
        frame = pd.DataFrame({"x": rng.normal(size=n), "g": np.resize(list("abc"), n), "y": rng.normal(size=n)})
        fit_formula("y ~ x*g", frame).save(tmp_path / "fit.npz")
        sizes.append((tmp_path / "fit.npz").stat().st_size)
    assert max(sizes) < 1.5 * min(sizes) and max(sizes) < 20_000
