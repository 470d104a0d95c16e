"Laws that the solvers keep on any data of full column rank, tried on data that hypothesis thinks up."
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.traps import rational_least_squares, rational_solution
from linreg_nb import Accumulator, batch_gradient_descent, fit, normal_equations, stochastic_gradient_descent
from linreg_nb.gradient import gradient
from linreg_nb.sgd import affine_path, epoch_map, sgd_bound, sgd_loop
from linreg_nb.shrinkage import duality_gap, elastic_net, lam_max, ridge
from linreg_nb.streaming import _from_bytes, _to_bytes

U = np.finfo(float).eps / 2  # the unit roundoff
SOLVERS = {
    "stochastic": lambda X, y: stochastic_gradient_descent(X, y, safe_step(X), epochs=20),
    "stochastic, shuffled": lambda X, y: stochastic_gradient_descent(X, y, safe_step(X), epochs=20, shuffle=True),
    "batch": lambda X, y: batch_gradient_descent(X, y, safe_step(X), epochs=20),
    "normal equations": normal_equations,
    "fit": lambda X, y: fit(X, y, intercept=False).stderr,
    "fit, exact": lambda X, y: fit(X, y, intercept=False, method="exact").stderr,
}

settings.register_profile("book", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("book")


def safe_step(X: np.ndarray) -> float:
    "A step size with which both descents converge: half of the stochastic rule's own bound."
    return sgd_bound(X) / 2


@st.composite
def problems(draw, most_columns: int = 4, extra_rows: int = 12):
    "X of full column rank and y: sevenths, whose products round, times a power of two so that the scale varies too."
    p = draw(st.integers(1, most_columns))
    n = p + draw(st.integers(0, extra_rows))
    sevenths = st.integers(-63, 63).map(lambda k: k / 7)
    X, y = draw(arrays(float, (n, p), elements=sevenths)), draw(arrays(float, n, elements=sevenths))
    X, y = X * 2.0**draw(st.integers(-20, 20)), y * 2.0**draw(st.integers(-20, 20))
    singular = np.linalg.svd(X, compute_uv=False)
    assume(singular[-1] > 1e-5 * singular[0])
    return X, y


def gamma(k: int) -> float:
    "The bound on the relative error of k roundings in a row (Higham 2002, lemma 3.1)."
    return k * U / (1 - k * U)


def backward_error(X: np.ndarray, y: np.ndarray, theta: np.ndarray) -> float:
    """How far X^T X theta may be from X^T y, in norm, if rounding alone moved it.

    Forming X^T X and X^T y takes n roundings an entry; solving by Cholesky moves X^T X by 3p + 1 roundings of |R^T||R|
    (Higham 2002, theorem 10.4), and the norm of |X|^T |X| and of |R^T||R| is at most the squared Frobenius norm of X.
    """
    n, p = X.shape
    size = np.linalg.norm(X)
    return gamma(n) * size * np.linalg.norm(y) + (gamma(n) + gamma(3*p + 1)) * size**2 * np.linalg.norm(theta)


def distance_bound(X: np.ndarray, y: np.ndarray, theta: np.ndarray) -> float:
    "How far `theta` may be from the exact answer: the backward error times the norm of the inverse of X^T X."
    smallest = np.linalg.svd(X, compute_uv=False)[-1]
    return 1.001 * backward_error(X, y, theta) / smallest**2  # the thousandth is for the singular value's own rounding


@given(problems(), st.data())
def test_scaling_a_column_scales_its_coefficient_exactly(problem, data):
    X, y = problem
    column, k = data.draw(st.integers(0, X.shape[1] - 1)), data.draw(st.integers(-40, 40))
    scaled, expected = X.copy(), normal_equations(X, y)
    scaled[:, column] *= 2.0**k
    expected[column] *= 2.0**-k
    np.testing.assert_array_equal(normal_equations(scaled, y), expected, strict=True)


@given(problems(), st.integers(0, 2**32 - 1))
def test_permuting_rows_leaves_the_answer_within_rounding(problem, seed):
    X, y = problem
    order = np.random.default_rng(seed).permutation(len(y))
    one, other = normal_equations(X, y), normal_equations(X[order], y[order])
    assert np.linalg.norm(one - other) <= distance_bound(X, y, one) + distance_bound(X, y, other)


@given(problems())
def test_the_gradient_is_zero_at_the_answer(problem):
    X, y = problem
    theta = normal_equations(X, y)
    size, (n, p) = np.linalg.norm(X), X.shape
    own_rounding = gamma(n + p + 2) * size * (size * np.linalg.norm(theta) + np.linalg.norm(y))
    assert np.linalg.norm(gradient(X, y, theta)) <= backward_error(X, y, theta) + own_rounding


@pytest.mark.parametrize("name", SOLVERS)
@given(problem=problems())
def test_inputs_are_left_alone(name, problem):
    X, y = problem
    kept = X.copy(), y.copy()
    X.flags.writeable = y.flags.writeable = False
    SOLVERS[name](X, y)
    np.testing.assert_array_equal(X, kept[0], strict=True)
    np.testing.assert_array_equal(y, kept[1], strict=True)


@pytest.mark.parametrize("method", ["auto", "exact"])
@given(problem=problems(), data=st.data())
def test_fit_scales_with_its_columns_to_the_last_bit(method, problem, data):
    X, y = problem
    column, k = data.draw(st.integers(0, X.shape[1] - 1)), data.draw(st.integers(-40, 40))
    scaled, factors = X.copy(), np.ones(X.shape[1])
    scaled[:, column] *= 2.0**k
    factors[column] = 2.0**-k
    one, other = (fit(A, y, intercept=False, method=method) for A in (X, scaled))
    np.testing.assert_array_equal(other.theta, one.theta * factors, strict=True)
    np.testing.assert_array_equal(other.stderr, one.stderr * factors, strict=True)
    np.testing.assert_array_equal(other.digits, one.digits, strict=True)


@given(problems(), st.integers(0, 2**32 - 1))
def test_what_fit_claims_is_true_and_its_exact_road_is_rounded_once(problem, seed):
    "Against rational arithmetic; the rows' order and rows of weight 0 change no bit on the exact road."
    X, y = problem
    true = rational_solution(X, y)
    quick, exact = (fit(X, y, intercept=False, method=method) for method in ("auto", "exact"))
    assert exact.theta.tolist() == [float(value) for value in true]
    for theta, digits, value in zip(quick.theta.tolist(), quick.digits.tolist(), true, strict=True):
        assert abs(Fraction(theta) - value) <= Fraction(10.0**-digits) * abs(value)
    rng = np.random.default_rng(seed)
    order, weights = rng.permutation(len(y) + 2), np.append(np.ones(len(y)), [0.0, 0.0])
    padded, targets = np.vstack([X, rng.standard_normal((2, X.shape[1]))]), np.append(y, rng.standard_normal(2))
    other = fit(padded[order], targets[order], False, weights[order], "exact")
    np.testing.assert_array_equal(other.theta, exact.theta)
    np.testing.assert_array_equal(other.stderr, exact.stderr)


def tolerance(thetas: np.ndarray, X: np.ndarray, y: np.ndarray, alpha: float) -> float:
    "1e-12 of the numbers met: the largest on the path, or in one epoch's steps before their terms cancel."
    return 1e-12 * max(np.abs(thetas).max(), alpha * (abs(X).T @ abs(y)).max())


@given(problems(), st.integers(0, 200), st.floats(0.01, 0.99))
def test_powers_of_the_epoch_map_are_the_naive_loop(problem, epochs, part):
    X, y = problem
    alpha = part * sgd_bound(X)
    naive = sgd_loop(X, y, alpha, epochs, path=True)
    close = dict(rtol=0, atol=tolerance(naive, X, y, alpha), strict=True)
    np.testing.assert_allclose(affine_path(epoch_map(X, y, alpha), epochs), naive, **close)
    np.testing.assert_allclose(stochastic_gradient_descent(X, y, alpha, epochs, path=True), naive, **close)


def naive_batch(X: np.ndarray, y: np.ndarray, alpha: float, epochs: int) -> np.ndarray:
    "All iterates of batch descent on 1/(2n) of the sum of squares, one step after the other."
    thetas = [np.zeros(X.shape[1])]
    for _ in range(epochs):
        thetas.append(thetas[-1] - alpha * X.T @ (X @ thetas[-1] - y) / len(y))
    return np.array(thetas)


@given(problems(), st.integers(0, 200), st.floats(0.01, 0.99))
def test_batch_descents_closed_form_is_the_naive_loop(problem, epochs, part):
    X, y = problem
    alpha = part * 2 * len(y) / np.linalg.norm(X, 2)**2
    naive = naive_batch(X, y, alpha, epochs)
    close = dict(rtol=0, atol=tolerance(naive, X, y, alpha / len(y)), strict=True)
    np.testing.assert_allclose(batch_gradient_descent(X, y, alpha, epochs, path=True), naive, **close)
    np.testing.assert_allclose(batch_gradient_descent(X, y, alpha, epochs), naive[-1], **close)


@given(problems(most_columns=4), st.integers(-4, 4))
def test_ridge_is_the_exact_answer_to_almost_all_digits(problem, level):
    "Least squares in fractions, with rows of the root of lam below X, gives the same to 1e-9 of the largest part."
    X, y = problem
    root = 2.0**level * 2.0**int(np.frexp(abs(X).max())[1])
    below = np.vstack([X, root * np.eye(X.shape[1])]), np.append(y, np.zeros(X.shape[1]))
    exact = rational_least_squares(*below)
    found = ridge(X, y, root**2, intercept=False).coef
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-9 * max(abs(exact).max(), 1e-300))


@given(problems(), st.floats(1e-3, 1.2), st.sampled_from([1.0, 0.5, 0.05]), st.booleans())
def test_the_gap_of_an_elastic_net_is_closed_and_bounds_every_other_answer(problem, part, l1_ratio, wide):
    "At the answer the gap is next to nothing; anybody else's J lies above its minimum by at most their gap."
    X, y = problem
    X = np.hstack([X, X[::-1] + 1, X**2 / abs(X).max()]) if wide else X
    lam = part * lam_max(X, y, l1_ratio)
    assume(lam > 0)
    r = elastic_net(X, y, lam, l1_ratio)
    total = np.sum((y - y.mean())**2)
    assert duality_gap(X, y, r.theta, lam, l1_ratio) <= 2e-12 * total

    def J(theta):
        e = y - theta[0] - X @ theta[1:]
        return e @ e / 2 + lam * (l1_ratio * abs(theta[1:]).sum() + (1 - l1_ratio) / 2 * theta[1:] @ theta[1:])
    for other in (0.5 * r.theta, np.append(y.mean(), 0 * r.coef), 1.1 * r.theta):
        above = J(other) - J(r.theta)
        assert -1e-11 * total <= above <= duality_gap(X, y, other, lam, l1_ratio) + 1e-11 * (total + J(other))


@st.composite
def streams(draw):
    "Rows of any float64 numbers, weights or None, an order, and where to cut."
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    anything = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, 1e20, -1e20, 5e-324])
    X, y = draw(arrays(float, (n, d), elements=anything)), draw(arrays(float, n, elements=anything))
    w = draw(st.none() | arrays(float, n, elements=st.sampled_from([0.0, 0.1, 1.0, 1e-300, 1e300, 5e-324])))
    order = draw(st.permutations(range(n)))
    cuts = sorted(draw(st.lists(st.integers(0, n), max_size=4)))
    return X, y, w, np.split(np.array(order), cuts)


@given(streams())
def test_exact_sums_are_the_same_in_any_cut_order_and_tree_and_after_removal(stream):
    "On any finite numbers, subnormal and huge ones among them; and the state survives its file's text."
    X, y, w, parts = stream

    def one(rows):
        return Accumulator().update(X[rows], y[rows], None if w is None else w[rows])

    whole = Accumulator().update(X, y, w)
    pieces = [one(rows) for rows in parts]
    assert sum(pieces) == whole == sum(reversed(pieces[1:]), pieces[0])
    doubled = whole + whole
    for rows in parts:
        doubled.remove(X[rows], y[rows], None if w is None else w[rows])
    assert doubled == whole
    assert Accumulator._of(_from_bytes(_to_bytes(whole._state()), "it")) == whole


@pytest.mark.filterwarnings("ignore::linreg_nb.normal_equations.RankDeficientWarning")
@given(problems(), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_streamed_fit_is_the_fit_to_all_rows(problem, intercept, seed):
    "Exact sums: to the last bit. Sums in float64: to as many digits as they claim."
    (X, y), rng = problem, np.random.default_rng(seed)
    order = np.array_split(rng.permutation(len(X)), rng.integers(1, 5))
    want = fit(X, y, intercept, method="exact")
    got = sum(Accumulator(intercept=intercept).update(X[rows], y[rows]) for rows in order).fit()
    for name in ("theta", "stderr", "rss"):
        np.testing.assert_array_equal(getattr(got, name), getattr(want, name), strict=True)
    try:
        quick = sum(Accumulator(intercept=intercept, exact=False).update(X[rows], y[rows]) for rows in order).fit()
    except ValueError as refused:
        assert "wanted Accumulator(exact=True)" in str(refused)
        return
    off = abs(quick.theta - want.theta)
    assert np.all((off <= (10.0**-quick.digits * (1 + 1e-6) + 2 * U) * abs(want.theta)) | (quick.digits == 0))
