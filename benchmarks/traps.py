"""Three data sets on which a good program is far off at its defaults, each beside what mends it.

Who is right is decided in rational arithmetic, without any solver.
"""
import warnings
from fractions import Fraction
from types import SimpleNamespace

import numpy as np

from .accuracy import PEERS, digits, first_line, r_answers, with_version

FIT = "linreg_nb fit"


def rational_solution(D: np.ndarray, y: np.ndarray) -> list[Fraction]:
    "The exact solution of the normal equations of the float64 design `D`."
    columns = [[Fraction(v) for v in column] for column in (*D.T.tolist(), y.tolist())]
    rows = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in columns] for one in columns[:-1]]
    for j in range(len(rows)):  # Gauss and Jordan; the matrix is positive definite, so no pivot is 0
        rows[j] = [value / rows[j][j] for value in rows[j]]
        for i in range(len(rows)):
            if i != j:
                rows[i] = [a - rows[i][j] * b for a, b in zip(rows[i], rows[j], strict=True)]
    return [row[-1] for row in rows]


def rational_least_squares(D: np.ndarray, y: np.ndarray) -> np.ndarray:
    "The same, each number rounded once."
    return np.array([float(value) for value in rational_solution(D, y)])


def problem(name: str, X: np.ndarray, y: np.ndarray) -> SimpleNamespace:
    "Data in the form that the peers of accuracy.py take, with the exact theta."
    design = np.column_stack([np.ones(len(X)), X])
    return SimpleNamespace(name=name, X=X, design=design, y=y, intercept=True, theta=rational_least_squares(design, y))


def sensor() -> SimpleNamespace:
    "One hour of a sensor, a value a second, time in seconds since 1970; it rises by about 0.001 a second."
    rng = np.random.default_rng(0)
    s = np.arange(3600.0)
    return problem("sensor", 1_763_856_000 + s[:, None], 20 + 0.001 * s + rng.normal(scale=0.05, size=len(s)))


def scales() -> SimpleNamespace:
    "A column of some 50 million beside one of about 1, which weighs 7 in the target."
    rng = np.random.default_rng(0)
    X = np.column_stack([5e7 * (1 + 0.3 * rng.normal(size=500)), rng.normal(size=500)])
    return problem("scales", X, 1e-7 * X[:, 0] + 7 * X[:, 1] + rng.normal(scale=0.1, size=500))


def houses() -> SimpleNamespace:
    "Area in square metres, rooms, year of building and distance to the centre in metres, and a price."
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.uniform(30, 250, 500), rng.integers(1, 9, 500), rng.integers(1900, 2021, 500),
                         rng.uniform(100, 20_000, 500)]).astype(float)
    noise = rng.normal(scale=20_000, size=500)
    return problem("houses", X, 40_000 + 2_500 * X[:, 0] + 5_000 * X[:, 1] + 300 * X[:, 2] - 4 * X[:, 3] + noise)


def fit_answer(d) -> tuple:
    from linreg_nb.least_squares import fit
    return fit(d.X, d.y).theta, None


def linregress(d) -> tuple:
    from scipy.stats import linregress
    found = linregress(d.X[:, 0], d.y)
    return np.array([found.intercept, found.slope]), None


def polyfit(d) -> tuple:
    return np.polyfit(d.X[:, 0], d.y, 1)[::-1], None


def centred(d) -> tuple:
    "numpy's lstsq on columns whose mean is subtracted first."
    mean = d.X.mean(axis=0)
    theta = np.linalg.lstsq(np.column_stack([np.ones(len(d.X)), d.X - mean]), d.y)[0]
    return np.append(theta[0] - mean @ theta[1:], theta[1:]), None


SOLVERS = {FIT: ("linreg_nb", "", fit_answer), **PEERS,
           "numpy lstsq, mean subtracted": ("numpy", "numpy lstsq", centred)}
ONE_COLUMN = {"scipy linregress": ("scipy", "", linregress), "numpy polyfit": ("numpy", "", polyfit)}


def heard(solve, d) -> tuple:
    "What `solve` returns for `d` (None where it refuses) and what it says, line by line."
    with warnings.catch_warnings(record=True) as said, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            found = solve(d)
        except Exception as error:  # whatever a solver raises is its answer
            return None, first_line(error)
    return found, "; ".join(dict.fromkeys(map(first_line, said)))


def row(name: str, mends: str, value: float | None, exact: float, said: str) -> dict:
    "One answer as it is stored."
    value = None if value is None or not np.isfinite(value) else float(value)
    right = None if value is None else digits([value], [exact])
    return {"who": name, "mends": mends, "value": value, "digits": right, "said": said}


def least_squares_trap(d, asked: str, j: int, solvers: dict) -> dict:
    "Coefficient j of problem `d` by every solver, R's lm included where it is there."
    exact, rows = d.theta[j], []
    for name, (package, mends, solve) in solvers.items():
        if with_version(package):
            found, said = heard(solve, d)
            rows.append(row(name, mends, None if found is None else found[0][j], exact, said))
    for name, mends, theta in r_answers(d):
        rows.append(row(name, mends, theta[j], exact, "NA" if np.isnan(theta[j]) else ""))
    return {"name": d.name, "asked": asked, "exact": exact, "rows": rows}


def r_squared(d, predicted: np.ndarray) -> float:
    return 1 - np.sum((d.y - predicted)**2) / np.sum((d.y - d.y.mean())**2)


def sgd(scaled: bool):
    "R squared of scikit-learn's SGDRegressor at its defaults, on raw or on standardized columns."
    def solve(d) -> float:
        from sklearn.linear_model import SGDRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        steps = [StandardScaler()] * scaled + [SGDRegressor(random_state=0)]
        return r_squared(d, make_pipeline(*steps).fit(d.X, d.y).predict(d.X))
    return solve


def our_sgd(scaled: bool):
    "R squared of this book's stochastic descent, twenty epochs, on raw or on standardized columns."
    def solve(d) -> float:
        from linreg_nb.sgd import stochastic_gradient_descent
        X = (d.X - d.X.mean(axis=0)) / d.X.std(axis=0) if scaled else d.X
        D = np.column_stack([np.ones(len(X)), X])
        return r_squared(d, D @ stochastic_gradient_descent(D, d.y, alpha=0.001, epochs=20))
    return solve


def descent_trap(d) -> dict:
    "R squared on unscaled columns and on scaled ones, beside that of least squares."
    exact = r_squared(d, d.design @ d.theta)
    ours, theirs = "linreg_nb stochastic_gradient_descent", "scikit-learn SGDRegressor"
    solvers = {ours: ("", our_sgd(False)), f"{ours}, columns standardized": (ours, our_sgd(True)),
               theirs: ("", sgd(False)), f"{theirs}, columns standardized": (theirs, sgd(True))}
    answers = {name: (mends, *heard(solve, d)) for name, (mends, solve) in solvers.items()}
    rows = [row(name, mends, value, exact, said) for name, (mends, value, said) in answers.items()]
    return {"name": d.name, "asked": "R squared", "exact": exact, "rows": rows}


def traps(repeats: int) -> dict:
    "Data on which a default goes wrong: a sensor's clock, a column of 50 million, prices of houses; and what mends it."
    found = [least_squares_trap(sensor(), "change a second", 1, {**SOLVERS, **ONE_COLUMN}),
             least_squares_trap(scales(), "weight of the small column", 2, SOLVERS), descent_trap(houses())]
    for trap, make in zip(found, (sensor, scales, houses), strict=True):
        trap["what"] = make.__doc__
    return {"traps": found, "claims": []}


def table(result: dict) -> list[str]:
    "Who says what, as lines of text."
    lines = []
    for trap in result["traps"]:
        lines.append(f"{trap['what']} {trap['asked']}, exactly {trap['exact']:.6g}:")
        for r in trap["rows"]:
            value = "refuses" if r["value"] is None else f"{r['value']:.6g}"
            lines.append(f"  {r['who']:60}{value:>14}   {r['said'][:60]}")
    return lines
