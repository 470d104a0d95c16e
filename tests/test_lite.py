"Run it: every chapter from top to bottom in the browser's own Python, one click from its page, with the network cut."
import json
import os
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from browsers import chromium, needs_browser, served
from copies import ROOT
from nbclient import NotebookClient
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from site_notebooks import CALLOUT, callout, read_pages, write_notebooks
from slices import names
from test_site import PAGES, site  # noqa: F401 (a fixture)

from linreg_nb._browser import raising

PATIENCE = 300  # seconds for a chapter on a busy machine
EVERY = os.environ.get("LINREG_EVERY_CHAPTER")  # run all that readers can run in the browser, which takes minutes
QUICK = ["gradient.html"]  # what every run of the tests tries
LEFT = re.compile(r"\{[#.]|@(?:eq|fig|sec|tbl)-|^:::", re.M)
CODE = re.compile(r"^(`{3,}).*?^\1[ \t]*$|`[^`\n]+`", re.M | re.S)
HOME, URL = "https://example.org/book", "https://example.org/repository"


def sources(folder: Path, kind: str) -> list[tuple[str, str]]:
    "The cells of a kind in all notebooks of a folder: where it stands, and its text."
    return [(f"{path.name}: {cell['id']}", "".join(cell["source"])) for path in sorted(folder.glob("*.ipynb"))
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


@pytest.fixture(scope="module", params=[True, False], ids=["browser", "desktop"])
def plain(request, tmp_path_factory) -> Path:
    "The chapters as plain notebooks, for the browser's Python or for a desktop."
    folder = tmp_path_factory.mktemp("plain")
    write_notebooks(ROOT / "nbs", folder, request.param, HOME, URL)
    return folder


def test_the_notebooks_are_whole_and_valid(plain):
    assert {path.name for path in plain.glob("*.ipynb")} == {path.name for path in PAGES.values()}
    for path in plain.glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


def test_nothing_is_left_that_only_nbdev_or_quarto_reads(plain):
    prose = [(place, CODE.sub("", text)) for place, text in sources(plain, "markdown")]
    assert not [(place, LEFT.findall(text)) for place, text in prose if LEFT.search(text)]
    assert not [place for place, text in sources(plain, "code") if re.search(r"^#\||\bnbdev\b", text, re.M)]


def test_links_lead_to_places_that_exist(plain):
    texts = "\n".join(text for _, text in sources(plain, "markdown"))
    places = set(re.findall(r'<a id="([^"]+)"></a>', texts))
    assert not set(re.findall(r"\]\(#([^)]+)\)", texts)) - places
    inside = {name for name in re.findall(r"\]\(([\w-]+\.ipynb)", texts)}
    assert inside <= {path.name for path in plain.glob("*.ipynb")}


def test_equations_keep_their_numbers_and_figures_their_captions(plain):
    for page in read_pages(ROOT / "nbs"):
        cells = json.loads((plain / page.path.name).read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        for label, number in page.numbers.items():
            wanted = rf"\tag{{{number.strip('()')}}} $$" if label.startswith("eq-") else f"**Figure {number}:** "
            assert f'<a id="{label}"></a>' in text and wanted in text, f"{page.path.name}: {label}"


def test_a_callout_is_a_quotation_or_folds():
    def shown(head: str) -> str:
        return CALLOUT.sub(callout, f'::: {{{head}}}\none\n\n- two\n:::\n\nafter')
    assert shown('.callout-warning title="Common confusion"') == "> **Common confusion**\n>\n> one\n>\n> - two\n\nafter"
    folded = shown('.callout-tip collapse="true" title="Hint and solution 1"')
    assert folded.startswith("<details>\n<summary>Hint and solution 1</summary>\n\none\n")
    assert "</details>\n\nafter" in folded


def test_a_cell_for_the_desktop_says_what_it_needs():
    tagged = [(page.path.name, cell) for page in read_pages(ROOT / "nbs") for cell in page.nb["cells"]
              if cell["metadata"] and cell["metadata"] != {"tags": ["try"]}]
    assert all("desktop" in cell["metadata"]["tags"] and len(cell["metadata"]["tags"]) > 1 for _, cell in tagged)


def test_no_cell_needs_what_only_a_cell_for_the_desktop_defines():
    lost = []
    for page in read_pages(ROOT / "nbs"):
        known, elsewhere = set(), set()
        for cell in (c for c in page.nb["cells"] if c["cell_type"] == "code"):
            given, read = names(re.sub(r"^[%!].*", "", "".join(cell["source"]), flags=re.M))
            if "desktop" in cell["metadata"].get("tags", []):
                elsewhere |= given - known
            else:
                lost += [f"{page.path.name}: {cell['id']} needs {n}" for n in (read & elsewhere) - known - given]
                known |= given
    assert not lost


def test_a_plain_notebook_runs_on_a_desktop(tmp_path):
    write_notebooks(ROOT / "nbs", tmp_path, False, HOME, URL)
    nb = nbformat.read(tmp_path / "90_testing.ipynb", as_version=4)
    install = next(cell for cell in nb.cells if cell.id == "packages")
    assert install.source == f"%pip install -q git+{URL} numpy pytest sympy"
    nb.cells.remove(install)
    NotebookClient(nb, timeout=120, kernel_name="python3").execute(cwd=tmp_path)
    assert not any("nbdev" in cell.source for cell in nb.cells if cell.cell_type == "code")


def test_numpy_raises_again_where_a_browser_keeps_silent():
    def silent(a):
        return np.full_like(a, np.nan)
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        raising(silent, "Singular matrix")(np.zeros((2, 2)))
    assert np.isnan(raising(silent, "Singular matrix")(np.full((2, 2), np.inf))).all()  # nothing finite went in
    assert np.array_equal(raising(np.linalg.inv, "")(2 * np.eye(2)), np.eye(2) / 2)
    assert raising(np.linalg.inv, "")(np.empty((0, 0))).size == 0


@pytest.fixture(scope="module")
def address(site):  # noqa: F811
    "Where the site is served; only a site that was built with --lite has a page to run a chapter on."
    if not (site / "lite").exists():
        pytest.skip("LINREG_SITE names a site that was built without --lite")
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    "Headless Chromium that can reach nothing but this machine."
    driver = chromium(tmp_path_factory.mktemp("profile"), "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                      logs={"performance": "ALL", "browser": "ALL"})
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


IDLE = """const panel = window.jupyterapp?.shell.currentWidget;
          return Boolean(panel?.context?.path === arguments[0]
                         && panel.sessionContext.session?.kernel?.status === 'idle'
                         && document.querySelector('.jp-Notebook .jp-MarkdownOutput'))"""
RUN = """const done = arguments[0], run = window.jupyterapp.commands.execute('notebook:run-all-cells');
         run.then(() => done(''), error => done(String(error)))"""
READ = """const shown = [...document.querySelectorAll('.jp-MarkdownOutput')];
          return [shown.map(e => e.textContent).join('\\n'), shown.filter(e => e.querySelector('mjx-container')).length,
                  document.querySelectorAll('.jp-MarkdownOutput details').length]"""
CELLS = "return window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"


def open_chapter(browser, address: str, page: str) -> None:
    "From a chapter's page, by the one click that a reader makes, to its notebook with a kernel that waits."
    browser.get(address + page)
    browser.find_element(By.LINK_TEXT, "Run this chapter").click()
    WebDriverWait(browser, PATIENCE).until(
        lambda b: b.execute_script(IDLE, f"nbs/{PAGES[page].name}"), f"{page}: the notebook did not open")


def troubles(cells: list[dict]) -> list[str]:
    "What went wrong in the code cells: those that did not run, those that raised."
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    raised = [(cell["id"], out) for cell in code for out in cell["outputs"] if out["output_type"] == "error"]
    return ([f"{name}: {out['ename']}: {out['evalue']}" for name, out in raised]
            or [f"{cell['id']} did not run" for cell in code if not cell["execution_count"]])


@needs_browser
@pytest.mark.parametrize("page", list(PAGES) if EVERY else QUICK)
def test_a_chapter_runs_from_top_to_bottom(browser, address, page):
    open_chapter(browser, address, page)
    assert browser.execute_async_script(RUN) == ""
    assert not troubles(browser.execute_script(CELLS))


@needs_browser
def test_a_chapter_reads_as_on_the_site(browser, address):
    "Formulas are set, pictures have captions, solutions are folded."
    open_chapter(browser, address, "sgd.html")
    WebDriverWait(browser, PATIENCE).until(lambda b: "Figure 3.1:" in b.execute_script(READ)[0])
    text, formulas, folded = browser.execute_script(READ)
    assert "$$" not in text and "\\alpha" not in text and formulas > 5 and folded >= 3
