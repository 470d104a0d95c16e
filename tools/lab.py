#!/usr/bin/env python3
"""Open a chapter in JupyterLab, with the hooks in place, the kernels as in CI, and settings that suit chapters.

The settings are the defaults of this start alone; what you have set yourself comes first. Numbered lines, since the
messages of the tools and tracebacks name them; contents without the headings that cells print; dark where your system
is dark; no timings in the files; no questions to other hosts. Options that are not listed go to JupyterLab.
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

from book import ROOT, cap_threads, notebook_paths

HOOKS = """lab: this clone has no hooks: they keep saved notebooks clean, and merge them cell by cell.
Run `nbdev_install_hooks` in it, once; then start again."""


def has_hooks() -> bool:
    "Whether `nbdev_install_hooks` has run: git's driver in this clone, JupyterLab's hook in the home folder."
    driver = subprocess.run(["git", "config", "--get", "merge.nbdev-merge.driver"], cwd=ROOT, capture_output=True)
    saves = Path.home() / ".jupyter" / "jupyter_server_config.py"
    return driver.returncode == 0 and saves.exists() and "nbdev_clean_jupyter" in saves.read_text(encoding="utf-8")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="index", help="a chapter, by the start of its name (default: index)")
    args, options = parser.parse_known_args(argv)
    path = notebook_paths([args.name])[0]
    if not has_hooks():
        sys.exit(HOOKS)
    cap_threads()  # else a stored digit that is rounding could differ from CI's
    os.chdir(ROOT)  # nbdev's hook looks for the chapter from where the server was started
    from jupyterlab.labapp import main as lab
    settings, page = ROOT / "tools" / "lab", f"/lab/tree/nbs/{path.name}"
    lab([f"--LabApp.app_settings_dir={settings}", f"--LabApp.default_url={page}", *options])


if __name__ == "__main__":
    main()
