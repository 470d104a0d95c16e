"The notebooks of this book as the tools read them: chapters, cells, directives, exported code."
import ast
import io
import json
import os
import re
import sys
import tokenize
from configparser import ConfigParser
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
THREAD_CAPS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def cap_threads() -> None:
    "One numerical thread a process. Call it before numpy is loaded: two runs at once should not fight for the cores."
    for name in THREAD_CAPS:
        os.environ.setdefault(name, "1")
    same_kernels()


def same_kernels() -> None:
    """The same kernels of OpenBLAS on every x86 machine of the last ten years, before numpy is loaded.

    It chooses them by the processor, and each rounds its sums in its own order: a stored digit that is rounding, like
    those of the solvers that fail on Filip, would differ from machine to machine.
    """
    cpu = Path("/proc/cpuinfo")
    if cpu.exists() and re.search(r"^flags\b.*\bavx2\b", cpu.read_text(), re.M):
        os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")


def without_code(text: str) -> str:
    "Markdown `text` with fenced blocks and inline code blanked out, so that what they show is not taken for real."
    text = re.sub(r"^(```+|~~~+).*?^\1[ \t]*$", "", text, flags=re.M | re.S)
    return re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", text, flags=re.S)


def addresses() -> tuple[str, str]:
    "Where the site is published, and where the repository is."
    settings = ConfigParser(delimiters=["="], interpolation=None)
    settings.read(ROOT / "settings.ini", encoding="utf-8")
    cfg = settings["DEFAULT"]
    return cfg["doc_host"] + cfg["doc_baseurl"], cfg["git_url"]


def page_name(path: Path) -> str:
    "What the page and the module of a notebook are called: 03_sgd.ipynb is sgd."
    return re.sub(r"^\d+[a-z]?_", "", path.stem)


@dataclass
class Cell:
    "One cell of a notebook; `raw` is the cell as it stands in the file."
    raw: dict
    number: int  # its place in the notebook, from 0

    @property
    def id(self) -> str:
        return self.raw.get("id", f"(cell {self.number} has no id)")

    @property
    def is_code(self) -> bool:
        return self.raw["cell_type"] == "code"

    @cached_property
    def source(self) -> str:
        return "".join(self.raw["source"])

    @cached_property
    def prose(self) -> str:
        "The text of a markdown cell, code in it blanked out; empty for a code cell."
        return without_code(self.source) if self.raw["cell_type"] == "markdown" else ""

    @cached_property
    def directives(self) -> dict[str, str]:
        "The `#|` lines: name (without its colon) to the text behind it."
        if not self.is_code:
            return {}
        lines = (re.match(r"\s*#\s*\|\s*([^\s:]+):?[ \t]*(.*)", line) for line in self.source.splitlines())
        return {m[1]: m[2].strip() for m in lines if m}

    @property
    def is_export(self) -> bool:
        return bool({"export", "exports", "exporti"} & self.directives.keys())

    @cached_property
    def python(self) -> str:
        "The code of a cell; a line with a magic counts as empty."
        return re.sub(r"^[ \t]*[%!].*$", "pass", self.source, flags=re.M)

    @cached_property
    def tree(self) -> ast.Module:
        "The syntax tree of a code cell."
        return ast.parse(self.python)

    @cached_property
    def bare(self) -> str:
        "The code without comments, directives, docstrings and empty lines; and whether it is exported."
        rows = self.python.splitlines()
        spans = [(t.start, t.end) for t in tokenize.generate_tokens(io.StringIO(self.python).readline)
                 if t.type == tokenize.COMMENT]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
                first, last = node.body[0].lineno, node.body[0].end_lineno
                start, end = node.body[0].col_offset, node.body[0].end_col_offset  # in bytes
                spans.append(((first, len(rows[first - 1].encode()[:start].decode())),
                              (last, len(rows[last - 1].encode()[:end].decode()))))
        for (first, start), (last, end) in sorted(spans, reverse=True):
            rows[first - 1:last] = [rows[first - 1][:start] + rows[last - 1][end:]]
        return "\n".join([*(row.rstrip() for row in rows if row.strip()), "exported" * self.is_export])

    @cached_property
    def asserts(self) -> bool:
        "Whether the code holds an assertion, a `check`, a `raises`, or a test function of numpy or fastcore."
        nodes = list(ast.walk(self.tree))
        called = {getattr(n.func, "attr", getattr(n.func, "id", "")) for n in nodes if isinstance(n, ast.Call)}
        by_name = any(name in {"check", "raises"} or name.startswith(("assert", "test_")) for name in called)
        return by_name or any(isinstance(n, ast.Assert) for n in nodes)

    @property
    def outputs(self) -> list[dict]:
        return self.raw.get("outputs", [])


@dataclass
class Chapter:
    "One notebook."
    path: Path
    text: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Chapter":
        return cls(path, path.read_text(encoding="utf-8"))

    @cached_property
    def raw(self) -> dict:
        return json.loads(self.text)

    @cached_property
    def cells(self) -> list[Cell]:
        return [Cell(raw, i) for i, raw in enumerate(self.raw["cells"])]

    @property
    def code(self) -> list[Cell]:
        return [c for c in self.cells if c.is_code]

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_index(self) -> bool:
        return self.path.stem == "index"

    @cached_property
    def module(self) -> str:
        "The module that the chapter makes, '' where it makes none."
        return next((c.directives["default_exp"] for c in self.code if "default_exp" in c.directives), "")


def notebook_paths(names: list[str] = (), nbs: Path = NBS) -> list[Path]:
    "The notebooks that `names` stand for (paths, stems or their beginnings), all of them where there are none."
    everything = sorted(p for p in nbs.glob("*.ipynb") if p.name[0] not in "._")
    found = [p for p in everything if not names or any(p.stem.startswith(Path(n).stem) for n in names)]
    missing = [n for n in names if not any(p.stem.startswith(Path(n).stem) for p in everything)]
    if missing or not found:
        sys.exit(f"no notebook in {nbs} starts with {' or '.join(missing) or 'anything'}: give a name such as 03_sgd")
    return found


def read_book(names: list[str] = (), nbs: Path = NBS) -> list[Chapter]:
    "The chapters that `names` stand for, in reading order."
    return [Chapter.read(p) for p in notebook_paths(names, nbs)]
