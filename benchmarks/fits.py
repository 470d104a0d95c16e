"""Least squares at six sizes: seconds and memory of `fit`, of its peers, and of the bare product X.T @ X.

Each size, and each measurement of memory, has a process of its own, so that none finds what another left behind.
"""
import argparse
import ctypes
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from .measure import ROOT, THREADS, Claim, by_turns, circumstances, cores, medians

SIZES = ((20, 3), (1_000, 10), (100_000, 10), (1_000_000, 10), (100_000, 100), (20_000, 500))
MEMORY_SIZES = ((1_000_000, 10), (100_000, 100))
ONE_THREAD_SIZES = ((100_000, 10), (1_000_000, 10), (100_000, 100))
SMALL = 1_000  # rows below which `fit` is also timed without its standard errors
QUICK = 1_000_000  # entries below which every contender has three times as many turns
REST = 0.1  # seconds before each turn: OpenBLAS's threads go on spinning for a while, on the next contender's cores
WARM_UP = 2_000  # rows of the fit that loads modules and buffers before memory is looked at


def label(n: int, d: int) -> str:
    "How a size is written."
    return f"{n:,} x {d}"


def in_own_process(threads: int, *args: str) -> dict:
    "What this module prints for `args`, in a fresh process with `threads` threads for every library."
    env = {**os.environ, **dict.fromkeys(THREADS, str(threads))}
    done = subprocess.run([sys.executable, "-m", "benchmarks.fits", *args], cwd=ROOT, env=env, capture_output=True,
                          text=True)
    if done.returncode:
        raise SystemExit(f"benchmarks: {' '.join(args)} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def timed(n: int, d: int, repeats: int) -> dict:
    "Seconds of every contender at one size, by turns, once they are seen to agree."
    from .cases import agree
    from .peers import FAR_OFF, NO_THETA, contenders, normal_data, not_installed
    X, y = normal_data(n, d)
    jobs = {name: prepare(X, y) for name, prepare in contenders(small=n < SMALL).items()}
    difference = agree({name: job() for name, job in jobs.items() if name not in {*NO_THETA, FAR_OFF}}, rtol=1e-9)
    around = circumstances()
    turns = 3 * repeats if n * d < QUICK else repeats
    return {"n": n, "d": d, "bytes of X": X.nbytes, "seconds": by_turns(jobs, turns, REST),
            "largest difference of theta": difference, "not installed": not_installed(),
            "around": {key: around[key] for key in ("threads", "blas")}}


def status(field: str) -> int:
    "Bytes of this process under `field` of Linux's status file."
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M)[1])


def extra_bytes(job) -> int:
    "By how much the resident memory of this process rises above its level while `job` runs."
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    if give_back:
        give_back(0)  # what was freed, or a job could fill it unnoticed
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the high-water mark starts anew
    before = status("VmRSS")
    job()
    return max(0, status("VmHWM") - before)


def remembered(name: str, n: int, d: int) -> dict:
    "Peak extra memory of one contender at one size, its modules loaded and its buffers filled by a small fit before."
    from .peers import contenders, normal_data
    prepare = contenders(small=False)[name]
    prepare(*normal_data(WARM_UP, d))()
    X, y = normal_data(n, d)
    extra = extra_bytes(prepare(X, y))
    return {"extra bytes": extra, "of X": extra / X.nbytes}


def memory(threads: int) -> list[dict]:
    "Peak extra memory of all contenders at the sizes where it counts; empty where the system does not tell."
    from .peers import contenders
    if not Path("/proc/self/clear_refs").exists():
        return []
    return [{"n": n, "d": d, "extra": {name: in_own_process(threads, "memory", name, str(n), str(d))
                                       for name in contenders(small=False)}} for n, d in MEMORY_SIZES]


def claims(sizes: list[dict], memories: list[dict], where: str = "") -> list[Claim]:
    "What the book promises of `fit`, from the medians of one run; `where` is said behind the size."
    from .peers import LIMIT, PEERS
    found = []
    for size in sizes:
        n, d, middle = size["n"], size["d"], medians(size["seconds"])
        ours, at = middle["fit"], f"at {label(n, d)}{where}"
        peers = {name: seconds for name, seconds in middle.items() if name in PEERS}
        if (n, d) in MEMORY_SIZES:
            found.append(Claim(f"fit / {LIMIT} {at}", ours / middle[LIMIT], 2, at_most=True, aim=1.3))
        if n * d >= 1_000_000 and "scikit-learn" in peers:
            theirs = peers["scikit-learn"]
            found.append(Claim(f"scikit-learn / fit {at}", theirs / ours, 10, at_most=False, aim=20))
            exact = middle["fit, exact"] / theirs
            found.append(Claim(f"fit, exact / scikit-learn {at}", exact, 1.3, at_most=True, aim=1))
        if n >= 1_000:
            found.append(Claim(f"fastest peer / fit {at}", min(peers.values()) / ours, 1, at_most=False))
        if n < SMALL and "scikit-learn" in peers:
            found.append(Claim(f"scikit-learn / fit {at}", peers["scikit-learn"] / ours, 8, at_most=False, aim=20))
            found.append(Claim(f"fit / numpy lstsq {at}", ours / peers["numpy lstsq"], 3, at_most=True, aim=1))
    for size in memories[:1]:
        at = label(size["n"], size["d"])
        found.append(Claim(f"extra memory of fit / X at {at}", size["extra"]["fit"]["of X"], 0.1, at_most=True))
    return found


def sizes_timed(threads: int, sizes, repeats: int) -> tuple[list[dict], dict]:
    "The times at `sizes`, each from a process of its own, and what that process says of its threads."
    found = [in_own_process(threads, "time", str(n), str(d), "--repeats", str(repeats)) for n, d in sizes]
    return found, [size.pop("around") for size in found][0]


def fits(repeats: int) -> dict:
    "`fit` and its peers at six sizes, time and peak memory, all cores for everyone; at three sizes on one thread too."
    found, around = sizes_timed(cores(), SIZES, repeats)
    memories = memory(cores())
    one_thread, _ = sizes_timed(1, ONE_THREAD_SIZES, repeats)
    return {**around, "repeats": repeats, "sizes": found, "one thread": one_thread, "memory": memories,
            "claims": claims(found, memories) + claims(one_thread, [], ", one thread")}


def shown(name: str, seconds: dict) -> str:
    "The median of `name` in milliseconds and as a multiple of the bare product's."
    from .peers import LIMIT
    middle = medians(seconds)
    return f"{1e3 * middle[name]:.4g} ({middle[name] / middle[LIMIT]:.3g})" if name in middle else "-"


def times_table(title: str, sizes: list[dict]) -> list[str]:
    "Medians in milliseconds and, in brackets, as multiples of the bare product."
    names = list(dict.fromkeys(name for size in sizes for name in size["seconds"]))
    rows = [f"{title:25}" + "".join(f"{label(size['n'], size['d']):>18}" for size in sizes)]
    return rows + [f"{name:25}" + "".join(f"{shown(name, size['seconds']):>18}" for size in sizes) for name in names]


def table(result: dict) -> list[str]:
    "Times with all cores and on one thread, who is missing, memory as multiples of X."
    rows = times_table("ms, all cores", result["sizes"]) + times_table("ms, one thread", result["one thread"])
    for package in dict.fromkeys(package for size in result["sizes"] for package in size["not installed"]):
        rows.append(f"{package} is not installed")
    for size in result["memory"]:
        rows.append(f"extra memory at {label(size['n'], size['d'])}, multiples of X: "
                    + ", ".join(f"{name} {extra['of X']:.3g}" for name, extra in size["extra"].items()))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fits", description=__doc__.splitlines()[0])
    jobs = parser.add_subparsers(dest="job", required=True)
    time_job = jobs.add_parser("time", help="seconds of every contender at one size, as JSON")
    memory_job = jobs.add_parser("memory", help="peak extra memory of one contender, as JSON")
    memory_job.add_argument("name", help="the contender")
    for job in (time_job, memory_job):
        job.add_argument("n", type=int, help="rows")
        job.add_argument("d", type=int, help="columns, the intercept's apart")
    time_job.add_argument("--repeats", type=int, default=7, help="turns of each contender (default: 7)")
    args = parser.parse_args()
    result = timed(args.n, args.d, args.repeats) if args.job == "time" else remembered(args.name, args.n, args.d)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
