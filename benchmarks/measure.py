"Timing by turns, so that a machine that slows down slows every contender alike; and what a result must say of itself."
import importlib.metadata
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
           "POLARS_MAX_THREADS")
PACKAGES = ("linreg_nb", "numpy", "scipy", "numba", "scikit-learn", "statsmodels", "polars", "polars-ols", "pyarrow",
            "pandas", "nbdev", "smalldocs")
LEAST = 0.01  # seconds that one timing takes at least: a shorter job is repeated within it


@dataclass
class Claim:
    "One figure and the limit it is held to."
    name: str      # what is compared
    value: float   # what was measured
    limit: float   # the limit
    at_most: bool  # whether the value must not be above the limit, rather than not below
    aim: float | None = None  # a stricter figure to aim at

    def keeps_to(self, limit: float) -> bool:
        "Whether the measured value is on the right side of `limit`."
        return self.value <= limit if self.at_most else self.value >= limit

    @property
    def holds(self) -> bool:
        "Whether the measured value keeps to its limit."
        return self.keeps_to(self.limit)

    def as_dict(self) -> dict:
        "What is stored of it."
        sign = "<=" if self.at_most else ">="
        aim = {} if self.aim is None else {"aim": f"{sign} {self.aim:g}", "aim reached": self.keeps_to(self.aim)}
        return {"claim": self.name, "measured": self.value, "wanted": f"{sign} {self.limit:g}", "holds": self.holds,
                **aim}


def times_within(job: Callable[[], object]) -> int:
    "How often `job` must run for one timing to take LEAST seconds: 1, 2, 4, … times; running it here also warms it up."
    job()  # the first call may load and compile
    number = 1
    while True:
        start = time.perf_counter()
        for _ in range(number):
            job()
        if time.perf_counter() - start >= LEAST:
            return number
        number *= 2


def by_turns(jobs: dict[str, Callable[[], object]], repeats: int, rest: float = 0) -> dict[str, list[float]]:
    """Seconds that each job takes, `repeats` times, all jobs once before any has its next turn, `rest` seconds between.

    Each turn begins with another job, and every second one goes backwards: nobody has the same neighbour each time.
    """
    number = {name: times_within(job) for name, job in jobs.items()}
    seconds = {name: [] for name in jobs}
    for turn in range(repeats):
        order = list(jobs)[turn % len(jobs):] + list(jobs)[:turn % len(jobs)]
        for name in order[::-1 if turn % 2 else 1]:
            job = jobs[name]
            time.sleep(rest)
            start = time.perf_counter()
            for _ in range(number[name]):
                job()
            seconds[name].append((time.perf_counter() - start) / number[name])
    return seconds


def medians(seconds: dict[str, list[float]]) -> dict[str, float]:
    "The median of each job's times."
    return {name: statistics.median(values) for name, values in seconds.items()}


def cpu_model() -> str:
    "The processor's name, as far as the system tells it."
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def version(package: str) -> str | None:
    "The installed version of `package`, or None."
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def cores() -> int:
    "The cores that this process may use."
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def commit() -> str | None:
    "The commit that was measured, with + behind it where files but results had changed since; None outside git."
    changed = ("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    asked = [subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True) for args in
             (("rev-parse", "--short", "HEAD"), changed)]
    return None if asked[0].returncode else asked[0].stdout.strip() + ("+" if asked[1].stdout.strip() else "")


def memory_gib() -> float | None:
    "The machine's memory in GiB, as far as the system tells it."
    info = Path("/proc/meminfo")
    found = re.search(r"MemTotal:\s*(\d+) kB", info.read_text()) if info.exists() else None
    return round(int(found[1]) / 2**20, 1) if found else None


def system() -> str:
    "The operating system's name and version."
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def blas() -> list[str]:
    "The linear algebra libraries that are loaded, with their threads; numpy and scipy bring one each."
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    return [f"{found['internal_api']} {found['version']} ({Path(found['filepath']).parent.name.split('.')[0]}, "
            f"{found.get('architecture', '?')}): {found['num_threads']} threads"
            for found in threadpool_info() if found["user_api"] == "blas"]


def circumstances() -> dict:
    "Machine, versions and thread counts: without them a time says nothing."
    return {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "cpu": cpu_model(), "cores": cores(),
            "memory GiB": memory_gib(), "system": system(), "python": platform.python_version(),
            "versions": {name: version(name) for name in PACKAGES},
            "threads": {name: os.environ.get(name) for name in THREADS}, "blas": blas()}
