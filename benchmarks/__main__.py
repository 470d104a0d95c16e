"""Measure linreg_nb beside its peers, the contenders by turns in one run, and fail where a limit is missed.

Prints medians, ratios and digits. Everything runs on one thread, but for `fits`, where every contender has all cores,
and at some sizes one thread too, and for `book`, whose tests have two workers.
A peer that is not installed is named and left out. All cases together take about half an hour on an idle machine;
`streaming` needs 9 GB of disk for that time, or less with --rows.
"""
import argparse
import json
import math
import os
import sys

from .measure import ROOT, THREADS, circumstances, medians

RESULTS = ROOT / "benchmarks" / "results"


def readable(seconds: float) -> str:
    "`seconds` in the unit that suits its size."
    unit, factor = next((u, f) for u, f in (("s", 1), ("ms", 1e3), ("us", 1e6)) if seconds * f >= 1 or u == "us")
    return f"{seconds * factor:.3g} {unit}"


def show(name: str, what: str, result: dict, table: list[str]) -> None:
    "Print one case: its own table if it has one, then times, figures and claims."
    print(f"\n{name}: {what}")
    print("".join(f"  {line}\n" for line in table), end="")
    for job, seconds in result.get("seconds", {}).items():
        print(f"  {job:<56}{readable(medians(result['seconds'])[job]):>10}"
              f"   ({readable(min(seconds))} to {readable(max(seconds))})")
    for key, value in result.items():
        if isinstance(value, float):
            print(f"  {key:<56}{value:>10.2g}")
    for claim in result["claims"]:
        verdict = "holds" if claim.holds else "MISSED"
        print(f"  {claim.name:<56}{claim.value:>10.3g}   wanted {claim.as_dict()['wanted']}: {verdict}")


def rounded(value):
    "`value` with every float in it cut to six digits: a time has no more; None for what is no finite number."
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


def store(name: str, what: str, repeats: int, result: dict) -> None:
    "Write one case, with the circumstances, to benchmarks/results/."
    timed = {"repeats": repeats, "medians": medians(result["seconds"])} if "seconds" in result else {}
    text = {"case": name, "what": what, **circumstances(), **result, **timed,
            "claims": [claim.as_dict() for claim in result["claims"]]}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(rounded(text), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def main(argv: list[str] | None = None) -> None:
    for name in THREADS:
        os.environ[name] = "1"  # before numpy is loaded: the same for every contender
    from . import streaming
    from .cases import CASES, TABLES
    listed = "\n".join(f"  {name}: {case.__doc__}" for name, case in CASES.items())
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, epilog=f"cases:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="case", help="the cases to run; default: all")
    parser.add_argument("--repeats", type=int, default=8,
                        help="turns of each contender (default: 8; an even number has as many forwards as backwards)")
    parser.add_argument("--write", action="store_true", help="store the results in benchmarks/results/")
    parser.add_argument("--rows", type=int, help=f"rows of the file of `streaming` (default: {streaming.ROWS:,})")
    args = parser.parse_args(argv)
    streaming.ROWS = args.rows or streaming.ROWS
    if unknown := set(args.names) - CASES.keys():
        parser.error(f"no case is called {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    missed = []
    for name in args.names or CASES:
        result = CASES[name](args.repeats)
        show(name, CASES[name].__doc__, result, TABLES[name](result) if name in TABLES else [])
        missed += [claim.name for claim in result["claims"] if not claim.holds]
        if args.write:
            store(name, CASES[name].__doc__, args.repeats, result)
    if missed:
        sys.exit(f"benchmarks: missed: {'; '.join(missed)}. Run again on an idle machine before you look for a cause")


if __name__ == "__main__":
    main()
