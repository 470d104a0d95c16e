"Linear regression derived, implemented, tested and published from one set of notebooks."
__version__ = "0.1.0"

from importlib import import_module as _import_module

_home = {  # public name: the module (the chapter) that holds it; loaded when first asked for
    "example_data": "data", "load_strd": "data", "check_X_y": "data", "add_intercept": "data",
    "stochastic_gradient_descent": "sgd", "DivergenceError": "sgd",
}
__all__ = sorted(_home)


def __getattr__(name):
    "Import the module that holds the public `name`, and remember the result."
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_home[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(_home))
