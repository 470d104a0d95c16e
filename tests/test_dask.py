"Fits on clusters of processes: the same bits on any number of workers, also if one is killed in the middle."
import os
import threading
import time
from pathlib import Path
from signal import SIGKILL

import numpy as np
import pytest

from linreg_nb import Accumulator, fit_dask

da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("distributed")
BLOCKS, ROWS = 12, 200


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    "Columns of very different ranges, and rows of which most cancel: an inexact sum differs with every order."
    rng = np.random.default_rng(0)
    X = rng.standard_normal((BLOCKS * ROWS, 4)) * 10.0 ** rng.integers(-6, 7, (BLOCKS * ROWS, 4))
    y = X @ [1.0, -2.0, 0.5, 3.0] + rng.standard_normal(len(X))
    X[::7], y[::7] = 1e12 * rng.choice([-1, 1], (len(X[::7]), 4)), 1e20 * rng.choice([-1, 1], len(X[::7]))
    return X, y


def bits(r) -> bytes:
    "All that must not change, as bytes."
    return b"".join(np.asarray(getattr(r, name)).tobytes() for name in ("theta", "stderr", "rss"))


def cluster(workers: int):
    "A cluster of that many processes on this machine, with nothing to look at."
    return distributed.LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None,
                                    silence_logs=50)


def in_blocks(X: np.ndarray, y: np.ndarray) -> tuple:
    "Both as dask arrays."
    return da.from_array(X, chunks=(ROWS, 4)), da.from_array(y, chunks=ROWS)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_same_bits_on_any_number_of_workers(rows, workers):
    "One, two and four processes give the bits of one accumulator in this process; the last by the scheduler's address."
    wanted = bits(Accumulator().update(*rows).fit())
    with cluster(workers) as processes:
        if workers == 4:
            found = fit_dask(*in_blocks(*rows), client=processes.scheduler_address)
        else:
            with distributed.Client(processes) as client:
                found = fit_dask(*in_blocks(*rows), client=client)
    assert bits(found) == wanted


def test_without_a_cluster_one_is_made_and_taken_down(rows):
    "No client anywhere: a local cluster comes and goes."
    with pytest.raises(ValueError, match="[Nn]o client"):
        distributed.default_client()
    assert bits(fit_dask(*in_blocks(*rows))) == bits(Accumulator().update(*rows).fit())
    with pytest.raises(ValueError, match="[Nn]o client"):
        distributed.default_client()


def noted(block: np.ndarray, folder: str = "", block_info=None) -> np.ndarray:
    "`block`, a moment later, and a file that says which process made it."
    where = block_info[0]["chunk-location"][0]
    with open(Path(folder) / f"{os.getpid()}-{where}-{time.monotonic_ns()}", "w"):
        time.sleep(0.1)
    return block


def made_by(folder: Path) -> list[tuple[int, int]]:
    "Process and number of each block that was begun."
    return [tuple(map(int, path.name.split("-")[:2])) for path in folder.iterdir()]


def test_same_bits_though_a_worker_is_killed(rows, tmp_path):
    "A worker that holds sums of two blocks or more is killed: others make them again, and no bit changes."
    X, y = in_blocks(*rows)
    X = X.map_blocks(noted, folder=str(tmp_path), dtype=float, meta=np.empty((0, 0)))
    killed, deadline = [], time.monotonic() + 60

    def kill() -> None:
        while not killed and time.monotonic() < deadline:
            begun = [pid for pid, _ in made_by(tmp_path)]
            if full := [pid for pid in begun if begun.count(pid) >= 3]:
                os.kill(full[0], SIGKILL)
                killed.append(full[0])
            time.sleep(0.005)

    with cluster(2) as processes, distributed.Client(processes) as client:
        assassin = threading.Thread(target=kill)
        assassin.start()
        found = fit_dask(X, y, client=client)
        assassin.join()
        assert killed[0] not in client.run(os.getpid).values()
    blocks = [block for _, block in made_by(tmp_path)]
    assert set(blocks) == set(range(BLOCKS)) and len(blocks) > BLOCKS, "nothing had to be made again"
    assert bits(found) == bits(Accumulator().update(*rows).fit())
