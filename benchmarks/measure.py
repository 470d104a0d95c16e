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
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PACKAGES = ("linreg_nb", "numpy", "scipy", "numba", "scikit-learn", "nbdev", "smalldocs")
LEAST = 0.01  # seconds that one timing takes at least: a shorter job is repeated within it


@dataclass
class Claim:
    "One figure and the limit it is held to."
    name: str      # what is compared
    value: float   # what was measured
    limit: float   # the limit
    at_most: bool  # whether the value must not be above the limit, rather than not below

    @property
    def holds(self) -> bool:
        "Whether the measured value keeps to its limit."
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def as_dict(self) -> dict:
        "What is stored of it."
        sign = "<=" if self.at_most else ">="
        return {"claim": self.name, "measured": self.value, "wanted": f"{sign} {self.limit:g}", "holds": self.holds}


def times_within(job: Callable[[], object]) -> int:
    "How often `job` must run for one timing to take LEAST seconds; running it here also warms it up."
    job()
    start = time.perf_counter()
    job()
    return max(1, round(LEAST / max(time.perf_counter() - start, 1e-9)))


def by_turns(jobs: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    "Seconds that each job takes, `repeats` times, all jobs once before any has its next turn."
    number = {name: times_within(job) for name, job in jobs.items()}
    seconds = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
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


def commit() -> str | None:
    "The commit that was measured, with + behind it where files had changed since; None outside git."
    asked = [subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True) for args in
             (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))]
    return None if asked[0].returncode else asked[0].stdout.strip() + ("+" if asked[1].stdout.strip() else "")


def circumstances() -> dict:
    "Machine, versions and thread counts: without them a time says nothing."
    return {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "cpu": cpu_model(), "cores": os.cpu_count(),
            "system": platform.system(), "python": platform.python_version(),
            "versions": {name: version(name) for name in PACKAGES},
            "threads": {name: os.environ.get(name) for name in THREADS}}
