"The explorables in a real browser: their arithmetic against the module on random data, and every control driven."
import json
import re
from fractions import Fraction

import numpy as np
import pytest
from browsers import chromium, needs_browser
from copies import ROOT
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from linreg_nb.batch_gd import batch_gradient_descent
from linreg_nb.conditioning import condition_number, qr_least_squares, svd_least_squares
from linreg_nb.data import add_intercept, example_data
from linreg_nb.explorables import (
    explore_conditioning,
    explore_least_squares,
    explore_penalties,
    explore_step_size,
)
from linreg_nb.faster_descent import mini_batch_bound, mini_batch_gradient_descent, standardize
from linreg_nb.hypothesis import half_mean_loss
from linreg_nb.least_squares import fit
from linreg_nb.normal_equations import cholesky_loop, normal_equations
from linreg_nb.sgd import epoch_map, stochastic_gradient_descent
from linreg_nb.shrinkage import lam_max, lasso, ridge

pytestmark = needs_browser
JS = ROOT / "linreg_nb" / "js"
X, y, _ = example_data(noise=1.0)
PAIR = X[:, :2]
SANDWICHES = X[:, 1]
X8, Y8 = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 10.0]), np.array([2.1, 2.9, 4.2, 4.4, 6.1, 6.0, 7.4, 7.0])
ALL = {"step-size": lambda: explore_step_size(SANDWICHES, y), "least-squares": lambda: explore_least_squares(X8, Y8),
       "conditioning": lambda: explore_conditioning(PAIR, y), "penalties": lambda: explore_penalties(PAIR, y)}
seeds = pytest.mark.parametrize("seed", range(4))
every = pytest.mark.parametrize("name", ALL)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    "Headless Chromium that can reach nothing."
    driver = chromium(tmp_path_factory.mktemp("profile"), "--host-resolver-rules=MAP * ~NOTFOUND",
                      logs={"browser": "ALL"})
    yield driver
    driver.quit()


@pytest.fixture
def compute(browser):
    "Runs a JavaScript expression over the arithmetic of an explorable, with arguments a, b, c, …"
    def run(kind: str, expression: str, *values):
        parts = "\n".join((JS / f"{name}.js").read_text(encoding="utf-8") for name in ("plane", kind))
        names = ", ".join("abcdefgh"[:len(values)])
        plain = [v.tolist() if isinstance(v, np.ndarray) else v for v in values]
        return browser.execute_script(f"{parts}\nreturn (({names}) => {expression})(...arguments)", *plain)
    return run


@pytest.fixture
def page(browser, tmp_path):
    "Opens an explorable on a page of its own; returns the element. `html` may be changed on its way there."
    def show(name: str, change=lambda html: html, width: int = 1000, dark: bool = False):
        path = tmp_path / "page.html"
        body = change(ALL[name]().html)
        path.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>t</title>"
                        f"<meta name=viewport content=width=device-width><body>{body}</body></html>")
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        browser.get_log("browser")
        browser.get(path.as_uri())
        return browser.find_element(By.CSS_SELECTOR, ".explorable")
    return show


def close(found, wanted, rtol: float = 1e-9) -> None:
    "Assert agreement to `rtol` of the largest entry."
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert wanted.size and np.isfinite(wanted).all()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=rtol * np.abs(wanted).max(), strict=True)


def line_data(seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    "Random points about a random line, and the generator for more."
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.uniform(-3, 3), rng.uniform(0.5, 3), rng.integers(5, 25))
    return x, rng.normal(size=2) @ [np.ones_like(x), x] + rng.normal(size=len(x)), rng


# ------------------------------------------------------------------------------------------------- arithmetic

@seeds
def test_descent_and_its_theory_are_the_module_s(compute, seed):
    "Iterates, loss, epoch map, spectral radius, limit and bound, for batches of every kind."
    x, t, rng = line_data(seed)
    n = len(x)
    close(compute("step_size", "stepSize.standardize(a)", x), standardize(x[:, None])[0][:, 0])
    for size in {1, n, int(rng.integers(2, n)), 5}:
        D = add_intercept(x[:, None])
        assert compute("step_size", "stepSize.design(a, false)", x) == D.tolist()
        bound = mini_batch_bound(D, size)
        alpha, epochs = bound * rng.uniform(0.05, 0.95), int(rng.integers(1, 60))
        run = compute("step_size", "stepSize.descend(a, b, c, d, e)", D, t, alpha, epochs, size)
        ends = np.array(run["steps"])[::run["perEpoch"]]
        close(ends, mini_batch_gradient_descent(D, t, alpha, epochs, size, path=True))
        if size == 1:
            close(ends, stochastic_gradient_descent(D, t, alpha, epochs, path=True))
        if size == n:
            close(ends, batch_gradient_descent(D, t, alpha, epochs, path=True))
        close(compute("step_size", "a.map((v) => halfMeanLoss(b, c, v))", ends, D, t),
              [half_mean_loss(D, t, theta) for theta in ends])
        found = compute("step_size", "stepSize.epochMap(a, b, c, d)", D, t, alpha, size)
        A, b = np.array(found["A"]), np.array(found["b"])
        if size == 1:
            N = epoch_map(D, t, alpha)
            close(A, np.eye(2) + N[:, :2])
            close(b, N[:, 2])
        close(A @ ends[0] + b, ends[1])
        close(A @ ends[-2] + b, ends[-1])
        close(compute("step_size", "stepSize.spectralRadius(a)", A), abs(np.linalg.eigvals(A)).max())
        close(compute("step_size", "stepSize.sureBound(a, b)", D, size), bound)
        close(compute("step_size", "stepSize.limit(a)", found), np.linalg.solve(np.eye(2) - A, b))
    turned = np.array([[0.3, -0.8], [0.9, 0.1]]) * rng.uniform(0.5, 1.5)     # complex eigenvalues
    close(compute("step_size", "stepSize.spectralRadius(a)", turned), abs(np.linalg.eigvals(turned)).max())
    best = compute("step_size", "(({S, b}) => solve(S, b))(gram(a, b))", D, t)
    close(best, normal_equations(D, t))


@pytest.mark.parametrize("size", [1, 5, 20])
def test_the_regions_are_what_descent_does(compute, size):
    "Where the strip says diverges, the errors grow; converges and crawls tell whether a tenth or less is left."
    D, epochs = add_intercept(SANDWICHES[:, None]), 100
    seen = set()
    for alpha in np.geomspace(3e-4, 0.5, 25):
        fate = compute("step_size", "stepSize.fate(stepSize.spectralRadius(stepSize.epochMap(a, b, c, d).A), e)",
                       D, y, alpha, size, epochs)
        A = np.array(compute("step_size", "stepSize.epochMap(a, b, c, d).A", D, y, alpha, size))
        values, vectors = np.linalg.eig(A)
        slowest = vectors[:, abs(values).argmax()]
        with np.errstate(all="ignore"):
            left = np.linalg.norm(np.linalg.matrix_power(A, epochs) @ slowest)
        assert fate == ("diverges" if not left <= 1 else "crawls" if left > 0.1 else "converges")
        seen.add(fate)
    assert seen >= {"crawls", "diverges"}


@seeds
def test_the_line_and_its_influence_are_the_module_s(compute, seed):
    "Parameters, residuals, leverages and Cook's distances; nothing where there is no line."
    x, t, rng = line_data(seed)
    x += 100 * seed                                                         # far from zero as well
    r, found = fit(x[:, None], t), compute("least_squares", "leastSquares.fit(a, b)", x, t)
    for key, wanted in {"theta": r.theta, "residuals": r.resid, "rss": r.rss, "leverage": r.leverage,
                        "cook": r.cooks_distance}.items():
        close(found[key], wanted)
    sums = compute("least_squares", "leastSquares.sums(a, b)", x, t)
    close([sums[key] for key in ("n", "x", "y", "xx", "xy")], [len(x), x.sum(), t.sum(), x @ x, x @ t])
    assert compute("least_squares", "leastSquares.fit(a, b)", np.full(5, x[0]), t[:5]) is None
    alone = np.array([1.0, 1.0, 1.0, 1.0, 4.0])
    cook = fit(alone[:, None], t[:5]).cooks_distance
    told = compute("least_squares", "leastSquares.fit(a, b).cook.map((v) => Number.isNaN(v) ? null : v)", alone, t[:5])
    assert [v is None for v in told] == np.isnan(cook).tolist() == [False] * 4 + [True]
    close(told[:4], cook[:4])


def exact_answer(columns: np.ndarray, t: np.ndarray) -> list[float]:
    "The least-squares answer for two columns in fractions, rounded once."
    a, b, t = ([Fraction(v) for v in column] for column in (*columns.T.tolist(), t.tolist()))
    def dot(u, v): return sum(p * q for p, q in zip(u, v, strict=True))
    D = dot(a, a) * dot(b, b) - dot(a, b)**2
    return [float((dot(a, t) * dot(b, b) - dot(a, b) * dot(b, t)) / D),
            float((dot(a, a) * dot(b, t) - dot(a, b) * dot(a, t)) / D)]


@seeds
def test_the_solvers_are_the_module_s_and_the_exact_one_is_exact(compute, seed):
    "At angles where nine digits are there to agree; the exact answer at any angle, to the last bit."
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 15))
    u, v, w = np.linalg.qr(rng.normal(size=(n, 3)))[0].T
    data = {"u": u.tolist(), "v": v.tolist(), "w": w.tolist(), "theta": rng.normal(size=2).tolist()}
    for kappa in (1.0, 10 ** rng.uniform(0, 2)):
        angle = compute("conditioning", "conditioning.angle(a)", kappa)
        close(compute("conditioning", "conditioning.kappa(a)", angle), kappa)
        found = compute("conditioning", "conditioning.problem(a, b, c)", data, angle, 0.3)
        D, t = np.array(found["X"]), np.array(found["y"])
        close(D, np.column_stack([u, np.cos(angle) * u + np.sin(angle) * v]))
        close(t, D @ data["theta"] + 0.3 * w)
        close(kappa, condition_number(D))
        L = cholesky_loop(D.T @ D)
        for name, theta in (("cholesky", np.linalg.solve(L.T, np.linalg.solve(L, D.T @ t))),
                            ("householder", qr_least_squares(D, t)), ("svd", svd_least_squares(D, t)),
                            ("exact", data["theta"])):
            close(compute("conditioning", f"conditioning.{name}(a, b)", D, t), theta)
    for kappa in (3.0, 1e4, 1e7):
        found = compute("conditioning", "conditioning.problem(a, conditioning.angle(b), c)", data, kappa, 0.5)
        D, t = np.array(found["X"]), np.array(found["y"])
        assert compute("conditioning", "conditioning.exact(a, b)", D, t) == exact_answer(D, t)
    scaled = np.array([[0.0, 3e200], [1e-5, -1e200], [7e-5, 2e200]])             # zeros, and columns far apart in size
    assert compute("conditioning", "conditioning.exact(a, b)", scaled, np.array([1.0, -2.0, 0.0])) == \
        exact_answer(scaled, np.array([1.0, -2.0, 0.0]))


def test_digits_are_counted_by_the_length_of_the_error(compute):
    "From 0 to 15.95; none where a solver has broken down."
    truth = np.array([3.0, -4.0])
    for error in (0.0, 1e-12, 1e-3, 2.0):
        found = truth + error * np.array([0.6, 0.8])
        off = np.linalg.norm(found - truth) / 5
        wanted = 15.95 if off == 0 else np.clip(-np.log10(off), 0, 15.95)
        close(compute("conditioning", "conditioning.digits(a, b)", found, truth), wanted)
    assert compute("conditioning", "conditioning.digits([NaN, 1], a)", truth) == 0
    cosine = 1 - 2.0**-54                                                        # 1 in float64: Cholesky breaks down
    equal = np.array([[1.0, cosine], [0.0, 1e-9]])
    assert compute("conditioning", "conditioning.cholesky(a, b).map(Number.isNaN)", equal, np.ones(2)) == [True, True]


@seeds
def test_ridge_and_lasso_are_the_module_s(compute, seed):
    "At prices from hardly any to more than enough, for features of either sign."
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 30))
    F = rng.normal(size=(n, 2)) @ rng.normal(size=(2, 2)) + rng.normal(size=2) * 3
    t = F @ rng.normal(size=2) + rng.normal(size=n)
    sums = compute("penalties", "penalties.sums(a, b)", F, t)
    close(compute("penalties", "penalties.lamMax(a)", sums), lam_max(F, t))
    for part in (1e-3, 0.03, 0.3, 0.7, 0.97):
        lam = part * lam_max(F, t)
        close(compute("penalties", "penalties.lasso(a, b)", sums, lam), lasso(F, t, lam, tol=1e-16).coef)
        lam = part * 10 * n
        close(compute("penalties", "penalties.ridge(a, b)", sums, lam), ridge(F, t, lam).coef)
    assert compute("penalties", "penalties.lasso(a, b)", sums, 1.0001 * lam_max(F, t)) == [0, 0]


# ------------------------------------------------------------------------------------------------- on the page

def told(root) -> dict:
    "What an explorable has computed for its picture, kept on the element that moves."
    live = root.find_element(By.CSS_SELECTOR, ".explorable-live")
    script = "return Object.fromEntries(Object.entries(arguments[0].dataset))"
    found = live.parent.execute_script(script, live)
    return {k: json.loads(v) if re.fullmatch(r"[-\d.\[].*", v) else v for k, v in found.items()}


def push(root, part: str, position: float) -> None:
    "Move a slider to a position, as a pointer does."
    slider = root.find_element(By.ID, f"{root.get_attribute('id')}-{part}")
    slider.parent.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                                 slider, position)


def press(root, part: str, *keys: str) -> None:
    "Move a slider by its keys."
    root.find_element(By.ID, f"{root.get_attribute('id')}-{part}").send_keys(*keys)


def said(root) -> str:
    "The sentence below the controls."
    return root.find_element(By.CSS_SELECTOR, ".explorable-said").text


def test_step_size_moves_as_the_module_predicts(page):
    "Each slider by key and by pointer, and the scale of the feature."
    root, D = page("step-size"), add_intercept(SANDWICHES[:, None])
    start = told(root)
    assert start["fate"] == "converges" and "converges" in said(root)
    words = {e.text for e in root.find_elements(By.CSS_SELECTOR, ".explorable-strip span")}
    assert words == {"crawls", "converges", "diverges"}

    def agrees(D, epochs, size):
        now = told(root)
        close(now["theta"], mini_batch_gradient_descent(D, y, now["alpha"], epochs, size))
        close(now["loss"], half_mean_loss(D, y, np.array(now["theta"])))
        return now

    agrees(D, 300, 20)
    press(root, "alpha", Keys.ARROW_LEFT)
    assert agrees(D, 300, 20)["alpha"] == pytest.approx(start["alpha"] / 10**0.01)
    press(root, "epochs", Keys.ARROW_LEFT)
    agrees(D, 299, 20)
    push(root, "alpha", -50)
    press(root, "batch", Keys.ARROW_LEFT)
    agrees(D, 299, 19)
    push(root, "batch", 1)
    push(root, "epochs", 40)
    assert agrees(D, 40, 1)["fate"] in ("converges", "crawls")
    root.find_element(By.ID, "explore-step-size-scale-1").click()
    Z = add_intercept(standardize(SANDWICHES[:, None])[0])
    assert agrees(Z, 40, 1)["fate"] == "converges"
    push(root, "batch", 20)
    push(root, "alpha", 1000)                                                    # as far as it goes
    now = told(root)
    assert now["alpha"] > 2 and now["radius"] == pytest.approx(now["alpha"] - 1) and now["fate"] == "diverges"
    assert "grows without bound" in said(root)
    push(root, "epochs", 1)
    agrees(Z, 1, 20)


def placed(root, number: int) -> tuple[float, float]:
    "Where a point is, as the explorable has it."
    now = told(root)
    return now["x"][number], now["y"][number]


def agrees_with_fit(root) -> dict:
    "Line, leverage and Cook's distance of the chosen point are those of the module; returns what is told."
    now = told(root)
    r, k = fit(np.array(now["x"])[:, None], np.array(now["y"])), now["chosen"]
    close(now["theta"], r.theta)
    close([now["leverage"], now["cook"]], [r.leverage[k], r.cooks_distance[k]])
    return now


def test_a_point_is_moved_by_keys_mouse_and_finger(page, browser):
    "Line, sums, leverage and Cook's distance follow."
    root = page("least-squares")
    points = root.find_elements(By.CSS_SELECTOR, "button.explorable-handle")
    before = agrees_with_fit(root)
    assert len(points) == 8 and before["chosen"] == 7
    points[2].send_keys(Keys.ARROW_UP)
    points[2].send_keys(Keys.SHIFT, Keys.ARROW_RIGHT)
    now = agrees_with_fit(root)
    assert now["chosen"] == 2 and now["y"][2] == pytest.approx(Y8[2] + 0.01 * 5.3 * 1.6)
    assert now["x"][2] == pytest.approx(X8[2] + 0.1 * 9 * 1.6) and now["x"][:2] == [1.0, 2.0]
    label = points[2].get_attribute("aria-label")
    assert label.startswith("Point 3: x 4.44, y 4.28")
    assert browser.switch_to.active_element == points[2]

    ActionChains(browser).click_and_hold(points[7]).move_by_offset(0, -40).release().perform()
    now = agrees_with_fit(root)
    side = root.find_element(By.CSS_SELECTOR, ".explorable-box").rect["height"]
    assert now["chosen"] == 7 and now["y"][7] - Y8[7] == pytest.approx(40 / side * 5.3 * 1.6, rel=0.1)

    spot = points[0].rect
    at = {"x": spot["x"] + 14, "y": spot["y"] + 14}
    for kind, shift in (("touchStart", 0), ("touchMove", 10), ("touchMove", 25)):
        browser.execute_cdp_cmd("Input.dispatchTouchEvent",
                                {"type": kind, "touchPoints": [{"x": at["x"] + shift, "y": at["y"]}]})
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    now = agrees_with_fit(root)
    assert now["chosen"] == 0 and now["x"][0] - 1 == pytest.approx(25 / side * 9 * 1.6, rel=0.15)

    cells = [c.text for c in root.find_elements(By.CSS_SELECTOR, "td")]
    assert cells[2] == "so Σe = 0" and cells[5] == "so Σxe = 0"
    r = fit(np.array(now["x"])[:, None], np.array(now["y"]))
    numbers = [float(v.replace("−", "-")) for v in re.findall(r"= (−?[\d.]+)", cells[7] + cells[8])]
    np.testing.assert_allclose(numbers, [*r.theta, r.rss], rtol=1e-3)
    root.find_element(By.ID, "explore-least-squares-reset").click()
    assert told(root)["x"] == X8.tolist() and told(root)["y"] == Y8.tolist()


def test_points_above_each_other_have_no_line_and_the_page_says_so(page):
    "Three points are moved to one x: no line is drawn, and moving on brings it back."
    root = page("least-squares", lambda html: re.sub(r'"x": \[[^\]]*\]', '"x": [4, 4, 4, 4, 4, 4, 4, 4.144]', html))
    last = root.find_elements(By.CSS_SELECTOR, "button.explorable-handle")[7]
    last.send_keys(Keys.ARROW_LEFT)
    assert "none is the answer" in said(root)
    last.send_keys(Keys.ARROW_RIGHT)
    assert "Point 8: residual" in said(root)


def test_conditioning_moves_as_the_module_predicts(page):
    "Angle and residual by key and by pointer; the digits that are shown are near what theory leaves."
    root = page("conditioning")
    unit = PAIR / np.linalg.norm(PAIR, axis=0)
    start = told(root)
    close(start["kappa"], condition_number(unit))
    close(start["angle"], np.arccos(unit[:, 0] @ unit[:, 1]))
    press(root, "angle", Keys.ARROW_RIGHT)
    assert told(root)["kappa"] == pytest.approx(start["kappa"] * 10**0.01)
    push(root, "angle", 300)
    now = told(root)
    normal, qr, svd = now["digits"]
    assert 16 - 2 * np.log10(now["kappa"]) - 1.5 < normal < 16 - 2 * np.log10(now["kappa"]) + 2.5
    assert min(qr, svd) > 16 - np.log10(now["kappa"]) - 1.5 and f"keep {normal:.1f}" in said(root)
    push(root, "residual", 2)
    assert told(root)["digits"][1] < qr - 1
    push(root, "angle", 10_000)
    assert told(root)["digits"][0] < 1 and told(root)["kappa"] == pytest.approx(10**8.5, rel=0.03)
    push(root, "angle", -10_000)
    assert 1 <= told(root)["kappa"] < 1.03 and min(told(root)["digits"]) > 14.5


def test_penalties_move_as_the_module_predicts(page):
    "The price by key and by pointer, both penalties."
    root = page("penalties")
    press(root, "lam", Keys.ARROW_LEFT)
    now = told(root)
    assert now["kind"] == "lasso" and now["lam"] == pytest.approx(lam_max(PAIR, y) * 10**-0.76)
    close(now["theta"], lasso(PAIR, y, now["lam"], tol=1e-16).coef)
    for position in (0, 120, 260, 299):
        push(root, "lam", position)
        now = told(root)
        close(now["theta"], lasso(PAIR, y, now["lam"], tol=1e-16).coef)
    assert "exactly 0" in said(root)
    push(root, "lam", 300)
    assert told(root)["theta"] == [0, 0]
    root.find_element(By.ID, "explore-penalties-kind-0").click()
    for position in (300, 150, 0):
        push(root, "lam", position)
        now = told(root)
        assert now["kind"] == "ridge"
        close(now["theta"], ridge(PAIR, y, now["lam"]).coef)


@every
def test_opens_without_an_error_and_fits_a_phone(page, browser, name):
    "Wide and light, 360 pixels and dark: no message, nothing that sticks out, text that stands out, room for a finger."
    for width, dark in ((1000, False), (360, True)):
        root = page(name, width=width, dark=dark)
        assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert not root.find_element(By.CSS_SELECTOR, ".explorable-still").is_displayed()
        assert len(root.find_elements(By.CSS_SELECTOR, "svg[role=img][aria-label]")) >= 2
        ink, ground = browser.execute_script(
            "const s = getComputedStyle(arguments[0]); return [s.color, s.backgroundColor]", root)
        light = [sum(map(int, re.findall(r"\d+", c)[:3])) for c in (ink, ground)]
        assert (light[0] > light[1]) == dark and abs(light[0] - light[1]) > 400
        sizes = [c.rect for c in root.find_elements(By.CSS_SELECTOR, "input:not([type=radio]), button, label")]
        assert sizes and min(min(s["width"], s["height"]) for s in sizes) >= 18


@every
def test_every_control_has_a_name_and_shows_where_the_focus_is(page, browser, name):
    "What a screen reader calls each control, and a visible outline when the Tab key arrives."
    root = page(name)
    controls = root.find_elements(By.CSS_SELECTOR, "input, button")
    assert controls and all(c.accessible_name.strip() for c in controls)
    ActionChains(browser).send_keys(Keys.TAB).perform()
    focused = browser.switch_to.active_element
    assert focused in controls
    style = "const s = getComputedStyle(arguments[0]); return [s.outlineStyle, parseFloat(s.outlineWidth)]"
    shown, width = browser.execute_script(style, focused)
    assert shown == "solid" and width >= 2


@every
def test_the_still_picture_shows_where_scripts_and_styles_are_taken_out(page, browser, name):
    "As JupyterLab does with stored outputs of a notebook that isn't trusted."
    clean = re.compile(r"<(script|style)>.*?</\1>", re.S)
    root = page(name, lambda html: clean.sub("", html))
    picture = root.find_element(By.CSS_SELECTOR, "img")
    assert picture.is_displayed() and len(picture.get_attribute("alt")) > 100
    assert browser.execute_script("return arguments[0].complete && arguments[0].naturalWidth", picture) == 750
    assert "stands still" in root.text


@every
def test_the_still_picture_stays_where_the_moving_one_cannot_be_made(page, browser, name):
    "An error in the script is told on the console, and leaves the picture that there was."
    root = page(name, lambda html: html.replace("const view = (root, data, id) => {",
                                                "const view = (root, data, id) => { throw new Error('no luck');"))
    assert root.find_element(By.CSS_SELECTOR, "img").is_displayed()
    assert "no luck" in browser.get_log("browser")[0]["message"]


@every
def test_light_and_still(name):
    "Under 40 kB, the same each time, nothing that moves by itself and nothing from elsewhere."
    html = ALL[name]().html
    assert len(html.encode()) < 40_000 and html == ALL[name]().html
    assert not re.search(r"transition|animation|requestAnimationFrame|setInterval|fetch\(|@import|url\(", html)


def test_every_file_of_the_folder_is_used():
    "What lies in linreg_nb/js is in some explorable, apart from its comments."
    used = "".join(ALL[name]().html for name in ALL)
    for path in JS.iterdir():
        longest = max((line.strip() for line in path.read_text(encoding="utf-8").splitlines()
                       if "$" not in line and not line.strip().startswith(("//", "/*"))), key=len)
        assert longest in used, path.name
