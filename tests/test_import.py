"What importing the package loads, and what its public names are, in a fresh process."
import ast
import subprocess
import sys
from pathlib import Path

import pytest

import linreg_nb

HEAVY = ("matplotlib", "scipy.stats", "nbdev", "sympy", "numba", "IPython", "pytest", "sklearn", "pandas",
         "pyarrow", "dask", "distributed", "tqdm")


def fresh(code: str) -> str:
    "What `code` prints in a fresh process."
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("code", ["import linreg_nb", "from linreg_nb import *"], ids=["import", "every public name"])
def test_nothing_heavy_is_loaded(code):
    "Neither the import nor the loading of every public name costs a plotting, statistics or authoring package."
    assert fresh(f"{code}\nimport sys\nprint(*(m for m in {HEAVY!r} if m in sys.modules))") == ""


def test_import_alone_loads_no_chapter():
    "The chapters, and numpy with them, are loaded when a name is first asked for."
    assert fresh("import linreg_nb, sys\nprint(*(m for m in sys.modules if m.startswith('linreg_nb.') or m == 'numpy'))"
                 ) == ""


@pytest.mark.parametrize("name", linreg_nb.__all__)
def test_public_name_means_the_same_however_imported(name):
    "A public name is a function or a class, never a module of the same name, whatever was imported before it."
    home = linreg_nb._home[name]
    first = f"import linreg_nb.{home}\n"
    for before in ("", first):
        assert fresh(f"{before}from linreg_nb import {name} as a\n{first}import linreg_nb, sys\n"
                     f"b = getattr(sys.modules['linreg_nb.{home}'], '{name}')\n"
                     f"print(a is b is linreg_nb.{name}, callable(a), {name!r} in dir(linreg_nb))") == "True True True"


def test_unknown_name_is_an_attribute_error():
    "A misspelt name says so."
    with pytest.raises(AttributeError, match="no attribute 'gradiant'"):
        linreg_nb.gradiant  # noqa: B018


def test_type_checkers_see_the_same_names():
    "The imports written down for type checkers are those that `_home` makes."
    tree = ast.parse(Path(linreg_nb.__file__).read_text(encoding="utf-8"))
    (block,) = [n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    seen = {name.asname: node.module for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names}
    assert seen == linreg_nb._home, "write each name of _home under TYPE_CHECKING too, and no other"
