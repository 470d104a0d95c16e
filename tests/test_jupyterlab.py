"JupyterLab as an author uses it: hooks installed by one command, a chapter opened in a browser, run and saved."
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from browsers import BROWSER, DRIVER, needs_browser
from copies import copy_checkout, git
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

CHAPTER = "nbs/00_data.ipynb"
TOKEN = "a-token-for-this-test"
PATIENCE = 180  # seconds for the server, the page or the chapter's run, on a busy machine


pytestmark = needs_browser


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    "A home folder of its own, so that the hooks of whoever runs the test stay as they are."
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def env(home) -> dict[str, str]:
    "The environment of an author's shell in which this test's Python comes first, at home in `home`."
    own = ("JUPYTER", "IPYTHON", "IN_TEST", "PYTEST", "OMP_", "OPENBLAS_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    return kept | {"HOME": str(home), "PATH": path, "IPYTHONDIR": str(home / "ipython"),
                   "JUPYTER_RUNTIME_DIR": str(home / "runtime")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory, env) -> Path:
    "A committed copy of this checkout's files, with the hooks installed by the command that CONTRIBUTING.md names."
    folder = copy_checkout(tmp_path_factory.mktemp("copy") / "linreg_nb")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "copy")
    subprocess.run(["nbdev_install_hooks"], cwd=folder, env=env, check=True, capture_output=True)
    return folder


def wait_for(done, what: str, log: Path):
    "The first true value of `done()`; fails with the server's log where none comes in time."
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := done():
            return value
        time.sleep(0.2)
    pytest.fail(f"{what} did not come within {PATIENCE} s; the server said:\n{log.read_text()[-3000:]}")


def answers(address: str) -> bool:
    "Whether the server at `address` answers."
    try:
        return urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=5).status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def server(copy, env, home):
    "A JupyterLab server started in the copy; its address."
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    log = home / "server.log"
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
               f"--IdentityProvider.token={TOKEN}", "--expose-app-in-browser"]
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "tools/lab.py", "00", *options], cwd=copy, env=env, stdout=out,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: process.poll() is not None or answers(address), "JupyterLab", log)
        assert process.poll() is None, log.read_text()
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    "A headless Chromium with a profile of its own."
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--window-size=1400,1000", f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_script_timeout(PATIENCE)
    yield driver
    driver.quit()


def command(browser, name: str):
    "What the command `name` of JupyterLab's menus comes to, once it is done."
    outcome = browser.execute_async_script(
        "const done = arguments[1]; window.jupyterapp.commands.execute(arguments[0])"
        ".then(value => done(String(value)), error => done('failed: ' + error));", name)
    assert not outcome.startswith("failed"), f"{name} {outcome}"
    return outcome


@pytest.fixture(scope="module")
def saved(server, browser, copy) -> Path:
    "The chapter's file after JupyterLab has opened, run and saved it."
    before = (copy / CHAPTER).stat().st_mtime_ns
    browser.get(f"{server}/?token={TOKEN}")  # where the command sends the author's browser
    ready = """const app = window.jupyterapp, panel = app && app.shell.currentWidget;
               const session = panel && panel.sessionContext && panel.sessionContext.session;
               return Boolean(session && session.kernel && session.kernel.status === 'idle'
                              && document.querySelector('.jp-NotebookPanel .jp-CodeCell'));"""
    WebDriverWait(browser, PATIENCE).until(lambda b: b.execute_script(ready), "JupyterLab did not open the chapter")
    command(browser, "notebook:run-all-cells")
    cells = browser.execute_script("return window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")
    code = [c for c in cells if c["cell_type"] == "code"]
    assert code and all(c["execution_count"] for c in code), "a code cell was not run"
    assert not [o for c in code for o in c["outputs"] if o["output_type"] == "error"]
    command(browser, "docmanager:save")
    assert (copy / CHAPTER).stat().st_mtime_ns > before, "JupyterLab did not write the file"
    return copy / CHAPTER


def test_the_command_asks_for_the_hooks_first(copy, env, tmp_path):
    done = subprocess.run([sys.executable, "tools/lab.py", "03", "--no-browser"], cwd=copy, capture_output=True,
                          env=env | {"HOME": str(tmp_path)}, text=True)
    assert done.returncode == 1 and "Run `nbdev_install_hooks`" in done.stderr


SETTING = """
const [id, name, done] = arguments;
window.jupyterapp.serviceManager.settings.fetch(id).then(
  (plugin) => done(plugin.schema.properties[name].default), (error) => done(String(error)));
"""


def test_the_books_settings_are_the_defaults(saved, browser, copy):
    settings = json.loads((copy / "tools" / "lab" / "overrides.json").read_text(encoding="utf-8"))
    for plugin, wanted in settings.items():
        for name, value in wanted.items():
            found = browser.execute_async_script(SETTING, plugin, name)
            assert found == value or isinstance(value, dict) and found.items() >= value.items(), (plugin, name, found)


def test_kernels_compute_as_in_ci(saved, browser):
    code = "import os; print([os.environ.get(name) for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS')])"
    said = browser.execute_async_script("""
        const [code, done] = arguments, told = [];
        const future = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code});
        future.onIOPub = (message) => told.push(message.content.text ?? '');
        future.done.then(() => done(told.join('')));""", code)
    assert said.strip() == "['1', '1']"


def without_outputs(text: str) -> dict:
    "The notebook in `text` without what its cells printed."
    nb = json.loads(text)
    for cell in nb["cells"]:
        cell.pop("outputs", None)
    return nb


def test_the_hook_ran_without_complaint(saved, home):
    "JupyterLab saves even where its hook fails, and only its log tells."
    assert "hook nbdev_clean_jupyter failed" not in (home / "server.log").read_text(encoding="utf-8")


def test_saved_file_is_clean(saved, copy, env):
    "nbdev_clean finds nothing to do in what JupyterLab has saved."
    text = saved.read_text(encoding="utf-8")
    nb = json.loads(text)
    assert all(c.get("execution_count") is None and c["metadata"].keys() <= {"tags"} for c in nb["cells"])
    assert nb["metadata"] == {"kernelspec": {"display_name": "python3", "language": "python", "name": "python3"}}
    subprocess.run(["nbdev_clean", "--fname", CHAPTER], cwd=copy, env=env, check=True, capture_output=True)
    assert saved.read_text(encoding="utf-8") == text


def test_saving_changes_nothing_but_outputs(saved, copy):
    "git sees a change in the outputs of that chapter at most; the module, exported by the last cell, is the same."
    assert {line[3:] for line in git(copy, "status", "--porcelain").splitlines()} <= {CHAPTER}
    assert without_outputs(saved.read_text(encoding="utf-8")) == without_outputs(git(copy, "show", f"HEAD:{CHAPTER}"))


def test_an_edited_line_is_a_one_line_change(saved, browser):
    "Whoever edits one line of prose in JupyterLab sends one line to review."
    before = saved.read_text(encoding="utf-8").splitlines()
    browser.execute_script("""const cell = window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0];
                              cell.setSource(cell.getSource().replace('# ', '# Anew: '));""")
    command(browser, "docmanager:save")
    after = saved.read_text(encoding="utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1 and "# Anew: " in changed[0]


EXPLORABLE = """
const panel = window.jupyterapp.shell.currentWidget, cells = panel.content.widgets;
const at = cells.findIndex((cell) => cell.model.id === arguments[0]);
panel.content.activeCellIndex = at;
panel.content.scrollToItem(at);
const shown = cells[at].node.querySelector('.explorable');
if (!shown) return null;
const visible = (e) => Boolean(e && e.getClientRects().length);
const picture = shown.querySelector('img');
return {still: visible(picture) && picture.naturalWidth, live: visible(shown.querySelector('.explorable-live svg')),
        told: shown.querySelector('.explorable-said')?.textContent ?? ''};
"""


def test_an_explorable_stands_still_untrusted_and_moves_once_it_has_run(server, browser, saved):
    "The stored output of a notebook that isn't trusted shows its still picture; a cell that has run, the moving one."
    browser.get(f"{server}/lab/tree/nbs/91_explorables.ipynb?token={TOKEN}&reset")
    idle = """const panel = window.jupyterapp?.shell.currentWidget;
              return Boolean(panel?.context?.path.endsWith('91_explorables.ipynb')
                             && panel.sessionContext.session?.kernel?.status === 'idle');"""
    WebDriverWait(browser, PATIENCE).until(lambda b: b.execute_script(idle), "JupyterLab did not open the chapter")
    shows = ("step-show", "lever-show", "turn-show", "price-show")

    def shown(cell: str, wanted: str) -> dict:
        return WebDriverWait(browser, PATIENCE).until(
            lambda b: (found := b.execute_script(EXPLORABLE, cell)) and found[wanted] and found, f"{cell}: no {wanted}")

    assert not any(shown(cell, "still")["live"] for cell in shows)
    command(browser, "notebook:run-all-cells")
    assert all(shown(cell, "live")["still"] is False for cell in shows)
    assert "converges" in shown("step-show", "live")["told"]
