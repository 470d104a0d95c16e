"""Who fits: this book and its peers, each as a job that is ready to run.

What a peer wants its data to be like (a column of ones, a data frame) is made before the clock starts.
"""
from collections.abc import Callable

import numpy as np

from .measure import version

Job = Callable[[], object]
Prepare = Callable[[np.ndarray, np.ndarray], Job]
LIMIT = "X.T @ X"  # the bare product, without intercept: a yardstick for any method that forms X'X


def with_ones(X: np.ndarray) -> np.ndarray:
    "`X` behind a column of ones."
    return np.column_stack([np.ones(len(X)), X])


def product(X, y) -> Job:
    return lambda: X.T @ X


def numpy_cholesky(X, y) -> Job:
    "The least that solves the normal equations: two products and Cholesky's factor, without any test of the answer."
    D = with_ones(X)

    def job() -> np.ndarray:
        L = np.linalg.cholesky(D.T @ D)
        return np.linalg.solve(L.T, np.linalg.solve(L, D.T @ y))
    return job


def numpy_lstsq(X, y) -> Job:
    D = with_ones(X)
    return lambda: np.linalg.lstsq(D, y)[0]


def scipy_lstsq(X, y) -> Job:
    from scipy.linalg import lstsq
    D = with_ones(X)
    return lambda: lstsq(D, y)[0]


def sklearn(**options) -> Prepare:
    def prepare(X, y) -> Job:
        from sklearn.linear_model import LinearRegression

        def job() -> np.ndarray:
            model = LinearRegression(**options).fit(X, y)
            return np.append(model.intercept_, model.coef_)
        return job
    return prepare


def statsmodels(method: str) -> Prepare:
    "Theta and, as they are what one takes statsmodels for, standard errors."
    def prepare(X, y) -> Job:
        import statsmodels.api as sm
        D = with_ones(X)

        def job() -> np.ndarray:
            found = sm.OLS(y, D).fit(method=method)
            assert found.bse is not None
            return found.params
        return job
    return prepare


def polars_ols(method: str | None) -> Prepare:
    "Theta alone; the data frame, with its column of ones, is there already."
    def prepare(X, y) -> Job:
        import polars as pl
        from polars_ols import OLSKwargs, compute_least_squares
        names = [f"x{j}" for j in range(X.shape[1] + 1)]
        frame = pl.DataFrame({**dict(zip(names, with_ones(X).T, strict=True)), "y": y})
        asked = compute_least_squares(pl.col("y"), *map(pl.col, names), mode="coefficients",
                                      ols_kwargs=OLSKwargs(solve_method=method))

        def job() -> np.ndarray:
            found = frame.select(asked).item()
            return np.array([found[name] for name in names])
        return job
    return prepare


def ours(stderr: bool = True, **options) -> Prepare:
    "`fit` with its intercept and, where `stderr` is asked for, the standard errors."
    def prepare(X, y) -> Job:
        from linreg_nb.least_squares import fit

        def job() -> np.ndarray:
            r = fit(X, y, **options)
            if stderr:
                assert r.stderr is not None
            return r.theta
        return job
    return prepare


def far_off(prepare: Prepare, mean: float = 100) -> Prepare:
    "The job on columns moved to `mean`, which is large against their spread: another problem, timed for `fit` alone."
    return lambda X, y: prepare(X + mean, y)


FAR_OFF = "fit, columns around 100"
OURS = {"fit": ours(), FAR_OFF: far_off(ours()), "fit, exact": ours(method="exact", stderr=False)}
OURS_SMALL = {"fit": ours(stderr=False), "fit and stderr": ours(), "fit, exact": ours(method="exact", stderr=False)}
# No programs that people use, but what their times are held against: none of these bounds or tests an answer.
CHOLESKY = "numpy Cholesky of X'X"
YARDSTICKS = {"X.sum()": lambda X, y: X.sum, "X.copy()": lambda X, y: X.copy, LIMIT: product, CHOLESKY: numpy_cholesky}
NO_THETA = {"X.sum()", "X.copy()", LIMIT}
# Name: the package that must be there, how its job is made ready.
PEERS = {
    "numpy lstsq": ("numpy", numpy_lstsq),
    "scipy lstsq": ("scipy", scipy_lstsq),
    "scikit-learn": ("scikit-learn", sklearn()),
    "scikit-learn, tol=0": ("scikit-learn", sklearn(tol=0)),
    "statsmodels": ("statsmodels", statsmodels("pinv")),
    "statsmodels, method=qr": ("statsmodels", statsmodels("qr")),
    "polars-ols": ("polars-ols", polars_ols(None)),
    "polars-ols, chol": ("polars-ols", polars_ols("chol")),
}


def installed() -> dict[str, Prepare]:
    "The peers that are there."
    return {name: prepare for name, (package, prepare) in PEERS.items() if version(package)}


def not_installed() -> list[str]:
    "The packages that are missing here: their columns stay empty."
    return sorted({package for package, _ in PEERS.values() if not version(package)})


def contenders(small: bool) -> dict[str, Prepare]:
    "All who run: the yardsticks, this book's `fit`, the peers. At a small size `fit` runs with and without stderr."
    return {**YARDSTICKS, **(OURS_SMALL if small else OURS), **installed()}


def normal_data(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    "n rows of d normal numbers, and a target that they explain but for noise of size 1, to a like extent for every d."
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = X @ (np.linspace(1, 2, d) / np.sqrt(d))
    y += 3
    y += rng.normal(size=n)
    return X, y
