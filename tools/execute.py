#!/usr/bin/env python3
"Run the chapters and store what they print; with --check, compare the stored outputs with those of a fresh run."
import argparse
import base64
import os
import re
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

from book import NBS, cap_threads, notebook_paths

cap_threads()

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError  # noqa: E402

PICTURE_TOLERANCE = 0.05  # of width and height: fonts differ a little between machines
CELL_SECONDS = 300
DIFFERS = "stored outputs differ from a fresh run: run `python tools/execute.py`, look at the change, and commit it"
FAILED = "a chapter does not run to its end: mend the cell named above"


def run(path: Path) -> nbformat.NotebookNode:
    "The notebook at `path` after a fresh run from top to bottom, in the folder it lives in."
    nb = nbformat.read(path, as_version=4)
    env = dict(os.environ, PYTHONHASHSEED="0", IN_TEST="1")  # IN_TEST: the closing nbdev_export() rests
    folder = {"metadata": {"path": str(path.parent)}}
    quiet = ["--IPKernelApp.log_level=40"]  # errors only: a local kernel need not warn that it talks over TCP
    NotebookClient(nb, timeout=CELL_SECONDS, kernel_name="python3", resources=folder,
                   extra_arguments=quiet).execute(env=env)
    return nb


def clean(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    "`nb` as it is committed: no execution counts, no metadata but the tags that an author gave."
    nb = deepcopy(nb)
    nb.metadata = {"kernelspec": {"display_name": "python3", "language": "python", "name": "python3"}}
    for cell in nb.cells:
        cell.metadata = {"tags": cell.metadata.tags} if cell.metadata.get("tags") else {}
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [clean_output(out) for out in merge_streams(cell.outputs)]
    return nb


def clean_output(out: nbformat.NotebookNode) -> nbformat.NotebookNode:
    "One output without its count and metadata, and a picture's text without the address of its object."
    if "execution_count" in out:
        out.execution_count = None
    if "metadata" in out:
        out.metadata = {}
    data = out.get("data", {})
    if "image/png" in data and "text/plain" in data:
        data["text/plain"] = re.sub(r" at 0x[0-9a-fA-F]+", "", data["text/plain"])
    return out


def merge_streams(outputs: list) -> list:
    "`outputs` with neighbouring pieces of the same stream joined: how a stream is cut depends on timing."
    merged = []
    for out in outputs:
        last = merged[-1] if merged else None
        if out.output_type == "stream" and last and last.output_type == "stream" and last.name == out.name:
            last.text += out.text
        else:
            merged.append(out)
    return merged


def save(nb: nbformat.NotebookNode, path: Path) -> None:
    "Write `nb` the way nbdev and JupyterLab do: one-space indent, lists of lines, a newline at the end."
    path.write_text(nbformat.writes(nb, version=4, indent=1) + "\n", encoding="utf-8")


def picture_size(png: str) -> tuple[int, int]:
    "Width and height in pixels of a base64 PNG."
    return struct.unpack(">II", base64.b64decode(png)[16:24])


def picture_difference(stored: str, fresh: str) -> str:
    "How the sizes of two base64 PNGs differ, '' where they agree to the tolerance."
    old, new = picture_size(stored), picture_size(fresh)
    far = any(abs(p - q) > PICTURE_TOLERANCE * p for p, q in zip(old, new, strict=True))
    return f"the picture was {old} pixels, now {new}" if far else ""


def output_difference(stored: nbformat.NotebookNode, fresh: nbformat.NotebookNode) -> str:
    "How two outputs of a cell differ, '' where they agree: text exactly, pictures by existence and size."
    same_kind = all(stored.get(key) == fresh.get(key) for key in ("output_type", "name", "text"))
    old, new = stored.get("data", {}), fresh.get("data", {})
    if not same_kind or old.keys() != new.keys():
        return f"stored {stored.get('text') or sorted(old)!r}, fresh {fresh.get('text') or sorted(new)!r}"
    for mime in old:
        if mime == "image/png":
            if said := picture_difference(old[mime], new[mime]):
                return said
        elif old[mime] != new[mime]:
            return f"stored {old[mime]!r}, fresh {new[mime]!r}"
    return ""


def differences(stored: nbformat.NotebookNode, fresh: nbformat.NotebookNode) -> list[str]:
    "What differs between stored and fresh outputs, a line each."
    found = []
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        if old.cell_type != "code":
            continue
        if len(old.outputs) != len(new.outputs):
            found.append(f"cell {old.id}: {len(old.outputs)} stored outputs, {len(new.outputs)} fresh ones")
            continue
        said = (output_difference(a, b) for a, b in zip(old.outputs, new.outputs, strict=True))
        found += [f"cell {old.id}: {s}" for s in said if s]
    return found


def compare(path: Path) -> list[str]:
    "What a fresh run of the notebook at `path` prints otherwise than its stored outputs say."
    return differences(clean(nbformat.read(path, as_version=4)), clean(run(path)))


def process(path: Path, check: bool) -> tuple[str, list[str], str]:
    "Run one notebook; store its outputs or compare them. Returns a line to print, the problems, and what to do."
    start = time.perf_counter()
    problems = []
    try:
        if check:
            problems = compare(path)
        else:
            save(clean(run(path)), path)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return f"{path.name}: failed", [f"{path.name}: {error}"], FAILED
    return f"{path.name}: {time.perf_counter() - start:.1f} s", [f"{path.name}: {p}" for p in problems], DIFFERS


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="chapters, by path or by the start of their name; default: all")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a stored output differs")
    parser.add_argument("--workers", type=int, default=2, help="notebooks run at once (default: 2)")
    parser.add_argument("--nbs", type=Path, default=NBS, help="the folder with the notebooks (default: nbs/)")
    args = parser.parse_args(argv)
    with ThreadPoolExecutor(args.workers) as pool:
        results = list(pool.map(lambda p: process(p, args.check), notebook_paths(args.names, args.nbs)))
    print("\n".join(line for line, _, _ in results))
    bad = [(problems, todo) for _, problems, todo in results if problems]
    if bad:
        print("\n".join(p for problems, _ in bad for p in problems), file=sys.stderr)
        sys.exit("execute: " + "; ".join(dict.fromkeys(todo for _, todo in bad)))


if __name__ == "__main__":
    main()
