"A run over a file that is killed in the middle, and taken up again by another process."
import subprocess
import sys
import time
from signal import SIGKILL

import numpy as np
import pytest

from linreg_nb import Accumulator
from linreg_nb.out_of_core import Reader, fit_chunks, read_csv, read_npy

SLOW = """
import sys, time
from linreg_nb.out_of_core import Reader, fit_chunks, read_csv, read_npy

def slowly(chunks):
    for chunk in chunks:
        time.sleep(0.02)
        yield chunk

path, checkpoint, exact = sys.argv[1:]
reader = read_npy(path, y=3, rows=100) if path.endswith(".npy") else read_csv(path, y="y", rows=100)
slow = Reader(lambda start: slowly(reader.read(start)), reader.source)
fit_chunks(slow, checkpoint=checkpoint, every=0, exact=exact == "True")
"""


def bits(r) -> bytes:
    "All that must not change, as bytes."
    return b"".join(np.asarray(getattr(r, name)).tobytes() for name in ("theta", "stderr", "rss"))


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "float64"])
@pytest.mark.parametrize("kind", ["npy", "csv"])
def test_killed_run_is_resumed_to_the_same_bits(tmp_path, kind, exact):
    "SIGKILL leaves no time to save: the last checkpoint is whole, and the rest is read behind it."
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((10_000, 4)) * 10.0 ** rng.integers(-3, 4, (10_000, 4))
    path, checkpoint = tmp_path / f"rows.{kind}", tmp_path / "run.npz"
    if kind == "npy":
        np.save(path, rows)
        reader = read_npy(path, y=3, rows=100)
    else:
        path.write_text("a,b,c,y\n" + "".join(f"{','.join(map(repr, row))}\n" for row in rows.tolist()))
        reader = read_csv(path, y="y", rows=100)
    run = subprocess.Popen([sys.executable, "-c", SLOW, path, checkpoint, str(exact)])
    deadline = time.monotonic() + 60
    while not (checkpoint.exists() and Accumulator.load(checkpoint).n >= 500) and time.monotonic() < deadline:
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(SIGKILL)
    assert run.wait() == -SIGKILL
    done = Accumulator.load(checkpoint).n
    assert 500 <= done < 10_000
    read_from = []
    watched = Reader(lambda start: read_from.append(start) or reader.read(start), reader.source)
    resumed, straight = fit_chunks(watched, checkpoint=checkpoint, exact=exact), fit_chunks(reader, exact=exact)
    assert read_from == [done] and bits(resumed) == bits(straight) and resumed.reading.rows == 10_000
    if exact:
        assert bits(resumed) == bits(Accumulator().update(rows[:, :3], rows[:, 3]).fit())
