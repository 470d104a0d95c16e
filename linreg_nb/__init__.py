"Linear regression derived, implemented, tested and published from one set of notebooks."
__version__ = "0.1.0"

import sys as _sys
from importlib import import_module as _import_module
from types import ModuleType as _ModuleType

_home = {  # public name: the module (the chapter) that holds it; loaded when first asked for
    "example_data": "data", "load_strd": "data", "check_X_y": "data", "add_intercept": "data",
    "stochastic_gradient_descent": "sgd", "DivergenceError": "sgd",
    "batch_gradient_descent": "batch_gd",
    "normal_equations": "normal_equations", "RankDeficientWarning": "normal_equations",
    "fit": "least_squares", "Fit": "least_squares", "polynomial": "exact",
    "ridge": "shrinkage", "ridge_path": "shrinkage", "lasso": "shrinkage", "lasso_path": "shrinkage",
    "elastic_net": "shrinkage", "elastic_net_path": "shrinkage", "cross_validate": "shrinkage",
    "ConvergenceWarning": "shrinkage",
    "generalized_least_squares": "robust_losses", "huber": "robust_losses",
    "least_absolute_deviations": "robust_losses", "quantile_regression": "robust_losses",
    "Accumulator": "streaming",
    "fit_chunks": "out_of_core", "fit_dask": "out_of_core",
    "fit_formula": "formulas", "audit": "audit",
}
__all__ = sorted(_home)

TYPE_CHECKING = False
if TYPE_CHECKING:  # the same names for editors and type checkers, which don't run the lines below
    from .audit import audit as audit
    from .batch_gd import batch_gradient_descent as batch_gradient_descent
    from .data import add_intercept as add_intercept
    from .data import check_X_y as check_X_y
    from .data import example_data as example_data
    from .data import load_strd as load_strd
    from .exact import polynomial as polynomial
    from .formulas import fit_formula as fit_formula
    from .least_squares import Fit as Fit
    from .least_squares import fit as fit
    from .normal_equations import RankDeficientWarning as RankDeficientWarning
    from .normal_equations import normal_equations as normal_equations
    from .out_of_core import fit_chunks as fit_chunks
    from .out_of_core import fit_dask as fit_dask
    from .robust_losses import generalized_least_squares as generalized_least_squares
    from .robust_losses import huber as huber
    from .robust_losses import least_absolute_deviations as least_absolute_deviations
    from .robust_losses import quantile_regression as quantile_regression
    from .sgd import DivergenceError as DivergenceError
    from .sgd import stochastic_gradient_descent as stochastic_gradient_descent
    from .shrinkage import ConvergenceWarning as ConvergenceWarning
    from .shrinkage import cross_validate as cross_validate
    from .shrinkage import elastic_net as elastic_net
    from .shrinkage import elastic_net_path as elastic_net_path
    from .shrinkage import lasso as lasso
    from .shrinkage import lasso_path as lasso_path
    from .shrinkage import ridge as ridge
    from .shrinkage import ridge_path as ridge_path
    from .streaming import Accumulator as Accumulator


def __getattr__(name):
    "Import the module that holds the public `name`, and remember the result."
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_home[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(_home))


class _Package(_ModuleType):
    "This package. Where a public function and its module share a name, the name means the function."

    def __setattr__(self, name, value):  # importing a module sets it as an attribute of its package
        if isinstance(value, _ModuleType) and name in _home:
            value = getattr(value, name)
        super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Package

if _sys.platform == "emscripten":  # in a browser
    from ._browser import raise_again as _raise_again
    _raise_again()
