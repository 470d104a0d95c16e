"What authors do besides editing: begin a chapter, and merge with another author of the same one."
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from copies import copy_checkout, git

CHAPTER = "nbs/01_hypothesis.ipynb"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    "A committed copy of this checkout, with the hooks installed in it by the command that CONTRIBUTING.md names."
    folder = copy_checkout(tmp_path / "linreg_nb")
    # As in an activated environment: git finds the command that the hooks name.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    env = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}
    git(folder, "init", "-q", "-b", "main")
    for key, value in (("user.name", "t"), ("user.email", "t@example.org")):
        git(folder, "config", key, value)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "copy")
    subprocess.run(["nbdev_install_hooks"], cwd=folder, env=env, check=True, capture_output=True)
    return folder


def change(folder, branch: str, edits: dict[str, str], start: str = "main") -> None:
    "On a branch of its own: put a line behind the source of some cells, and another count of its run, and commit."
    git(folder, "checkout", "-q", "-b", branch, start)
    nb = json.loads((folder / CHAPTER).read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        if cell["id"] in edits:
            cell["source"] = ["".join(cell["source"]) + edits[cell["id"]]]
    (folder / CHAPTER).write_text(json.dumps(nb, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    git(folder, "commit", "-qam", branch)


def sources(folder) -> dict[str, list[str]]:
    "The sources of the merged chapter's cells by their ids."
    found: dict[str, list[str]] = {}
    for cell in json.loads((folder / CHAPTER).read_text(encoding="utf-8"))["cells"]:
        found.setdefault(cell["id"], []).append("".join(cell["source"]))
    return found


def test_two_authors_of_one_chapter_in_different_cells_need_not_talk(copy):
    change(copy, "anna", {"title": "\n\nA sentence of Anna's."})
    change(copy, "bert", {"question": "\n\nA sentence of Bert's."})
    git(copy, "merge", "-q", "anna", "-m", "merge")
    merged = sources(copy)
    assert "of Anna's" in merged["title"][0] and "of Bert's" in merged["question"][0]
    assert git(copy, "status", "--porcelain") == ""


def test_two_authors_of_one_cell_find_both_versions_in_a_notebook_that_opens(copy):
    "The file stays a notebook, with both cells between marks, where plain git would leave text that nothing opens."
    change(copy, "anna", {"title": "\n\nA sentence of Anna's."})
    change(copy, "bert", {"title": "\n\nA sentence of Bert's."}, start="main")
    done = subprocess.run(["git", "merge", "anna", "-m", "merge"], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 1 and "CONFLICT" in done.stdout
    text = (copy / CHAPTER).read_text(encoding="utf-8")
    found = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
    assert any("of Anna's" in s for s in found) and any("of Bert's" in s for s in found)
    assert any("<<<<<<<" in s for s in found) and any(">>>>>>>" in s for s in found)


def test_a_new_chapter_runs_and_keeps_the_rules(copy):
    def tool(*command: str) -> subprocess.CompletedProcess:
        env = os.environ | {"PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
        return subprocess.run([sys.executable, *command], cwd=copy, env=env, capture_output=True, text=True)

    assert tool("tools/new_chapter.py", "17", "middle", "The middle").returncode == 0
    for command in (("tools/sync.py",), ("tools/execute.py", "17"), ("tools/lint.py", "17"), ("tools/mutate.py", "17")):
        done = tool(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "def middle_mean(" in (copy / "linreg_nb" / "middle.py").read_text()
    for wrong, said in ((("17", "other"), "is taken by 17_middle.ipynb"), (("3", "x"), "number is '3'"),
                        (("18", "Two words"), "name is 'Two words'"), (("18", "sgd"), "is taken by 03_sgd.ipynb")):
        done = tool("tools/new_chapter.py", *wrong, "T")
        assert done.returncode == 1 and said in done.stderr
