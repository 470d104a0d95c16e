"What the peers make of NIST's reference problems, each at its defaults and with the setting that mends it."
import shutil
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

from .measure import version

audit = import_module("linreg_nb.audit")  # the module: in the package, the name means the function

MOST = 15  # digits: NIST certifies no more
Answer = tuple[np.ndarray, np.ndarray | None]  # theta with the intercept first, standard errors where the peer has them


def digits(found: np.ndarray, certified: np.ndarray) -> float | None:
    "The fewest correct digits among `found`, at most 15, below 0 where it is wrong by more than itself; None for NaN."
    found, certified = np.asarray(found, float), np.asarray(certified, float)
    if not np.isfinite(found).all():
        return None
    error = np.abs(found - certified) / np.where(certified == 0, 1, np.abs(certified))
    fewest = np.minimum(MOST, -np.log10(np.maximum(error, 1e-300))).min()
    return round(float(fewest), 1) + 0.0  # never -0.0


def by_audit(solve: Callable, **options) -> Callable:
    "A program as chapter 15c runs it."
    return lambda d: (solve(d.X, d.y, d.intercept, **options), None)


def numpy_lstsq_scaled(d) -> Answer:
    "Columns divided by the power of two next to their length, which rounds nothing."
    scale = np.exp2(np.round(np.log2(np.linalg.norm(d.design, axis=0))))
    return np.linalg.lstsq(d.design / scale, d.y)[0] / scale, None


def numpy_cholesky(d) -> Answer:
    from scipy.linalg import cho_solve
    factor = np.linalg.cholesky(d.design.T @ d.design)
    return cho_solve((factor, True), d.design.T @ d.y), None


def scipy_qr(d) -> Answer:
    from scipy.linalg import qr, solve_triangular
    Q, R = qr(d.design, mode="economic")
    return solve_triangular(R, Q.T @ d.y), None


def statsmodels(method: str) -> Callable:
    def solve(d) -> Answer:
        found = audit._statsmodels(d.X, d.y, d.intercept, method=method)
        return found.params, found.bse
    return solve


def polars_ols(method: str | None) -> Callable:
    def solve(d) -> Answer:
        import polars as pl
        theta = audit._by_polars(d.X, d.y, d.intercept, solve_method=method)
        try:
            found = audit._polars_ols(d.X, d.y, d.intercept, "statistics", solve_method=method)
            return theta, found["standard_errors"]
        except pl.exceptions.ComputeError as error:
            warnings.warn(Note(f"standard errors: {error}"), stacklevel=1)
            return theta, np.full(len(theta), np.nan)
    return solve


# Name: the package whose version counts, whose answers it mends ("" for a column of its own), how it solves.
PEERS = {
    "numpy lstsq": ("numpy", "", by_audit(audit._by_numpy)),
    "numpy lstsq, rcond=0": ("numpy", "numpy lstsq", by_audit(audit._by_numpy, rcond=0)),
    "numpy lstsq, columns scaled": ("numpy", "numpy lstsq", numpy_lstsq_scaled),
    "scipy lstsq": ("scipy", "", by_audit(audit._by_scipy)),
    "numpy Cholesky of X'X": ("numpy", "", numpy_cholesky),
    "scipy QR": ("scipy", "numpy Cholesky of X'X", scipy_qr),
    "scikit-learn": ("scikit-learn", "", by_audit(audit._by_sklearn)),
    "scikit-learn, tol=1e-12": ("scikit-learn", "scikit-learn", by_audit(audit._by_sklearn, tol=1e-12)),
    "scikit-learn, tol=0": ("scikit-learn", "scikit-learn", by_audit(audit._by_sklearn, tol=0)),
    "statsmodels": ("statsmodels", "", statsmodels("pinv")),
    "statsmodels, method=qr": ("statsmodels", "statsmodels", statsmodels("qr")),
    "polars-ols": ("polars-ols", "", polars_ols(None)),
    "polars-ols, chol": ("polars-ols", "", polars_ols("chol")),
}
R_TOLERANCES = {"1e-07": "R lm", "1e-12": "R lm, tol=1e-12"}


class Note(UserWarning):
    "Something that this benchmark found out, not what a peer said."


def first_line(said: object) -> str:
    "What an error or a warning says, as one line without paths."
    text = said.message if isinstance(said, warnings.WarningMessage) else said
    if isinstance(text, Note):
        return str(text).strip().splitlines()[0]
    return f"{type(text).__name__}: {str(text).strip().splitlines()[0]}"


def scored(d, answer: Answer) -> dict:
    "The digits of theta and, where the peer has them, of the standard errors."
    theta, stderr = answer
    both = {"theta": digits(theta, d.theta)}
    return both if stderr is None else {**both, "stderr": digits(stderr, d.stderr)}


def tried(d, solve: Callable) -> dict:
    "What `solve` gets on problem `d`: digits, None where it refuses, and what it says (an error or warnings)."
    with warnings.catch_warnings(record=True) as said, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            got = scored(d, solve(d))
        except Exception as error:  # whatever a peer raises is its answer
            return {"theta": None, "said": first_line(error)}
    texts = dict.fromkeys(map(first_line, said))
    return {**got, "said": "; ".join(texts)} if texts else got


def column(got: dict[str, dict], peer_version: str, mends: str) -> dict:
    "One peer as it is stored: problem to digits, for theta and for standard errors, and what it said."
    parts = {key: {name: part[key] for name, part in got.items() if key in part} for key in ("theta", "stderr", "said")}
    return {"version": peer_version, "mends": mends, **parts}


def missing() -> dict:
    "What is stored of a peer that isn't there."
    return {"version": "not installed", "mends": "", "theta": {}, "stderr": {}, "said": {}}


def with_version(package: str) -> str:
    "Package and version, '' where it isn't installed."
    number = version(package)
    return f"{package} {number}" if number else ""


def python_peers(problems: list) -> dict:
    "The digits of every peer in Python."
    found = {}
    for name, (package, mends, solve) in PEERS.items():
        there = with_version(package)
        found[name] = column({d.name: tried(d, solve) for d in problems}, there, mends) if there else missing()
    return found


def write_for_r(d, folder: Path) -> None:
    "Problem `d` as the doubles that R reads."
    audit._write_for_r(folder / f"{d.name}.f64", d.X, d.y, d.intercept)


from_hex = audit._from_hex


def scored_r(d, theta: np.ndarray, stderr: np.ndarray) -> dict:
    "The digits of one answer of R; a coefficient it leaves out is NA there."
    left_out = int(np.isnan(theta).sum())
    said = {"said": f"{left_out} of {len(theta)} coefficients are NA"} if left_out else {}
    return {**scored(d, (theta, stderr)), **said}


def run_r(problems: list) -> tuple[str, dict]:
    "R's version; (problem, tolerance) -> theta and standard errors of lm."
    return audit.run_r({d.name: (d.X, d.y, d.intercept) for d in problems}, list(R_TOLERANCES))


def r_answers(d) -> list[tuple[str, str, np.ndarray]]:
    "Name, what it mends, and theta of R's lm at both tolerances on one problem; empty without R."
    if not shutil.which("Rscript"):
        return []
    first, *_ = R_TOLERANCES.values()
    answers = run_r([d])[1]
    return [(name, "" if name == first else first, answers[d.name, tol][0]) for tol, name in R_TOLERANCES.items()]


def r_lm(problems: list) -> dict:
    "The digits of R's lm at its default tolerance for a pivot and at 1e-12, if R is there."
    if not shutil.which("Rscript"):
        return {name: missing() for name in R_TOLERANCES.values()}
    number, answers = run_r(problems)
    got = {name: {d.name: scored_r(d, *answers[d.name, tol]) for d in problems} for tol, name in R_TOLERANCES.items()}
    first, *_ = got
    return {name: column(part, number, "" if name == first else first) for name, part in got.items()}


def strd(repeats: int) -> dict:
    "Correct digits of the peers on NIST's eleven problems: the fewest over the coefficients, at most 15."
    from linreg_nb.data import load_strd, strd_names
    problems = [load_strd(name) for name in strd_names()]
    return {"peers": {**python_peers(problems), **r_lm(problems)}, "claims": []}


def strd_table(result: dict) -> list[str]:
    "The digits of theta as lines of text; a dash where the peer refuses."
    names = list(result["peers"]["numpy lstsq"]["theta"])
    rows = [f"{'':28}" + "".join(f"{name:>10}" for name in names)]
    for peer, column in result["peers"].items():
        found = (column["theta"].get(name) for name in names)
        rows.append(f"{peer:28}" + "".join(f"{'-' if v is None else f'{v:.1f}':>10}" for v in found))
    return rows
