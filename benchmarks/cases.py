"The cases: each makes its data, sees that the contenders agree, times them by turns and holds the ratios to limits."
import subprocess
import sys
import time

import numpy as np

from .accuracy import strd, strd_table
from .agreement import agreement, agreement_table
from .fits import fits
from .fits import table as fits_table
from .measure import ROOT, Claim, by_turns, medians
from .penalties import lasso_path, ridge_path
from .robust import huber
from .streaming import streaming
from .streaming import table as streaming_table
from .traps import table as traps_table
from .traps import traps


def sklearn_sgd(X: np.ndarray, y: np.ndarray, alpha: float, epochs: int) -> np.ndarray:
    "scikit-learn's SGDRegressor, told to do the LMS rule's very steps: its theta."
    from sklearn.linear_model import SGDRegressor
    model = SGDRegressor(loss="squared_error", penalty=None, fit_intercept=False, shuffle=False, tol=None,
                         max_iter=epochs, learning_rate="constant", eta0=alpha)
    return model.fit(X, y).coef_


def agree(thetas: dict[str, np.ndarray], rtol: float) -> float:
    "The largest relative difference between the first theta and the others; an error where it is above `rtol`."
    first, *others = thetas.values()
    worst = max(float(np.max(np.abs(theta - first) / np.abs(first))) for theta in others)
    if not worst <= rtol:
        raise SystemExit(f"benchmarks: {', '.join(thetas)} differ by {worst:.1e}, more than {rtol:g}: not the same job")
    return worst


def example(repeats: int) -> dict:
    "The worked example, 20 x 3, alpha = 1e-4, 1000 epochs in the given order."
    from linreg_nb.data import example_data
    from linreg_nb.sgd import sgd_loop, stochastic_gradient_descent
    X, y, _ = example_data()
    jobs = {"linreg_nb": lambda: stochastic_gradient_descent(X, y, alpha=1e-4, epochs=1000),
            "naive loop": lambda: sgd_loop(X, y, alpha=1e-4, epochs=1000),
            "scikit-learn": lambda: sklearn_sgd(X, y, alpha=1e-4, epochs=1000)}
    difference = agree({name: job() for name, job in jobs.items()}, rtol=1e-9)
    seconds = by_turns(jobs, repeats)
    middle = medians(seconds)
    claims = [Claim("naive loop / linreg_nb", middle["naive loop"] / middle["linreg_nb"], 200, at_most=False),
              Claim("scikit-learn / linreg_nb", middle["scikit-learn"] / middle["linreg_nb"], 5, at_most=False)]
    return {"seconds": seconds, "largest difference of theta": difference, "claims": claims}


def large(repeats: int) -> dict:
    "100,000 x 10 normal numbers, alpha = 1e-3, 5 epochs in the given order, compiled by numba."
    from linreg_nb.sgd import stochastic_gradient_descent
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100_000, 10))
    y = X @ np.arange(1, 11) + rng.normal(size=len(X))
    start = time.perf_counter()
    stochastic_gradient_descent(X, y, alpha=1e-3, epochs=5)
    first_call = time.perf_counter() - start
    jobs = {"linreg_nb": lambda: stochastic_gradient_descent(X, y, alpha=1e-3, epochs=5),
            "scikit-learn": lambda: sklearn_sgd(X, y, alpha=1e-3, epochs=5)}
    difference = agree({name: job() for name, job in jobs.items()}, rtol=1e-9)
    seconds = by_turns(jobs, repeats)
    middle = medians(seconds)
    claims = [Claim("linreg_nb / scikit-learn", middle["linreg_nb"] / middle["scikit-learn"], 0.6, at_most=True)]
    return {"seconds": seconds, "largest difference of theta": difference, "claims": claims,
            "first call, with compiling, in seconds": first_call}


def batch(repeats: int) -> dict:
    "Batch descent on the worked example, from 10 to 10 million epochs, and the plain loop for a thousand."
    from linreg_nb.batch_gd import batch_gradient_descent, batch_loop
    from linreg_nb.data import example_data
    X, y, _ = example_data()
    jobs = {f"{epochs:,} epochs": lambda epochs=epochs: batch_gradient_descent(X, y, alpha=1e-4, epochs=epochs)
            for epochs in (10, 1_000, 100_000, 10_000_000)}
    jobs["1,000 epochs, plain loop"] = lambda: batch_loop(X, y, alpha=1e-4, epochs=1_000)
    difference = agree({name: jobs[name]() for name in ("1,000 epochs", "1,000 epochs, plain loop")}, rtol=1e-9)
    seconds = by_turns(jobs, repeats)
    middle = medians(seconds)
    growth = middle["10,000,000 epochs"] / middle["10 epochs"]
    claims = [Claim("10,000,000 epochs / 10 epochs", growth, 2, at_most=True)]
    return {"seconds": seconds, "largest difference of theta": difference, "claims": claims}


def fresh_import(statement: str) -> float:
    "Seconds that `statement` takes in a fresh process, the start of Python left out."
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def imports(repeats: int) -> dict:
    "What an import costs in a fresh process; every chapter's names are loaded when first used."
    statements = {"import numpy": "import numpy", "import linreg_nb": "import linreg_nb",
                  "import numpy, then fit": "import numpy; from linreg_nb import fit",
                  "import numpy, then linreg_nb and all its public names": "import numpy; from linreg_nb import *"}
    seconds = {name: [] for name in statements}
    for _ in range(3 * repeats):
        for name, statement in statements.items():
            seconds[name].append(fresh_import(statement))
    claims = [Claim("import linreg_nb, ms", 1e3 * medians(seconds)["import linreg_nb"], 5, at_most=True)]
    return {"seconds": seconds, "claims": claims}


def wall(*command: str) -> float:
    "Seconds that `command` takes in the checkout; an error with its output where it fails."
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"benchmarks: {' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def book(repeats: int) -> dict:
    "The book's own tests, by two workers, and the build of module and site."
    test = ("-c", "from nbdev.test import nbdev_test; nbdev_test.__wrapped__(n_workers=2)")
    jobs = {"nbdev_test": (sys.executable, *test), "tools/build.py": (sys.executable, "tools/build.py")}
    seconds = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, command in jobs.items():
            seconds[name].append(wall(*command))
    return {"seconds": seconds, "claims": [Claim(f"{name}, s", middle, 60, at_most=True)
                                           for name, middle in medians(seconds).items()]}


CASES = {"example": example, "large": large, "batch": batch, "imports": imports, "strd": strd, "traps": traps,
         "agreement": agreement, "fits": fits, "ridge_path": ridge_path, "lasso_path": lasso_path, "huber": huber,
         "streaming": streaming, "book": book}
TABLES = {"strd": strd_table, "agreement": agreement_table, "traps": traps_table,
          "fits": fits_table, "streaming": streaming_table}  # printed beside times and claims
