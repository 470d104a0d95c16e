"""A file larger than one would load: a pass over 100,000,000 x 10 float64, by this package and by its peers.

Each contender has a process of its own, whose anonymous memory is watched from outside. The file is made in a temporary
folder and taken away again; TMPDIR says where. The system may keep it in its cache, for every contender alike.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from .measure import ROOT, THREADS, Claim

ROWS, COLUMNS, CHUNK = 100_000_000, 10, 2**16
PASSES = 3          # turns of each contender, at most
BLOCK = 250_000     # rows of a block of Dask's
OFTEN = 0.02        # seconds between two looks at the memory
ALLOWED = 300       # MB of anonymous memory
SUM, FLOAT, EXACT, SGD, BIGLM = "chunk.sum(axis=0)", "linreg_nb, exact=False", "linreg_nb", "SGDRegressor", "biglm"


def make(folder: Path, n: int, d: int = COLUMNS) -> None:
    "Two files: X of n x d normal numbers, and y, made chunk by chunk from one seed."
    rng, theta = np.random.default_rng(0), np.arange(1.0, d + 1)
    X = np.lib.format.open_memmap(folder / "X.npy", mode="w+", dtype=float, shape=(n, d))
    y = np.lib.format.open_memmap(folder / "y.npy", mode="w+", dtype=float, shape=(n,))
    for start in range(0, n, CHUNK):
        rows = rng.standard_normal((min(CHUNK, n - start), d))
        X[start:start + CHUNK], y[start:start + CHUNK] = rows, 3 + rows @ theta + rng.standard_normal(len(rows))
    X.flush()
    y.flush()


@contextmanager
def data(n: int):
    "A folder with the files for `n` rows, gone afterwards; an error where the disk has no room for them."
    with tempfile.TemporaryDirectory(prefix="streaming") as folder:
        wanted = 8 * n * (COLUMNS + 1)
        if (free := shutil.disk_usage(folder).free) < 1.1 * wanted:
            raise SystemExit(f"benchmarks: {n:,} rows take {wanted / 1e9:.1f} GB, and {folder} has {free / 1e9:.1f} GB "
                             "free; choose fewer with --rows, or another place with TMPDIR")
        make(Path(folder), n)
        yield Path(folder)


def chunks(folder: Path, n: int):
    "The first `n` rows, a chunk at a time."
    from linreg_nb.out_of_core import read_npy
    for X, y in read_npy(folder / "X.npy", y=folder / "y.npy", rows=CHUNK):
        yield X[:n], y[:n]
        n -= len(y)
        if n <= 0:
            return


def sums(folder: Path, n: int) -> list[float]:
    "The yardstick: the same loop over the same chunks, with nothing but the sum of each column."
    total = np.zeros(COLUMNS + 1)
    for X, y in chunks(folder, n):
        total[:-1] += X.sum(axis=0)
        total[-1] += y.sum()
    return total.tolist()


def ours(folder: Path, n: int, exact: bool) -> list[float]:
    "A fit with an intercept by `fit_chunks`."
    from linreg_nb import fit_chunks
    return fit_chunks(chunks(folder, n), exact=exact).theta.tolist()


def sgd(folder: Path, n: int) -> list[float]:
    "One pass of scikit-learn's stochastic descent at its defaults."
    from sklearn.linear_model import SGDRegressor
    model = SGDRegressor(penalty=None, random_state=0)
    for X, y in chunks(folder, n):
        model.partial_fit(X, y)
    return [*model.intercept_.tolist(), *model.coef_.tolist()]


def dask(folder: Path, n: int, workers: int) -> tuple[float, list[float]]:
    "A fit by `fit_dask` on a cluster of processes, which is there already when the clock starts; seconds and theta."
    import dask.array as da
    from dask import delayed
    from distributed import Client, LocalCluster

    from linreg_nb import fit_dask
    starts = range(0, n, BLOCK)
    parts = {name: [da.from_delayed(delayed(piece)(str(folder / f"{name}.npy"), a, min(a + BLOCK, n)), dtype=float,
                                    shape=(min(BLOCK, n - a), *shape)) for a in starts]
             for name, shape in (("X", (COLUMNS,)), ("y", ()))}
    X, y = (da.concatenate(blocks) for blocks in parts.values())
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster, \
            Client(cluster) as client:
        fit_dask(X[:2 * BLOCK], y[:2 * BLOCK], client=client)  # loads modules where the work is done
        start = time.perf_counter()
        theta = fit_dask(X, y, client=client).theta.tolist()
        return time.perf_counter() - start, theta


def piece(path: str, start: int, end: int) -> np.ndarray:
    "Some rows of a file of numpy's, read where they are needed."
    return np.array(np.load(path, mmap_mode="r")[start:end])


JOBS = {SUM: sums, FLOAT: partial(ours, exact=False), EXACT: partial(ours, exact=True), SGD: sgd}


def anonymous(pid: int) -> float:
    "The anonymous memory of a process in MB, 0 where the system does not tell."
    try:
        found = re.search(r"RssAnon:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def watched(*command: str) -> dict:
    "What `command` prints as JSON, and the most anonymous memory it had at any look."
    env = {**os.environ, **dict.fromkeys(THREADS, "1")}
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        process, most = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=complained), 0.0
        while process.poll() is None:
            most = max(most, anonymous(process.pid))
            time.sleep(OFTEN)
        for file in (said, complained):
            file.seek(0)
        if process.returncode:
            raise SystemExit(f"benchmarks: {' '.join(command)} failed:\n{complained.read()[-2000:]}")
        return json.loads(said.read()) | {"MB": most}


def in_own_process(job: str, folder: Path, n: int) -> dict:
    "Seconds, answer and memory of one contender."
    if job == BIGLM:
        return watched("Rscript", "--vanilla", str(ROOT / "benchmarks" / "biglm.R"), str(folder), str(n), str(COLUMNS),
                       str(CHUNK))
    return watched(sys.executable, "-m", "benchmarks.streaming", job, str(folder), str(n))


def has_biglm() -> bool:
    "Whether R and its package biglm are at hand."
    asked = ("Rscript", "--vanilla", "-e", "quit(status = !requireNamespace('biglm', quietly = TRUE))")
    return bool(shutil.which("Rscript")) and subprocess.run(asked, capture_output=True).returncode == 0


def passes(folder: Path, n: int, turns: int) -> dict[str, dict]:
    "Seconds of each contender's passes, by turns, its answer and its memory."
    jobs = [*JOBS, *([BIGLM] if has_biglm() else [])]
    found = {job: [] for job in jobs}
    for turn in range(turns):
        for job in jobs[turn % len(jobs):] + jobs[:turn % len(jobs)]:
            found[job].append(in_own_process(job, folder, n))
    return {job: {"seconds": [run["seconds"] for run in runs], "MB": max(run["MB"] for run in runs),
                  "answer": runs[0]["answer"]} for job, runs in found.items()}


def growth(folder: Path, n: int) -> list[dict]:
    "Seconds of this package's passes over the first rows of the file, ten times as many each time."
    sizes = [size for size in (10**k for k in range(5, 12)) if size < n] + [n]
    return [{"n": size, "seconds": {job: in_own_process(job, folder, size)["seconds"] for job in (FLOAT, EXACT)}}
            for size in sizes]


def slope(found: list[dict], job: str) -> float:
    "The slope of seconds against rows on log-log, from the last two sizes: 1 for a line."
    (a, b) = found[-2:]
    return float(np.log(b["seconds"][job] / a["seconds"][job]) / np.log(b["n"] / a["n"]))


def streaming(repeats: int) -> dict:
    "A pass over 100,000,000 x 10 from disk (--rows: another size), beside a loop of sums and peers; growth; Dask."
    turns = min(repeats, PASSES)
    with data(ROWS) as folder:
        size = (folder / "X.npy").stat().st_size
        found, grown = passes(folder, ROWS, turns), growth(folder, ROWS)
        workers = {str(k): [in_own_process(f"dask {k}", folder, ROWS) for _ in range(turns)] for k in (1, 2)}
    exact = np.array(found[EXACT]["answer"])
    if not np.allclose(found[FLOAT]["answer"], exact, rtol=1e-9, atol=0):
        raise SystemExit("benchmarks: sums in float64 and exact ones differ: not the same job")
    if any(run["answer"] != found[EXACT]["answer"] for runs in workers.values() for run in runs):
        raise SystemExit("benchmarks: workers change bits")
    middle = {job: statistics.median(told["seconds"]) for job, told in found.items()}
    by_workers = {k: statistics.median(run["seconds"] for run in runs) for k, runs in workers.items()}
    claims = [Claim(f"{SUM} / {FLOAT}", middle[SUM] / middle[FLOAT], 0.6, at_most=False),
              *(Claim(f"anonymous memory of {job}, MB", found[job]["MB"], ALLOWED, at_most=True)
                for job in (FLOAT, EXACT)),
              *(Claim(f"slope on log-log of {job}", slope(grown, job), 1.1, at_most=True) for job in (FLOAT, EXACT))]
    return {"rows": ROWS, "columns": COLUMNS, "rows of a chunk": CHUNK, "GB of X": size / 1e9, "passes": found,
            "not at hand": [] if BIGLM in found else [BIGLM],
            "distance from the exact answer": {job: float(np.max(np.abs(np.array(told["answer"]) - exact)))
                                               for job, told in found.items() if job != SUM},
            "times the loop of sums": {job: value / middle[SUM] for job, value in middle.items()},
            "growth": grown, "seconds by workers": by_workers,
            "1 worker / 2 workers": by_workers["1"] / by_workers["2"], "claims": claims}


def table(result: dict) -> list[str]:
    "Times and memory, a line for each contender, then growth and workers."
    lines = [f"{result['rows']:,} x {result['columns']}, {result['GB of X']:.1f} GB",
             f"{'':24}  seconds    sums      MB  distance"]
    for job, told in result["passes"].items():
        distance = result["distance from the exact answer"].get(job)
        lines.append(f"{job:<24}{statistics.median(told['seconds']):>9.2f}{result['times the loop of sums'][job]:>8.2f}"
                     f"{told['MB']:>8.0f}" + ("" if distance is None else f"{distance:>10.1e}"))
    lines += [f"{job} is not at hand" for job in result["not at hand"]]
    lines += [f"{row['n']:>12,} rows: " + ", ".join(f"{job} {s:.3g} s" for job, s in row["seconds"].items())
              for row in result["growth"]]
    return [*lines, "Dask, workers: " + ", ".join(f"{k}: {s:.2f} s" for k, s in result["seconds by workers"].items())]


def main(argv: list[str] | None = None) -> None:
    "One contender, in this process: prints its seconds and its answer."
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=main.__doc__)
    parser.add_argument("job", help=f"{', '.join(JOBS)}, or dask and the number of workers")
    parser.add_argument("folder", type=Path)
    parser.add_argument("n", type=int)
    args = parser.parse_args(argv)
    if args.job.startswith("dask "):
        seconds, answer = dask(args.folder, args.n, int(args.job.removeprefix("dask ")))
    else:
        job = JOBS[args.job]
        job(args.folder, 1000)  # loads what it needs
        start = time.perf_counter()
        answer = job(args.folder, args.n)
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "answer": answer}))


if __name__ == "__main__":
    main()
