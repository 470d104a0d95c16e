"What a fit tells, beside statsmodels and R's lm, and all three beside the same formulas in 120 digits."

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from .accuracy import from_hex, write_for_r
from .measure import ROOT, Claim

DIGITS = 120  # of the reference: the square of the worst condition number takes a third of them
KINDS = ("HC0", "HC1", "HC2", "HC3")
SHIPPED = ("longley", "stackloss", "copper", "statecrime", "scotland", "cpunish", "ccard", "engel", "anes96")
HAS_THE_DIGITS = 1e-11  # a peer whose error is below this counts as having the digits


def problem(name: str, X: np.ndarray, y: np.ndarray, intercept: bool = True) -> SimpleNamespace:
    "A data set as the functions here want it."
    X = np.asarray(X, float)
    design = np.column_stack([np.ones(len(X)), X]) if intercept else X
    return SimpleNamespace(name=name, X=X, y=np.asarray(y, float), intercept=intercept, design=design)


def data_sets() -> list[SimpleNamespace]:
    "NIST's problems that leave residuals, and the data sets that come with statsmodels and scikit-learn."
    import statsmodels.datasets
    from sklearn.datasets import load_diabetes, load_linnerud

    from linreg_nb.data import load_strd, strd_names

    nist = [load_strd(name) for name in strd_names()]
    found = [problem(d.name, d.X, d.y, d.intercept) for d in nist if d.resid_sd > 0]
    for name in SHIPPED:
        loaded = getattr(statsmodels.datasets, name).load()
        found.append(problem(name, loaded.exog, loaded.endog))
    found.append(problem("longley, no intercept", found[-len(SHIPPED)].X, found[-len(SHIPPED)].y, False))
    X, y = load_diabetes(return_X_y=True, scaled=False)
    linnerud = load_linnerud()
    return [*found, problem("diabetes", X, y), problem("linnerud", linnerud.data, linnerud.target[:, 0])]


def of_fit(d: SimpleNamespace) -> dict[str, np.ndarray]:
    "Every number of chapter 10, by `fit` asked for 11 digits; its default promises 8, and more depends on BLAS."
    from linreg_nb import fit

    r = fit(d.X, d.y, d.intercept, min_digits=11)
    last = np.eye(len(r.names))[-min(2, d.X.shape[1]) :]
    inner, outer, menu = r.predict(d.X[:4], "confidence"), r.predict(d.X[:4], "prediction"), r.test(last, 0.1)
    return {
        **{
            name: getattr(r, name)
            for name in (
                "theta",
                "stderr",
                "cov",
                "t",
                "p_values",
                "sigma",
                "f",
                "f_p_value",
                "r_squared",
                "adj_r_squared",
                "log_likelihood",
                "aic",
                "bic",
            )
        },
        "conf_int": r.conf_int(level=0.9),
        "confidence": np.array(inner).T,
        "prediction": np.array(outer[1:]).T,
        "test": menu.f,
        "test_p": menu.p_value,
        **{kind: r.robust(kind).stderr for kind in KINDS},
    }


def of_statsmodels(d: SimpleNamespace) -> dict[str, np.ndarray]:
    "The same by statsmodels at its defaults."
    import statsmodels.api as sm

    m = sm.OLS(d.y, d.design).fit()
    q, p = min(2, d.X.shape[1]), d.design.shape[1]
    menu, frame = m.f_test((np.eye(p)[-q:], np.full(q, 0.1))), m.get_prediction(d.design[:4]).summary_frame()
    return {
        "theta": m.params,
        "stderr": m.bse,
        "cov": m.cov_params(),
        "t": m.tvalues,
        "p_values": m.pvalues,
        "sigma": m.scale**0.5,
        "f": m.fvalue,
        "f_p_value": m.f_pvalue,
        "r_squared": m.rsquared,
        "adj_r_squared": m.rsquared_adj,
        "log_likelihood": m.llf,
        "aic": m.aic,
        "bic": m.bic,
        "conf_int": m.conf_int(0.1),
        "confidence": frame[["mean", "mean_ci_lower", "mean_ci_upper"]].to_numpy(),
        "prediction": frame[["obs_ci_lower", "obs_ci_upper"]].to_numpy(),
        "test": menu.fvalue,
        "test_p": menu.pvalue,
        **{kind: m.get_robustcov_results(kind).bse for kind in KINDS},
    }


def of_r(problems: list[SimpleNamespace]) -> dict[str, dict[str, np.ndarray]]:
    "The same by R's lm, for each problem; empty without R, and for a problem where lm drops columns."
    if not shutil.which("Rscript"):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for d in problems:
            write_for_r(d, Path(folder))
        command = ["Rscript", "--vanilla", str(ROOT / "benchmarks" / "inference.R"), folder]
        _, *lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    found = {d.name: {} for d in problems}
    for name, quantity, values in (line.split(";")[:3] for line in lines):
        found[name][quantity] = from_hex(values)
    return {name: numbers for name, numbers in found.items() if "stderr" in numbers}


def reference(d: SimpleNamespace) -> dict[str, np.ndarray]:
    "The same by the formulas of the textbook in 120 digits, rounded once."
    import mpmath

    with mpmath.workdps(DIGITS):
        return {
            name: np.array([[float(v) for v in row] for row in np.atleast_2d(np.array(value, dtype=object))])
            for name, value in formulas(mpmath, d).items()
        }


def formulas(mp, d: SimpleNamespace) -> dict[str, object]:
    "Every number of chapter 10 by its formula, in mpmath's numbers."
    D, y = (np.vectorize(mp.mpf, otypes=[object])(a) for a in (d.design, d.y))
    (n, p), q = D.shape, min(2, d.X.shape[1])
    C = np.array(mp.inverse(mp.matrix((D.T @ D).tolist())).tolist(), dtype=object).reshape(p, p)
    theta = C @ (D.T @ y)
    e, df, slopes = y - D @ theta, n - p, p - d.intercept
    rss, centre = e @ e, sum(y) / n * d.intercept
    tss, s2, leverage = (y - centre) @ (y - centre), rss / df, ((D @ C) * D).sum(axis=1)
    root = np.vectorize(mp.sqrt, otypes=[object])
    stderr = root(np.diag(C) * s2)
    two_sided = np.vectorize(
        lambda t: mp.betainc(mp.mpf(df) / 2, 0.5, 0, df / (df + t**2), regularized=True), otypes=[object]
    )
    reach = {level: quantile(mp, two_sided, df, level) for level in ("0.9", "0.95")}
    bread, inner = D @ C, root(leverage[:4] * s2) * reach["0.95"]
    outer, first = root((1 + leverage[:4]) * s2) * reach["0.95"], D[:4] @ theta
    miss, f = theta[p - q :] - mp.mpf(0.1), (tss - rss) / slopes / s2
    block = mp.inverse(mp.matrix((C[p - q :, p - q :] * s2).tolist()))
    wald = miss @ np.array(block.tolist(), dtype=object).reshape(q, q) @ miss / q
    ll = -mp.mpf(n) / 2 * (mp.log(2 * mp.pi * rss / n) + 1)
    factors = {
        "HC0": 1 + 0 * leverage,
        "HC1": mp.mpf(n) / df + 0 * leverage,
        "HC2": 1 / (1 - leverage),
        "HC3": 1 / (1 - leverage) ** 2,
    }
    return {
        "theta": theta,
        "stderr": stderr,
        "cov": C * s2,
        "t": theta / stderr,
        "p_values": two_sided(theta / stderr),
        "sigma": mp.sqrt(s2),
        "f": f,
        "f_p_value": upper_f(mp, f, slopes, df),
        "r_squared": 1 - rss / tss,
        "adj_r_squared": 1 - s2 / (tss / (n - d.intercept)),
        "log_likelihood": ll,
        "aic": 2 * p - 2 * ll,
        "bic": p * mp.log(n) - 2 * ll,
        "conf_int": np.array([theta - reach["0.9"] * stderr, theta + reach["0.9"] * stderr]).T,
        "confidence": np.array([first, first - inner, first + inner]).T,
        "prediction": np.array([first - outer, first + outer]).T,
        "test": wald,
        "test_p": upper_f(mp, wald, q, df),
        **{kind: root(((bread * (e**2 * a)[:, None]).T @ bread).diagonal()) for kind, a in factors.items()},
    }


def upper_f(mp, f: object, q: int, df: int) -> object:
    "The probability of an F above `f`."
    return mp.betainc(mp.mpf(df) / 2, mp.mpf(q) / 2, 0, df / (df + q * f), regularized=True)


def quantile(mp, two_sided: Callable, df: int, level: str) -> object:
    "The t beyond which, on both sides together, 1 - level of the distribution lies; found from scipy's on."
    from scipy.stats import t

    near = t.isf((1 - float(level)) / 2, df)
    return mp.findroot(lambda x: two_sided(x) - (1 - mp.mpf(level)), near, tol=1e-60)


def difference(name: str, found: np.ndarray, wanted: np.ndarray, stderr: np.ndarray) -> float:
    "The largest difference, relative to the number itself; for ends of intervals, to their width where that is larger."
    found, wanted = np.ravel(np.asarray(found, float)), np.ravel(np.asarray(wanted, float))
    size = np.maximum(abs(wanted), 1e-300)
    if name in ("conf_int", "confidence", "prediction"):
        columns = 3 if name == "confidence" else 2
        ends = np.reshape(wanted, (-1, columns))[:, -2:]
        size = np.maximum(size, np.repeat(np.diff(ends).ravel(), columns))
    if name == "cov":
        size = np.outer(stderr, stderr).ravel()
    return (
        float(np.max(abs(found - wanted) / size))
        if found.size == wanted.size and np.isfinite(found).all()
        else np.inf
    )


def differences(found: dict, wanted: dict, stderr: np.ndarray) -> dict[str, float]:
    "The largest difference in each quantity."
    return {name: difference(name, found[name], wanted[name], np.ravel(stderr)) for name in wanted}


def agreement(repeats: int) -> dict:
    "Every number of chapter 10 on 21 data sets: differences from statsmodels and R's lm, and errors of all three."
    problems = data_sets()
    r, rows = of_r(problems), {}
    for d in problems:
        sure, ours = reference(d), of_fit(d)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peers = {"statsmodels": of_statsmodels(d), **({"R": r[d.name]} if d.name in r else {})}
        rows[d.name] = {"fit": differences(ours, sure, sure["stderr"])}
        for name, peer in peers.items():
            rows[d.name] |= {
                name: differences(peer, sure, sure["stderr"]),
                f"fit - {name}": differences(peer, ours, sure["stderr"]),
            }
    having = [
        row[f"fit - {peer}"][name]
        for row in rows.values()
        for peer in ("statsmodels", "R")
        if peer in row
        for name, error in row[peer].items()
        if error <= HAS_THE_DIGITS
    ]
    return {
        "data sets": rows,
        "claims": [
            Claim("largest difference from a peer that has the digits", max(having), 1e-10, at_most=True),
            Claim(
                "largest error of fit",
                max(max(row["fit"].values()) for row in rows.values()),
                1e-9,
                at_most=True,
                aim=1e-10,
            ),
        ],
    }


def agreement_table(result: dict) -> list[str]:
    "The largest error for each data set, and where it is."
    lines = []
    for name, row in result["data sets"].items():
        worst = {
            who: max(errors.items(), key=lambda item: item[1])
            for who, errors in row.items()
            if not who.startswith("fit -")
        }
        lines.append(
            f"{name:22}"
            + "".join(f"{who:>12} {error:8.0e} {quantity:14}" for who, (quantity, error) in worst.items())
        )
    return lines
