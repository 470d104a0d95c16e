"The tools that check the book, checked: each passes what is right, and fails what is wrong with a word on what to do."
import json
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import execute
import lint
import lint_notebook
import nbformat
import pytest
import sync
from book import ROOT, Cell, Chapter
from copies import copy_checkout
from mutants import mutants
from nbdev.clean import _nbdev_clean
from toybook import EXPORT, GOOD, MEAN, PIXEL, notebook, printed, write_book

# --- lint

def lint_says(nbs: Path, capsys) -> str:
    "What lint prints about the book in `nbs`; '' where it has nothing to mend."
    try:
        lint.main(["--nbs", str(nbs)])
    except SystemExit:
        return capsys.readouterr().err
    return ""


def test_lint_passes_a_good_chapter(tmp_path, capsys):
    assert lint_says(write_book(tmp_path), capsys) == ""


DEMO = GOOD["mean-demo"]
CONFUSION = GOOD["text-confusion"]
LINE = GOOD["line"]
HELPER = '\n\ndef _helper(x):\n    "Helps."\n    return _helper(x)'
CHANGED = {  # what is wrong: (the cells that differ from the good chapter, a part of what lint must say)
    "misspelt directive": ({"mean-def": MEAN.replace("exports", "exprot")}, "cell mean-def: `#| exprot` is no"),
    "directive below code": ({"line": "x = 1\n#| hide"}, "cell line: `#| hide` stands below the first line"),
    "directive written otherwise": ({"line": "# | hide\nx = 1"}, "write directives as `#| name`"),
    "Quarto option without a value": ({"line": "#| code-fold\nx = 1"}, "Quarto wants `#| code-fold: value`"),
    "option that YAML can't read": ({"line": LINE.replace('"A line"', "A: line: two")}, "put the text in quotes"),
    "export to another module": ({"mean-def": MEAN.replace("exports", "exports other")}, "exports to another module"),
    "unlabelled equation": ({"text-confusion": CONFUSION + "\n\n$$ a = b $$"}, "`a = b` has no label"),
    "odd label": ({"text-slope": "$$ m $$ {#eq-Mean_1}"}, "is not of the form eq-name"),
    "open equation": ({"text-confusion": CONFUSION + "\n$$ a"}, "a $$ without its partner"),
    "equation outside $$": ({"text-confusion": CONFUSION + "\n\\begin{align}a\\end{align}"}, "outside $$"),
    "unchecked equation": ({"mean-demo": "assert mean([5]) == 5"}, "cell text-slope: equation eq-mean is not checked"),
    "check in a comment": ({"mean-demo": "# check('eq-mean', 1, 1)\nassert mean([5]) == 5"}, "eq-mean is not checked"),
    "check in a string": ({"mean-demo": "'check(\"eq-mean\", 1, 1)'\nassert mean([5]) == 5"}, "eq-mean is not checked"),
    "check in a function": ({"mean-demo": "def f():\n    check('eq-mean', mean([1]), 1)"}, "eq-mean is not checked"),
    "check expected to fail": ({"mean-demo": f"with pytest.raises(AssertionError):\n    {DEMO.splitlines()[1]}\nmean"},
                               "eq-mean is not checked"),
    "check above its equation": ({"default-exp": f"#| default_exp mean\n{DEMO.splitlines()[1]}", "mean-demo": "mean"},
                                 "cell text-slope: equation eq-mean is not checked"),
    "check of nothing": ({"mean-demo": DEMO + "\ncheck('eq-meen', 1, 1)"}, "check('eq-meen', …) names no equation"),
    "label twice": ({"text-confusion": CONFUSION + "\n$$ a $$ {#eq-mean}"}, "eq-mean stands 2 times"),
    "reference to nothing": ({"text-confusion": CONFUSION + "\nSee @eq-nothing."}, "@eq-nothing names nothing"),
    "figure reference to nothing": ({"text-confusion": CONFUSION + "\nSee @fig-no."}, "@fig-no names nothing"),
    "link to no file": ({"text-confusion": CONFUSION + "\n[a](02_no.ipynb)"}, "there is no 02_no.ipynb"),
    "link to no anchor": ({"text-confusion": CONFUSION + "\n[a](01_mean.ipynb#eq-no)"},
                          "01_mean.ipynb has no label or heading #eq-no"),
    "link to a page": ({"text-confusion": CONFUSION + "\n[a](mean.html)"}, "names a page of the site"),
    "random id": ({"3f2a91bc": "x = 1"}, "cell 3f2a91bc: give the cell a readable id"),
    "figure without alt text": ({"line": LINE.replace("fig-alt", "fig-cap")}, "figure fig-line has no fig-alt"),
    "figure label twice": ({"solution-1": LINE + "\nassert 1"}, "the label fig-line stands twice"),
    "no claim": ({"text-title": "# mean\n\nSome words."}, "the first cell must be `# Title`"),
    "no export at the end": ({"export": "x = 1"}, "the last cell must be `#| hide`"),
    "open callout": ({"text-confusion": CONFUSION.removesuffix(":::")}, "a ::: is not closed"),
    "closed twice": ({"text-confusion": CONFUSION + "\n:::"}, "closes what nothing opened"),
    "no confusion": ({"text-confusion": "Words."}, 'no "Common confusion"'),
    "two exercises": ({"text-solution-3": "Words."}, "2 numbered exercises"),
    "missing solution": ({"text-solution-2": "**2.** Two."}, "2 folded solutions"),
    "untested solution": ({"solution-3": "#| code-fold: true\n3"}, "cell text-solution-3: no test"),
    "import among code": ({"solution-1": "#| code-fold: true\nimport os\nassert os"}, "an import among other code"),
    "code that can't be parsed": ({"line": "x = = 1"}, "cell line: the code can't be parsed"),
    "no type": ({"mean-def": MEAN.replace("x: list", "x")}, "mean: no type for x"),
    "no return type": ({"mean-def": MEAN.replace(" -> float", "")}, "mean: no type for what it returns"),
    "no docstring": ({"mean-def": MEAN.replace('"The', '1, "The')}, "mean: begin its body with a docstring"),
    "docstring without a stop": ({"mean-def": MEAN.replace('`x`."', '`x`"')}, "ends in a full stop"),
    "no comment on a parameter": ({"mean-def": MEAN.replace("# the numbers, one or more", "")}, "mean: give x a line"),
    "no comment on the return": ({"mean-def": MEAN.replace("  # the m with", "\n#")}, "on a line of its own"),
    "unused function": ({"mean-demo": "check('eq-mean', 2, 1 + 1)"}, "mean is not used within 3 code cells"),
    "function only shown": ({"mean-demo": "check('eq-mean', 2, 1 + 1)\nshow_doc(mean)"}, "mean is not used within 3"),
    "unused helper": ({"mean-def": MEAN + HELPER}, "_helper is not used"),
    "module of another name": ({"default-exp": "#| default_exp median"}, "write `#| default_exp mean`"),
    "stale module": ({"default-exp": "#| hide", "imports": "import math", "mean-def": MEAN.replace("#| exports", "")},
                     "linreg_nb/mean.py is stale, no notebook makes it"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_lint_fails(what, tmp_path, capsys):
    cells, words = CHANGED[what]
    sources = dict(GOOD)
    if new := cells.keys() - GOOD.keys():
        sources = {"text-title": sources.pop("text-title"), **{name: cells[name] for name in new}, **sources}
    assert words in lint_says(write_book(tmp_path, notebook({**sources, **cells})), capsys)


def with_raw(change) -> dict:
    "The good chapter after `change` was applied to what stands in its file."
    nb = deepcopy(notebook(GOOD))
    change(nb, {cell["id"]: cell for cell in nb["cells"]})
    return nb


UNCLEAN = {  # what is wrong: (how the file comes to be so, a part of what lint must say)
    "old format": (lambda nb, cells: nb.update(nbformat_minor=4), "set nbformat to 4 and nbformat_minor to 5"),
    "other kernel": (lambda nb, cells: nb["metadata"]["kernelspec"].update(name="conda"), "the notebook's metadata"),
    "stray metadata": (lambda nb, cells: cells["line"]["metadata"].update(tags=[]), "line: stray metadata ['tags']"),
    "execution count": (lambda nb, cells: cells["line"].update(execution_count=3), "cell line: an execution count"),
    "source as a string": (lambda nb, cells: cells["line"].update(source=GOOD["line"]), "make it a list of lines"),
    "id twice": (lambda nb, cells: cells["line"].update(id="imports"), "cell imports: 2 cells have this id"),
    "no id": (lambda nb, cells: cells["line"].pop("id"), "give the cell a readable id"),
}


@pytest.mark.parametrize("what", UNCLEAN)
def test_lint_fails_an_unclean_file(what, tmp_path, capsys):
    change, words = UNCLEAN[what]
    assert words in lint_says(write_book(tmp_path, with_raw(change)), capsys)


TAGS = {"tags": ["desktop", "numba"]}


def test_lint_passes_a_cell_for_the_desktop_that_says_what_it_needs_and_one_to_try(tmp_path, capsys):
    for name, known in {"desktop": TAGS, "try": {"tags": ["try"]}}.items():
        tagged = with_raw(lambda nb, cells, known=known: cells["line"].update(metadata=known))
        assert lint_says(write_book(tmp_path / name, tagged), capsys) == ""
    silent = with_raw(lambda nb, cells: cells["line"].update(metadata={"tags": ["desktop"]}))
    assert "line: stray metadata ['tags']" in lint_says(write_book(tmp_path / "silent", silent), capsys)


def test_nbdev_and_execute_leave_the_tags_of_a_cell():
    nb = with_raw(lambda nb, cells: cells["line"].update(metadata=TAGS | {"collapsed": True}))
    assert execute.clean(nbformat.from_dict(nb)).cells[list(GOOD).index("line")].metadata == TAGS
    _nbdev_clean(nb)
    assert nb["cells"][list(GOOD).index("line")]["metadata"] == TAGS


def test_lint_fails_a_file_that_nbdev_clean_would_change(tmp_path, capsys):
    nbs = write_book(tmp_path)
    path = nbs / "01_mean.ipynb"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    assert "differs from what nbdev_clean makes of it" in lint_says(nbs, capsys)


PICTURE = {"data": {"image/png": PIXEL}, "metadata": {}, "output_type": "display_data"}
ERROR = {"ename": "ValueError", "evalue": "no", "output_type": "error", "traceback": []}
OUTPUTS = {
    "an error": (ERROR, "a stored error"),
    "a warning": (printed("careful", "stderr"), "a stored message on stderr"),
    "an address": (printed("<object at 0x7f12ab34cd>"), "an object's address ('0x7f12ab34cd')"),
    "a time": (printed("that took 1.25 ms"), "a measured time ('1.25 ms')"),
    "a date": (printed("on 2026-11-22 10:30"), "a date and time"),
    "a path": (printed("read /home/ada/data.csv"), "an absolute path ('/home/ada/data.csv')"),
    "a picture without a label": (PICTURE, "a picture without a label"),
}


@pytest.mark.parametrize("what", OUTPUTS)
def test_lint_fails_an_output(what, tmp_path, capsys):
    output, words = OUTPUTS[what]
    said = lint_says(write_book(tmp_path, notebook(GOOD, {"mean-demo": [output]})), capsys)
    assert f"cell mean-demo: {words}" in said or words in said


@pytest.mark.parametrize("text", ["slope 1/2 of 3/4", "https://example.org/a/b", "1e-05 and 12 m", "a/b/c", "10:30"])
def test_lint_passes_an_output_that_only_looks_so(text, tmp_path, capsys):
    assert lint_says(write_book(tmp_path, notebook(GOOD, {"mean-demo": [printed(text)]})), capsys) == ""


def test_lint_wants_one_notebook_for_a_module(tmp_path, capsys):
    other = {name: source.replace("eq-mean", "eq-other") for name, source in GOOD.items()}
    nbs = write_book(tmp_path, **{"02_mean": notebook(other)})
    assert "2 notebooks have `default_exp mean`" in lint_says(nbs, capsys)


def test_lint_wants_labels_unique_over_the_book(tmp_path, capsys):
    other = {**GOOD, "default-exp": "#| default_exp twin"}
    nbs = write_book(tmp_path, **{"02_twin": notebook(other)})
    said = lint_says(nbs, capsys)
    assert "the label eq-mean stands 2 times in 01_mean.ipynb, 02_twin.ipynb" in said
    assert "linreg_nb/twin.py is missing: run `python tools/sync.py`" in said


def test_lint_takes_nbdevs_own_directives():
    assert {"default_exp", "export", "exports", "exporti", "hide", "hide_line", "exec_doc", "filter_stream",
            "slow"} == lint_notebook.KNOWN


def test_lint_warns_of_long_functions_and_passes(tmp_path, capsys):
    long = MEAN.replace("    total = 0\n", "    total = 0\n" * 15)
    assert lint_says(write_book(tmp_path, notebook({**GOOD, "mean-def": long})), capsys) == ""
    lint.main(["--nbs", str(tmp_path / "nbs")])
    assert "warning: 01_mean.ipynb: cell mean-def: mean has 18 lines of body" in capsys.readouterr().out


def test_the_book_is_linted():
    lint.main(["--quiet"])


# --- sync

@pytest.fixture
def checkout(tmp_path) -> Path:
    "A copy of what sync reads and writes."
    folder = tmp_path / "copy"
    folder.mkdir()
    copy_checkout(folder)
    shutil.rmtree(folder / "tools")  # README has a test of its own
    sync.main(["--root", str(folder)])
    return folder


def sync_says(root: Path, capsys) -> str:
    "What sync --check prints where it fails, '' where it passes."
    capsys.readouterr()
    try:
        sync.main(["--root", str(root), "--check"])
    except SystemExit as stop:
        return capsys.readouterr().out + str(stop)
    return ""


def test_sync_finds_what_is_not_made_from_the_notebooks(checkout, capsys):
    module, sidebar, stale = (checkout / name for name in
                              ("linreg_nb/testing.py", "nbs/sidebar.yml", "linreg_nb/gone.py"))
    assert sync_says(checkout, capsys) == ""
    edited = module.read_text(encoding="utf-8").replace("def check(", "def check_it(")
    module.write_text(edited, encoding="utf-8")
    sidebar.unlink()
    stale.write_text("# AUTOGENERATED! DO NOT EDIT! File to edit: ../nbs/07_gone.ipynb.\n", encoding="utf-8")
    said = sync_says(checkout, capsys)
    assert "-def check_it(" in said and "+def check(" in said and "run `python tools/sync.py` and commit" in said
    assert "nbs/sidebar.yml from the notebooks" in said and "linreg_nb/gone.py: stale" in said
    assert module.read_text(encoding="utf-8") == edited and not sidebar.exists() and stale.exists()
    sync.main(["--root", str(checkout)])
    assert sync_says(checkout, capsys) == "" and not stale.exists()
    assert (checkout / "linreg_nb" / "py.typed").exists() and any((checkout / "linreg_nb" / "strd").iterdir())


def test_sync_works_below_a_folder_that_nbdev_skips(tmp_path, capsys):
    folder = tmp_path / ".hidden" / "_docs"
    folder.mkdir(parents=True)
    for name in ("nbs", "linreg_nb"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("settings.ini", "_quarto.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    sync.main(["--root", str(folder)])
    assert sync_says(folder, capsys) == ""


def test_sync_without_an_exporting_notebook_says_so(tmp_path):
    nbs = write_book(tmp_path, notebook({"text-title": "# t\n\n> T.", "export": EXPORT}))
    shutil.copy(ROOT / "settings.ini", tmp_path)
    (nbs.parent / "linreg_nb" / "__init__.py").write_text('__version__ = "0"\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="is a notebook with #| export there"):
        sync.main(["--root", str(tmp_path)])


def test_generated_files_are_in_line():
    sync.main(["--check"])


# --- execute

def test_execute_stores_and_then_finds_a_changed_output(tmp_path, capsys):
    nbs = write_book(tmp_path, notebook({"sum": "1 + 1"}, {"sum": [printed("three")]}))
    with pytest.raises(SystemExit, match="run `python tools/execute.py`, look at the change, and commit it"):
        execute.main(["--nbs", str(nbs), "--check"])
    assert "01_mean.ipynb: cell sum: stored 'three'" in capsys.readouterr().err
    execute.main(["--nbs", str(nbs)])
    execute.main(["--nbs", str(nbs), "--check"])


def test_execute_says_which_cell_fails(tmp_path, capsys):
    nbs = write_book(tmp_path, notebook({"wrong": "raise ValueError('no such luck')"}))
    with pytest.raises(SystemExit, match="mend the cell"):
        execute.main(["--nbs", str(nbs), "--check"])
    assert "no such luck" in capsys.readouterr().err


def test_execute_compares_pictures_by_size():
    wide = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAAB"  # the head of a PNG of 2 x 1
    assert execute.picture_difference(PIXEL, PIXEL) == ""
    assert "(1, 1) pixels, now (2, 1)" in execute.picture_difference(PIXEL, wide)


# --- mutation

WEAK = "#| hide\nassert mean([5]) > 0"
STRONG = "#| hide\nassert mean([5]) == 5 and mean([1, 2, 6]) == 3"


def mutate_says(folder: Path, sources: dict, listed: str = "", *options: str) -> tuple[str, int]:
    "What mutate prints about a book of one chapter, and its exit status. In a process of its own, since it forks."
    nbs = write_book(folder, notebook(sources))
    (folder / "equivalent.toml").write_text(listed, encoding="utf-8")
    command = [sys.executable, "tools/mutate.py", "--nbs", str(nbs), "--equivalent", str(folder / "equivalent.toml"),
               "--json", str(folder / "mutants.json"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr, done.returncode


def toy(demo: str, definition: str = MEAN) -> dict[str, str]:
    "A chapter of one function and one test."
    return {"default-exp": "#| default_exp mean", "mean-def": definition, "mean-demo": demo, "export": EXPORT}


def test_mutation_kills_all_where_the_test_is_good(tmp_path):
    out, status = mutate_says(tmp_path, toy(STRONG))
    assert "mean.mean 6 mutants, 6 killed" in out and status == 0


def test_mutation_finds_a_survivor_where_the_test_is_weak(tmp_path):
    out, status = mutate_says(tmp_path, toy(WEAK))
    assert 'function = "mean.mean", mutation = "total / len(x) -> total * len(x)"' in out
    assert "-    return total / len(x)" in out and "assert something in the chapter" in out and status == 1


ENTRY = """[[mutant]]
function = "mean.{}"
mutation = "{}"
reason = "a reason given in words"
"""


def test_mutation_wants_its_list_kept_true(tmp_path):
    gone = ENTRY.format("mean", "total / len(y) -> total * len(y)")
    killed = ENTRY.format("mean", "total / len(x) -> total * len(x)")
    out, status = mutate_says(tmp_path, toy(STRONG), gone + killed)
    assert "listed as equivalent, but no such mutant: ('mean.mean', 'total / len(y)" in out
    assert "listed as equivalent, but killed by mean-demo: AssertionError" in out
    assert "remove its entry" in out and status == 1


def test_mutation_passes_a_listed_survivor(tmp_path):
    definition = MEAN.replace("total = 0\n", "total = 0\n    if total < 0: return total\n")
    listed = (ENTRY.format("mean", "total < 0 -> total <= 0") + ENTRY.format("mean", "total < 0 -> total > 0")
              + ENTRY.format("mean", "total < 0 -> total < 1"))
    out, status = mutate_says(tmp_path, toy(STRONG, definition), listed)
    assert "listed as equivalent, but killed" in out  # `<=` and `< 1` return too early, and a cell notices
    (tmp_path / "again").mkdir()
    only = ENTRY.format("mean", "total < 0 -> total > 0")
    out, status = mutate_says(tmp_path / "again", toy(STRONG, definition), only)
    assert "9 mutants, 8 killed, 1 equivalent" in out and status == 0


FAMILY = """[[family]]
function = "mean.mean"
part = "{}"
reason = "a reason given in words"
"""


def test_mutation_passes_a_family_of_survivors_and_wants_it_needed(tmp_path):
    definition = MEAN.replace("total = 0\n", "total = 0\n    if total < 0: return total\n")
    out, status = mutate_says(tmp_path, toy(STRONG, definition), FAMILY.format("total < 0"))
    assert "9 mutants, 8 killed, 1 equivalent" in out and status == 0
    (tmp_path / "again").mkdir()
    both = FAMILY.format("total < 0") + FAMILY.format("len(x)")
    out, status = mutate_says(tmp_path / "again", toy(STRONG, definition), both)
    assert "listed as a family, but no survivor belongs to it: mean.mean, 'len(x)'" in out and status == 1


def test_mutation_stops_what_never_ends(tmp_path):
    definition = MEAN.replace("total / len(x)", "total / n").replace(
        "    total = 0\n", "    total = n = 0\n    while n < len(x):\n        n += 1\n")
    out, status = mutate_says(tmp_path, toy(STRONG, definition))
    killers = {row["mutation"]: row["killed_by"] for row in json.loads((tmp_path / "mutants.json").read_text())}
    assert re.match(r"mean-demo: stopped after \d+ s of computing", killers["n += 1 -> n -= 1"]) and status == 0, out


def test_mutation_reports_a_chapter_that_fails_anyway(tmp_path):
    out, status = mutate_says(tmp_path, toy("assert mean([5]) == 6"))
    assert "01_mean.ipynb: cell mean-demo fails without any mutation: AssertionError" in out
    assert "mend the cell first" in out and status == 1


@pytest.mark.parametrize("last", ["folder.cleanup()", "assert not (here / 'left').exists(); (here / 'left').touch()"])
def test_mutation_sees_a_chapter_that_cannot_be_run_again(tmp_path, last):
    "All mutants die for want of a folder, or of something that the first run left in it: that is no good test."
    sources = {"default-exp": "#| default_exp mean", "imports": "import tempfile\nfrom pathlib import Path",
               "folder": "folder = tempfile.TemporaryDirectory()\nhere = Path(folder.name)", "mean-def": MEAN,
               "mean-demo": f"assert here.exists()\nmean([5])\n{last}", "export": EXPORT}
    out, status = mutate_says(tmp_path, sources)
    assert "01_mean.ipynb: run again at the end, it fails without any mutation" in out and status == 1
    assert ("mean-demo: AssertionError" in out) and "6 mutants, 6 killed" in out


def test_mutation_tries_a_recorded_chapter_with_a_tenth_of_its_mutants_until_it_changes(tmp_path):
    record, sources = tmp_path / "record.json", toy(STRONG)
    out, status = mutate_says(tmp_path, sources, "", "--record", str(record))
    assert "total: 6 mutants tried, 6 killed" in out and status == 0
    functions = json.loads(record.read_text())["01_mean"]["functions"]
    assert functions == {"mean": [6, 6, {"mean-demo": 6}]}
    out, status = mutate_says(tmp_path / "again", sources, "", "--sampled", str(record))
    assert "01_mean: unchanged since 6 mutants were tried, of which 6 were killed" in out and status == 0
    assert int(re.search(r"total: (\d+) mutants tried", out)[1]) < 6
    out, status = mutate_says(tmp_path / "weak", toy(WEAK), "", "--sampled", str(record))
    assert "survived: mean.mean" in out and "unchanged" not in out and status == 1
    before = record.read_text()
    out, status = mutate_says(tmp_path / "not recorded", toy(WEAK), "", "--record", str(record))
    assert status == 1 and record.read_text() == before
    for wrong in (["--function", "mean"], ["--sampled"]):
        out, status = mutate_says(tmp_path / wrong[0], sources, "", "--record", str(record), *wrong)
        assert "--record wants whole chapters" in out and status == 1


OPERATIONS = '''#| export
import numpy as np
def f(A: np.ndarray, k: int = 3, deep: bool = False) -> int:
    "Text with 1 + 1 in it."
    if not deep and k <= 2: raise ValueError(f"{k + 1} is too small, by {1 * 2}")
    b = -A.T @ A[1:k]
    for i in range(k): b += abs(i) * 2
    return b.copy() if A.any() else max(b, 0)
'''
EXPECTED = {
    "k=3 -> k=6", "deep=False -> deep=True", "not deep and k <= 2 -> not deep or k <= 2", "not deep -> deep",
    "k <= 2 -> k < 2", "k <= 2 -> k >= 2", "k <= 2 -> k <= 4", "raise ValueError(…) -> pass", "-A.T -> -A",
    "-A.T @ A[1:k] -> A.T @ A[1:k]", "A[1:k] -> A[1 + 1:k]", "A[1:k] -> A[1:k - 1]", "1:k -> 2:k",
    "range(k) -> range(k - 1)",
    "b += abs(i) * 2 -> b -= abs(i) * 2", "abs(i) * 2 -> abs(i) / 2", "abs(i) * 2 -> abs(i)", "abs(i) * 2 -> 2",
    "abs(i) -> i", "abs(i) * 2 -> abs(i) * 4", "b.copy() -> b", "A.any() -> A.all()", "max(b, 0) -> min(b, 0)",
    "max(b, 0) -> max(b, 1)",
    "b.copy() if A.any() else max(b, 0) -> b.copy() if not A.any() else max(b, 0)",
}


def test_mutants_are_the_small_mistakes_and_no_others(tmp_path):
    nbs = write_book(tmp_path, notebook({"default-exp": "#| default_exp mean", "f": OPERATIONS}))
    made = {m.mutation for m in mutants(Chapter.read(nbs / "01_mean.ipynb"))}
    assert made == EXPECTED, (made - EXPECTED, EXPECTED - made)


def test_mutants_keep_their_names_when_something_else_is_edited(tmp_path):
    edited = OPERATIONS.replace("#| export\n", "#| export\n\n").replace("is too small", "is far too small")
    keys = []
    for name, source in {"before": OPERATIONS, "after": edited}.items():
        nbs = write_book(tmp_path / name, notebook({"default-exp": "#| default_exp mean", "f": source}))
        keys.append([m.key for m in mutants(Chapter.read(nbs / "01_mean.ipynb"))])
    assert keys[0] == keys[1] and len(set(keys[0])) == len(keys[0])


def test_bare_code_has_neither_comments_nor_docstrings():
    text = "#| exports\ndef f(x):  # why\n    'ä doc'; y = '# no'  # c\n\n    return x\n%time f(1)\n"
    bare = Cell({"cell_type": "code", "id": "x", "source": text}, 0).bare
    assert bare == "def f(x):\n    ; y = '# no'\n    return x\npass\nexported"
