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

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # set before numpy is loaded: two kernels at once should not fight for the cores

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
PICTURE_TOLERANCE = 0.05  # of width and height: fonts differ a little between machines


def chapters(names: list[str]) -> list[Path]:
    "The notebooks that `names` stand for (paths, stems or their beginnings), all of them where there are none."
    everything = sorted(NBS.glob("*.ipynb"))
    if not names:
        return everything
    found = [p for p in everything if any(p.stem.startswith(Path(n).stem) for n in names)]
    if not found:
        sys.exit(f"execute: no notebook in {NBS} starts with {', '.join(names)}")
    return found


def run(path: Path) -> nbformat.NotebookNode:
    "The notebook at `path` after a fresh run from top to bottom, in the folder it lives in."
    nb = nbformat.read(path, as_version=4)
    env = dict(os.environ, PYTHONHASHSEED="0", IN_TEST="1")  # IN_TEST: the closing nbdev_export() rests
    client = NotebookClient(nb, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=env)
    return nb


def clean(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    "`nb` as it is committed: no execution counts, no metadata that differs from run to run."
    nb = deepcopy(nb)
    nb.metadata = {"kernelspec": {"display_name": "python3", "language": "python", "name": "python3"}}
    for cell in nb.cells:
        cell.metadata = {}
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        cell.outputs = merge_streams(cell.outputs)
        for out in cell.outputs:
            if "execution_count" in out:
                out["execution_count"] = None
            if "metadata" in out:
                out["metadata"] = {}
            data = out.get("data", {})
            if "image/png" in data and "text/plain" in data:
                data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", data["text/plain"])
    return nb


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


def differences(stored: nbformat.NotebookNode, fresh: nbformat.NotebookNode) -> list[str]:
    "What differs between stored and fresh outputs, a line each: text exactly, pictures by existence and size."
    found = []
    for old, new in zip(stored.cells, fresh.cells, strict=True):
        if old.cell_type != "code":
            continue
        a, b = ([(o.output_type, o.get("name"), dict(o.get("data", {})), o.get("text")) for o in c.outputs]
                for c in (old, new))
        if len(a) != len(b):
            found.append(f"cell {old.id}: {len(a)} stored outputs, {len(b)} fresh ones")
            continue
        for (kind, name, data, text), (kind2, name2, data2, text2) in zip(a, b, strict=True):
            if (kind, name, text) != (kind2, name2, text2) or data.keys() != data2.keys():
                found.append(f"cell {old.id}: stored {text or sorted(data)!r}, fresh {text2 or sorted(data2)!r}")
                continue
            for mime in data:
                if mime == "image/png":
                    sizes = picture_size(data[mime]), picture_size(data2[mime])
                    if any(abs(p - q) > PICTURE_TOLERANCE * p for p, q in zip(*sizes, strict=True)):
                        found.append(f"cell {old.id}: the picture was {sizes[0]} pixels, now {sizes[1]}")
                elif data[mime] != data2[mime]:
                    found.append(f"cell {old.id}: stored {data[mime]!r}, fresh {data2[mime]!r}")
    return found


def process(path: Path, check: bool) -> tuple[str, list[str]]:
    "Run one notebook; store its outputs or compare them. Returns a line to print and the problems."
    start = time.perf_counter()
    try:
        fresh = clean(run(path))
    except CellExecutionError as error:
        return f"{path.name}: failed", [f"{path.name}: {error}"]
    problems = []
    if check:
        problems = [f"{path.name}: {d}" for d in differences(clean(nbformat.read(path, as_version=4)), fresh)]
    else:
        save(fresh, path)
    return f"{path.name}: {time.perf_counter() - start:.1f} s", problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="chapters, by path or by the start of their name; default: all")
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a stored output differs")
    parser.add_argument("--workers", type=int, default=2, help="notebooks run at once (default: 2)")
    args = parser.parse_args()
    with ThreadPoolExecutor(args.workers) as pool:
        results = list(pool.map(lambda p: process(p, args.check), chapters(args.names)))
    problems = [p for _, found in results for p in found]
    print("\n".join(line for line, _ in results))
    if problems:
        print("\n".join(problems), file=sys.stderr)
        sys.exit("execute: " + ("stored outputs differ from a fresh run: run `python tools/execute.py`, look at the "
                                "change, and commit it" if args.check else "a chapter failed: mend the cell named above"))


if __name__ == "__main__":
    main()
