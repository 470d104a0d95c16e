"Huber's regression at 10,000 x 100, a tenth of the targets far off: this book beside scikit-learn."
import numpy as np

from .measure import Claim, by_turns, medians

N, D = 10_000, 100
EPSILON = 1.35  # scikit-learn's default


def far_off_data(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    "Normal features and noise as for the other cases; a tenth of the targets is too high, by 20 deviations on average."
    from .peers import normal_data
    X, y = normal_data(n, d, seed)
    rng = np.random.default_rng(seed + 1)
    off = rng.random(n) < 0.1
    y[off] += rng.exponential(20, off.sum())
    return X, y


def same_delta(epsilon: float, n: int, p: int) -> float:
    "The delta for which `huber`, jointly with the scale, does scikit-learn's job: eq-huber-epsilon of chapter 12."
    from scipy.optimize import brentq

    from linreg_nb.robust_losses import _clipped_variance
    return brentq(lambda delta: (n - p) * _clipped_variance(delta) / delta**2 - n / epsilon**2, 0.05, 20, xtol=1e-14)


def scikit_loss(X: np.ndarray, y: np.ndarray, theta: np.ndarray, sigma: float) -> float:
    "What scikit-learn minimises, without a penalty."
    z = abs(y - theta[0] - X @ theta[1:]) / sigma
    return sigma * float(np.sum(1 + np.where(z < EPSILON, z**2, 2 * EPSILON * z - EPSILON**2)))


def huber(repeats: int) -> dict:
    "Huber's loss at 10,000 x 100 with a tenth of the rows far off, jointly with the scale as scikit-learn has it."
    from sklearn.linear_model import HuberRegressor

    from linreg_nb.robust_losses import huber as ours
    X, y = far_off_data(N, D)
    delta = same_delta(EPSILON, N, D + 1)

    def theirs() -> tuple[np.ndarray, float]:
        model = HuberRegressor(epsilon=EPSILON, alpha=0).fit(X, y)
        return np.append(model.intercept_, model.coef_), float(model.scale_)
    r, (theta, sigma) = ours(X, y, delta, scale="joint"), theirs()
    difference = float(abs(theta - r.theta).max() / abs(r.theta).max())
    mine = scikit_loss(X, y, r.theta, delta * r.scale / EPSILON)
    above = scikit_loss(X, y, theta, sigma) / mine - 1
    if not (difference < 1e-4 and r.converged and above > -1e-12):
        raise SystemExit(f"benchmarks: theta differs by {difference:.1e}, loss by {above:.1e}: not the same job")
    jobs = {"linreg_nb": lambda: ours(X, y, delta, scale="joint"), "scikit-learn": theirs,
            "linreg_nb, scale by the median": lambda: ours(X, y), "X.T @ X": lambda: X.T @ X}
    seconds = by_turns(jobs, repeats)
    middle = medians(seconds)
    claims = [Claim("linreg_nb / scikit-learn", middle["linreg_nb"] / middle["scikit-learn"], 1, at_most=True)]
    return {"seconds": seconds, "largest difference of theta": difference, "scikit-learn's loss above ours": above,
            "gap of linreg_nb": r.gap, "claims": claims}
