"The estimators keep scikit-learn's contract, test by test, and the module says what it needs."

import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn import linear_model as theirs
from sklearn.utils.estimator_checks import estimator_checks_generator

from linreg_nb import DivergenceError, estimators, fit

NAMES = ("LinearRegression", "Ridge", "Lasso", "ElasticNet", "HuberRegressor", "QuantileRegressor", "SGDRegressor")
WEIGHTS = "check_sample_weight_equivalence_on_dense_data"  # a row of weight 2 is one long step of a descent, not two
FAR = {"check_fit_idempotent", "check_fit_check_is_fitted", "check_n_features_in"}  # data whose columns have mean 100
SLOW = {"eta0": 1e-5, "max_iter": 5, "tol": None}  # steps that such data allow


def name_of(check) -> str:
    "The name of a check of scikit-learn's, without the arguments that are filled in."
    while hasattr(check, "func"):
        check = check.func
    return check.__name__


def checks() -> list:
    "Each check of each estimator; those on far columns with the slow steps where the steps are a setting."
    found = []
    for name in NAMES:
        for options in {"SGDRegressor": ({}, SLOW), "LinearRegression": ({}, {"positive": True})}.get(name, ({},)):
            cls = getattr(estimators, name)
            for estimator, check in estimator_checks_generator(cls(**options)):
                label = name_of(check)
                if name == "SGDRegressor" and (label == WEIGHTS or (label in FAR) != (options == SLOW)):
                    continue
                found.append(pytest.param(estimator, check, id=f"{name}-{'-'.join(options)}-{label}-{len(found)}"))
    return found


@pytest.mark.parametrize("estimator, check", checks())
@pytest.mark.filterwarnings("ignore")
def test_contract(estimator, check):
    "scikit-learn's own checks pass."
    check(estimator)


def outcome(estimator, name: str) -> list:
    "What an estimator raises in the checks of that name."
    raised = []
    for instance, check in estimator_checks_generator(estimator):
        if name_of(check) == name:
            try:
                check(instance)
            except Exception as error:  # whatever the check finds
                raised.append(type(error))
    return raised


@pytest.mark.filterwarnings("ignore")
def test_what_sgd_fails_is_what_it_should():
    "Weights against repeated rows: scikit-learn's own class fails too. Far columns: ours says that it diverges."
    assert outcome(estimators.SGDRegressor(), WEIGHTS) == outcome(theirs.SGDRegressor(), WEIGHTS) == [AssertionError]
    for name in FAR:
        assert set(outcome(estimators.SGDRegressor(), name)) == {DivergenceError}
        assert outcome(theirs.SGDRegressor(), name) == []
    far = np.random.default_rng(0).normal(100, 1, (30, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ran_away = theirs.SGDRegressor(max_iter=5, tol=None, random_state=0).fit(far, far[:, 0])
    assert ran_away.score(far, far[:, 0]) < -1e10  # which those checks don't look at


BLOCKED = """
import sys
from importlib.abc import MetaPathFinder
class Blocked(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {blocked!r}: raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
"""


def without(*blocked: str, code: str) -> str:
    "What `code` prints in a process that has none of the `blocked` packages."
    command = [sys.executable, "-c", BLOCKED.format(blocked=blocked) + code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_scikit_learn_the_module_says_what_to_install():
    "All else works."
    told = without("sklearn", code="""
from linreg_nb import fit
print(fit([[1], [2], [4]], [1, 2, 4]).rank)
try: import linreg_nb.estimators
except ImportError as error: print(error)
""")
    assert told.splitlines() == ["2", "linreg_nb.estimators needs scikit-learn: pip install 'linreg_nb[sklearn]'"]


def test_without_narwhals_frames_with_rows_are_read_and_lazy_ones_say_what_to_install():
    "pandas and polars need no extra."
    told = without("narwhals", "sklearn", code="""
import polars as pl
from linreg_nb import fit
frame = pl.DataFrame({"x": [1.0, 2, 4]})
print(fit(frame, [1.0, 2, 4]).names)
try: fit(frame.lazy(), [1.0, 2, 4])
except ImportError as error: print(error)
""")
    assert told.splitlines() == ["['intercept', 'x']", "a LazyFrame is no array; wanted its rows, "
                                                       "or pip install 'linreg_nb[frames]' to have them read"]


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "pyarrow", "dask", "duckdb"])
def test_frames(kind):
    "Names come along, and predictions keep an index where there is one."
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    given = pd.DataFrame({"a": [1.0, 2, 4, 7], "b": [0.5, 3, 1, 2]}, index=list("wxyz"))
    y = np.array([1.0, 4, 2, 8])
    frame = {"pandas": lambda: given, "polars": lambda: pl.from_pandas(given),
             "lazy": lambda: pl.from_pandas(given).lazy(),
             "pyarrow": lambda: pa.Table.from_pandas(given, preserve_index=False),
             "dask": lambda: pytest.importorskip("dask.dataframe").from_pandas(given, npartitions=2),
             "duckdb": lambda: pytest.importorskip("duckdb").from_df(given)}[kind]()
    r, model = fit(frame, y), estimators.LinearRegression().fit(frame, y)
    assert r.names == model.fit_.names == ["intercept", "a", "b"] and model.feature_names_in_.tolist() == ["a", "b"]
    expected = fit(given.to_numpy(), y).fitted
    np.testing.assert_allclose(r.predict(frame), expected, rtol=1e-12)
    np.testing.assert_allclose(model.predict(frame), expected, rtol=1e-12)
    if kind in ("pandas", "dask"):
        assert r.predict(frame).index.tolist() == list("wxyz") and isinstance(model.predict(frame), np.ndarray)
    else:
        assert isinstance(r.predict(frame), np.ndarray)
