"Try it: the boxes hold what their cells show, and answer in the browser as Python does, with the network cut."
import importlib.util
import json
import time
from pathlib import Path

import numpy as np
import pytest
from book import Chapter, page_name
from browsers import needs_browser
from copies import ROOT
from exercises import exercises
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from site_tryit import Box, boxes
from slices import box, statements
from test_lite import EVERY, PATIENCE, address, browser  # noqa: F401 (fixtures)
from test_site import PAGES, site  # noqa: F401 (a fixture)

MADE = {f"{page_name(path)}.html#try-{cell_id}": (path, cell_id, made)
        for path in PAGES.values() for cell_id, made in boxes(path).items()}
BOXES = {name: found for name, found in MADE.items() if not found[2].test}
POSED = {name: found for name, found in MADE.items() if found[2].test}


@pytest.fixture(scope="module")
def answer():
    "The function that answers a box, here in this Python."
    spec = importlib.util.spec_from_file_location("answer", ROOT / "tools" / "tryit" / "answer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda *code: json.loads(module.answer(*code))


def stored(path: Path, cell_id: str) -> dict[str, list[str]]:
    "The outputs of a cell that the chapter stores, by kind."
    cell = next(c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["id"] == cell_id)
    found: dict[str, list[str]] = {}
    for out in cell["outputs"]:
        for kind, text in {"text/plain": out.get("text", ""), **out.get("data", {})}.items():
            found.setdefault(kind, []).append("".join(text))
    return found


@pytest.mark.parametrize("name", BOXES)
def test_a_box_gives_what_its_cell_gave(name, answer, monkeypatch):
    "Without the tests and without the rest of the chapter, the code of a box has the answer that the chapter stores."
    path, cell_id, made = BOXES[name]
    monkeypatch.chdir(ROOT / "nbs")
    found, kept = answer(made.before, made.code), stored(path, cell_id)
    assert found["error"] == "" and len(found["pictures"]) == len(kept.get("image/png", []))
    if html := kept.get("text/html"):
        assert found["html"] == html[0]
    elif not found["pictures"]:
        assert found["text"].split() == "".join(kept["text/plain"]).split()


def test_boxes_are_short_and_named():
    assert {page_name(path) for path, *_ in BOXES.values()} >= {n.removesuffix(".html") for n, path in PAGES.items()
                                                                if path.name < "14"}
    for path, cell_id, made in BOXES.values():
        assert made.code.count("\n") < 9 and "assert" not in made.code and made.name, f"{path.name}: {cell_id}"


def solution(name: str) -> str:
    "What the book writes into the box of an exercise."
    path, cell_id, _ = POSED[name]
    return next(e.answer for e in exercises(Chapter.read(path)) if cell_id == f"exercise-{e.number}")


@pytest.mark.parametrize("name", POSED)
def test_the_box_of_an_exercise_tells_a_solution_from_a_stub(name, answer):
    made = POSED[name][2]
    right, wrong = answer(made.before, solution(name), made.test), answer(made.before, made.code, made.test)
    assert right["passed"] and not right["error"]
    assert wrong["error"] and "passed" not in wrong


def test_exercises_without_a_box_are_those_with_threads_or_formulas():
    graded = {f"{page}#try-exercise-{e.number}": e.answer for page, path in PAGES.items()
              for e in exercises(Chapter.read(path)) if e.answer}
    assert POSED.keys() <= graded.keys()
    lacking = graded.keys() - POSED.keys()
    assert all("ThreadPoolExecutor" in graded[name] or name.startswith("formulas") for name in lacking)


@pytest.mark.parametrize("code, test, said", [
    ("x = 1", "assert x == 2", "The test says: assert x == 2"),
    ("1/0", "", "line 1: ZeroDivisionError: division by zero"),
    ("x = 1", "y = 3\nassert x == 2, f'x is {x}'", "The test says: AssertionError: x is 1"),
    ("def f():\n    raise ValueError('no')", "f()", "line 2: ValueError: no")])
def test_what_the_box_of_an_exercise_says(answer, code, test, said):
    assert answer("", code, test)["error"] == said
    assert answer("", "x = 2", "assert x == 2")["passed"]


def test_a_box_has_no_tests_and_all_that_it_needs():
    earlier = statements("import numpy as np, math\nfrom x import y as z", "m")
    earlier += statements("#| export\ndef f(x): return x", "linreg_nb.m")
    earlier += statements("rng = np.random.default_rng(0)\nunseen = 1\na = rng.random(3)  # first\nb = rng.random(3)\n"
                          "b[0] = f(2); assert b[0] == 2\nprint(unseen)", "m")
    before, code = box("for v in b:\n    assert v\nc = b + 1\nassert c is not b\nd = c\nnp.testing.assert_equal(c, d)\n"
                       "with pytest.raises(ValueError): f()\nc.sum()", earlier)
    assert code == "c = b + 1\nc.sum()"
    assert before == ("import numpy as np\nfrom linreg_nb.m import f\nrng = np.random.default_rng(0)\n"
                      "a = rng.random(3)  # first\nb = rng.random(3)\nb[0] = f(2)")


def test_a_name_that_the_cell_gives_itself_is_not_looked_for():
    earlier = statements("name, x, seen = 'old', 2, []\nseen.append(x)\nfor k in range(3): x = k", "m")
    assert box("for name in 'ab': print(name)\nf = lambda x: x\n[f(x) for x in 'ab']", earlier)[0] == ""
    assert box("seen", earlier)[0] == "name, x, seen = 'old', 2, []\nseen.append(x)"
    assert box("x", earlier)[0] == "for k in range(3): x = k"


@pytest.mark.parametrize("code, kind, shown", [
    ("1\n2", "text", "2\n"), ("x = 3", "text", ""), ("x = 3; x;", "text", ""), ("print(1)\n2.5", "text", "1\n2.5\n"),
    ("import warnings\nwarnings.warn('so so')", "text", "UserWarning: so so\n"),
    ("1\n1/0", "error", "line 2: ZeroDivisionError: division by zero"),
    ("a\nb", "error", "line 1: NameError: name 'a' is not defined"),
    ("1\nfor", "error", "line 2: SyntaxError: invalid syntax"),
    ("raise SystemExit(1)", "error", "line 1: SystemExit: 1"), ("import nosuch", "missing", "nosuch"),
    ("try: import no.such\nexcept ImportError: raise ValueError('y')", "missing", "no")])
def test_what_a_box_shows(answer, code, kind, shown):
    assert answer("print('not this')", code)[kind] == shown


def open_box(browser, address, name: str, answers: int = 1):  # noqa: F811
    "A page with one of its boxes opened by keyboard; returns the box's place, that of a cell once it has answered."
    page, _, place = name.partition("#")
    browser.get(address + page)
    place = browser.find_element(By.ID, place)
    browser.execute_script("arguments[0].querySelector('button').focus({focusVisible: true})", place)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for(place, answers)
    return place


def wait_for(place, runs: int) -> None:
    "Until the box has answered so many times."
    deadline = time.monotonic() + PATIENCE
    while int(place.get_attribute("data-runs") or 0) < runs:
        assert time.monotonic() < deadline, f"no answer: {place.text}"
        time.sleep(0.05)


def run(place, code: str, keys: str = Keys.CONTROL) -> str:
    "Put code into a box, run it by keyboard, and read what it shows."
    text, runs = place.find_element(By.TAG_NAME, "textarea"), int(place.get_attribute("data-runs") or 0)
    place.parent.execute_script("arguments[0].value = arguments[1]", text, code)
    text.send_keys(keys, Keys.ENTER)
    wait_for(place, runs + 1)
    return shown(place)


def shown(place) -> str:
    return place.find_element(By.CSS_SELECTOR, ".try-answer").text


def requests(browser) -> list[str]:  # noqa: F811
    "The addresses that the page and its workers have asked for since the last call."
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


def same(here: str, there: list) -> None:
    "The numbers that a box printed are Python's, to 1e-12."
    np.testing.assert_allclose(json.loads(here), there, rtol=1e-12, strict=True)


@needs_browser
def test_a_box_runs_in_the_page(browser, address, answer):  # noqa: F811
    "By keyboard: the cell's own answer, one to 1e-12, a picture, an error's last line, and the way out of a loop."
    name = "sgd.html#try-noise-code"
    path, cell_id, made = BOXES[name]
    browser.get(address + "sgd.html")
    requests(browser)
    browser.find_element(By.ID, "try-noise-code")
    assert not [url for url in requests(browser) if "pyodide" in url or "worker.js" in url]  # nobody asked for it yet
    place = open_box(browser, address, name)
    assert shown(place).split() == stored(path, cell_id)["text/plain"][0].split()
    call = "stochastic_gradient_descent(X, y_noisy, 1e-3, 321, path=True).tolist()"
    data = "X, y_noisy, _ = example_data(noise=1.0)\n"
    same(run(place, data + call, Keys.SHIFT), json.loads(answer(made.before, data + call)["text"]))
    run(place, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    picture = place.find_element(By.CSS_SELECTOR, ".try-answer img")
    WebDriverWait(browser, 10).until(lambda b: picture.size["width"] > 300)
    assert run(place, "x = 1\nx.no") == "line 2: AttributeError: 'int' object has no attribute 'no'"
    text = place.find_element(By.TAG_NAME, "textarea")
    browser.execute_script("arguments[0].value = 'while True: pass'", text)
    text.send_keys(Keys.CONTROL, Keys.ENTER)
    runs = int(place.get_attribute("data-runs"))
    stop = next(b for b in place.find_elements(By.TAG_NAME, "button") if b.text == "Stop")
    stop.click()
    wait_for(place, runs + 1)
    assert shown(place) == "Stopped."
    assert run(place, "6 * 7") == "42"
    assert not [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]


@needs_browser
def test_an_exercise_is_solved_in_the_page(browser, address):  # noqa: F811
    "The box waits with a stub; what it says of the stub, of a wrong answer and of the right one."
    name = "gradient.html#try-exercise-1"
    place, right = open_box(browser, address, name, answers=0), solution("gradient.html#try-exercise-1")
    assert place.find_element(By.TAG_NAME, "textarea").get_attribute("value") == POSED[name][2].code
    assert "NotImplementedError" in run(place, POSED[name][2].code) and int(place.get_attribute("data-runs")) == 1
    assert run(place, right.replace("return ", "return -")).startswith("The test says: AssertionError: ")
    assert run(place, right) == "Right: it passes the exercise's test."
    assert not [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]


@needs_browser
@pytest.mark.skipif(not EVERY, reason="minutes: set LINREG_EVERY_CHAPTER=1 to solve each exercise in the browser")
@pytest.mark.parametrize("name", POSED)
def test_each_exercise_is_solved_in_the_browser(browser, address, name):  # noqa: F811
    place = open_box(browser, address, name, answers=0)
    assert run(place, solution(name)).endswith("Right: it passes the exercise's test.")


CALLS = {"normal_equations.html#try-normal-demo": "normal_equations(X_exact, y_exact).tolist()",
         "batch_gd.html#try-bgd-oracle-code": "batch_gradient_descent(X, y, path=True)[::50].tolist()",
         "faster_descent.html#try-ends-code": "mini_batch_gradient_descent(X, y_noisy, 2e-3, 100, 5).tolist()",
         "conditioning.html#try-condition-demo": "[condition_number(X), condition_number(X, unit_columns=True)]",
         "least_squares.html#try-frame": "[*cafe.theta.tolist(), *cafe.stderr.tolist(), cafe.r_squared]",
         "shrinkage.html#try-ridge-demo": "ridge(X, y, 1.0).coef.tolist()"}


@needs_browser
@pytest.mark.skipif(not EVERY, reason="minutes: set LINREG_EVERY_CHAPTER=1 to try each box in the browser")
@pytest.mark.parametrize("name", BOXES)
def test_each_box_answers_in_the_browser(browser, address, answer, name):  # noqa: F811
    path, cell_id, made = BOXES[name]
    place, kept = open_box(browser, address, name), stored(path, cell_id)
    assert not place.find_elements(By.CLASS_NAME, "try-error")
    assert len(place.find_elements(By.CSS_SELECTOR, ".try-answer img")) == len(kept.get("image/png", []))
    if not {"image/png", "text/html"} & kept.keys():
        assert shown(place).split() == "".join(kept["text/plain"]).split()
    if call := CALLS.get(name):
        code = f"{made.code}\n{call}"
        printed = answer(made.before, code)["text"].strip().split("\n")[-1]
        same(run(place, code).split("\n")[-1], json.loads(printed))


def test_names_are_of_boxes():
    assert CALLS.keys() <= BOXES.keys() and isinstance(next(iter(BOXES.values()))[2], Box)
