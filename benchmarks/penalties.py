"Whole paths with a penalty, 100 values of lam at 10,000 x 100, beside scikit-learn's."
import numpy as np

from .measure import Claim, by_turns, medians

N, D, LAMS = 10_000, 100, 100


def sparse_data(n: int = N, d: int = D) -> tuple[np.ndarray, np.ndarray]:
    "Normal numbers; 20 of the columns matter."
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d))
    return X, 3 + X[:, :20] @ rng.standard_normal(20) + rng.standard_normal(n)


def near(ours: np.ndarray, theirs: np.ndarray, rtol: float) -> float:
    "The largest difference between two paths as a part of the largest coefficient; an error where it is above `rtol`."
    worst = float(np.max(np.abs(ours - theirs)) / np.max(np.abs(ours)))
    if not worst <= rtol:
        raise SystemExit(f"benchmarks: the paths differ by {worst:.1e}, more than {rtol:g}: not the same job")
    return worst


def ridge_path(repeats: int) -> dict:
    "Ridge for 100 penalties at 10,000 x 100, with leave-one-out errors beside RidgeCV, without them beside Ridge."
    from sklearn.linear_model import Ridge, RidgeCV

    from linreg_nb import shrinkage
    X, y = sparse_data()
    lams = np.geomspace(1e-2, 1e5, LAMS)
    copies = np.tile(y[:, None], (1, LAMS))  # Ridge has no path, but takes one penalty for each of several targets
    jobs = {"linreg_nb, leave-one-out": lambda: shrinkage.ridge_path(X, y, lams),
            "scikit-learn RidgeCV, leave-one-out": lambda: RidgeCV(alphas=lams).fit(X, y),
            "linreg_nb": lambda: shrinkage.ridge_path(X, y, lams, leave_one_out=False),
            "scikit-learn Ridge, cholesky": lambda: Ridge(alpha=lams, solver="cholesky").fit(X, copies),
            "scikit-learn Ridge, svd": lambda: Ridge(alpha=lams, solver="svd").fit(X, copies)}
    ours, cv, _, cholesky, svd = (job() for job in jobs.values())
    errors = RidgeCV(alphas=lams[::33], store_cv_results=True).fit(X, y).cv_results_.mean(axis=0)
    difference = max(near(ours.coef, cholesky.coef_, 1e-9), near(ours.coef, svd.coef_, 1e-9),
                     near(ours.loo[::33], errors, 1e-9))
    if lams[np.argmin(ours.loo)] != cv.alpha_:
        raise SystemExit("benchmarks: RidgeCV chooses another penalty: not the same job")
    seconds = by_turns(jobs, repeats)
    ours_cv, cv, ours, *refits = medians(seconds).values()
    claims = [Claim("linreg_nb / scikit-learn RidgeCV", ours_cv / cv, 1, at_most=True),
              Claim("linreg_nb / fastest scikit-learn Ridge", ours / min(refits), 1, at_most=True)]
    return {"seconds": seconds, "largest difference": difference, "claims": claims}


def lasso_path(repeats: int) -> dict:
    "The lasso for 100 penalties at 10,000 x 100, each to a gap of 1e-12, beside scikit-learn's lasso_path."
    from sklearn.linear_model import lasso_path as sklearn_path

    from linreg_nb import shrinkage
    X, y = sparse_data()
    lams = shrinkage.lam_max(X, y) * np.geomspace(1, 1e-3, LAMS)
    Z, w = X - X.mean(axis=0), y - y.mean()  # theirs takes centred data; the clock leaves the centring out

    def ours(visited: float) -> np.ndarray:
        shrinkage._visited[0] = visited  # what decides whether the sweeps are compiled
        return shrinkage.lasso_path(X, y, lams).coef

    jobs = {"linreg_nb, compiled": lambda: ours(np.inf), "linreg_nb, without numba": lambda: ours(-np.inf),
            "scikit-learn": lambda: sklearn_path(Z, w, alphas=lams / N, tol=1e-12)[1].T}
    found = {name: job() for name, job in jobs.items()}
    difference = max(near(found["scikit-learn"], found[name], 1e-6) for name in list(jobs)[:2])
    seconds = by_turns(jobs, repeats)
    middle = medians(seconds)
    ratio = middle["linreg_nb, compiled"] / middle["scikit-learn"]
    return {"seconds": seconds, "largest difference": difference,
            "claims": [Claim("linreg_nb / scikit-learn", ratio, 1, at_most=True)]}
