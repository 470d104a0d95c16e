"""What numpy can't say in a browser: WebAssembly has no floating-point flags, and numpy reports failures by them.

There `np.linalg.cholesky`, `inv` and `solve` return NaN where they raise elsewhere, and whoever waits for a LinAlgError
gets wrong numbers. `raise_again` brings the error back.
"""
import functools

import numpy as np


def raising(function, message: str):
    "`function` of numpy.linalg, which raises where it failed: for finite numbers, its whole answer is NaN then."
    @functools.wraps(function)
    def raises(*matrices, **keywords):
        answer = function(*matrices, **keywords)
        if answer.size and np.isnan(answer).all() and all(np.isfinite(a).all() for a in matrices):
            raise np.linalg.LinAlgError(message)
        return answer
    return raises


def raise_again() -> None:
    "Give numpy's functions their errors back."
    np.linalg.cholesky = raising(np.linalg.cholesky, "Matrix is not positive definite")
    np.linalg.inv = raising(np.linalg.inv, "Singular matrix")
    np.linalg.solve = raising(np.linalg.solve, "Singular matrix")
