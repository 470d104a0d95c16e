"The built package: what sdist and wheel hold, and that the wheel alone, in a new environment, fits Longley."
import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from copies import ROOT, checkout_files, copy_checkout

DIGITS = 6.5  # of 15, what chapter 06 claims of the normal equations on Longley
NOT_IN_SDIST = (".gitignore", ".gitattributes", ".pre-commit-config.yaml")

FIT = """
import json, sys
import linreg_nb
loaded = [m for m in ("matplotlib", "scipy.stats", "nbdev", "sympy", "numba", "numpy") if m in sys.modules]
from linreg_nb import load_strd, normal_equations
d = load_strd("Longley")
theta = normal_equations(d.design, d.y)
print(json.dumps({"loaded": loaded, "theta": list(theta), "certified": list(d.theta), "home": linreg_nb.__file__}))
"""


def run(*command, cwd: Path, **env: str) -> str:
    "What `command` prints; fails with its output where it fails."
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=os.environ | env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))} failed:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    "The folder with the sdist and the wheel built from it in an environment of its own; LINREG_DIST names a ready one."
    if ready := os.environ.get("LINREG_DIST"):
        return ROOT / ready
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, cwd=copy_checkout(tmp_path_factory.mktemp("source")))
    return out


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    "The wheel."
    (found,) = built.glob("*.whl")
    return found


def test_wheel_holds_module_data_and_marker(wheel):
    "Every file of linreg_nb/ is in the wheel, and nothing else but its metadata."
    names = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    assert names == {n for n in checkout_files() if n.startswith("linreg_nb/")}
    assert {"linreg_nb/py.typed", "linreg_nb/strd/Longley.json", "linreg_nb/sgd.py"} <= names


def test_sdist_holds_what_the_book_is_built_from(built):
    "Chapters, tools, tests, benchmarks and configuration: all of the checkout but git's own files."
    (sdist,) = built.glob("*.tar.gz")
    names = {n.partition("/")[2] for n in tarfile.open(sdist).getnames()}
    assert {n for n in checkout_files() if n not in NOT_IN_SDIST} <= names
    assert not [n for n in names if "__pycache__" in n or ".ipynb_checkpoints" in n]


def test_metadata(wheel):
    "The metadata name the licence, the Python it takes, what it needs and where nbdev finds its symbols."
    archive = zipfile.ZipFile(wheel)
    folder = next(n.partition("/")[0] for n in archive.namelist() if ".dist-info/" in n)
    metadata = archive.read(f"{folder}/METADATA").decode().splitlines()
    needs = [line for line in metadata if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert {"License-Expression: Apache-2.0", "Requires-Python: >=3.11"} <= set(metadata)
    assert sorted(n.split()[1].partition(">")[0] for n in needs) == ["numpy", "scipy"]
    assert "linreg_nb=linreg_nb._modidx:d" in archive.read(f"{folder}/entry_points.txt").decode().replace(" ", "")


def test_build_gives_no_warning(tmp_path):
    "setuptools, with every warning an error, builds sdist and wheel: nothing in the metadata is on its way out."
    source = copy_checkout(tmp_path / "source")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, cwd=source, PYTHONWARNINGS="error")


def test_wheel_alone_fits_longley(wheel, tmp_path):
    "In a new environment, in an empty folder, the wheel fits Longley to the digits that chapter 06 claims."
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    (tmp_path / "empty").mkdir()
    said = json.loads(run(python, "-I", "-c", FIT, cwd=tmp_path / "empty"))
    assert Path(said["home"]).is_relative_to(tmp_path / "env")
    assert said["loaded"] == []
    assert len(said["theta"]) == len(said["certified"]) == 7
    errors = [abs(t - c) / abs(c) for t, c in zip(said["theta"], said["certified"], strict=True)]
    assert max(errors) <= 10**-DIGITS
