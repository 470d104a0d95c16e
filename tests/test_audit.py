"The audit as a command in a process of its own, and with R where it is here."
import importlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from linreg_nb.data import load_strd

audit_module = importlib.import_module("linreg_nb.audit")
needs_r = pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not here")


def command(*arguments) -> subprocess.CompletedProcess:
    "What `python -m linreg_nb` says."
    line = [sys.executable, "-m", "linreg_nb", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True)


@pytest.fixture
def sensor(tmp_path):
    "A CSV file with an hour of a sensor, in seconds since 1970."
    seconds = 1_760_000_000 + np.arange(600)
    rng = np.random.default_rng(0)
    warmth = 20 + 0.001 * np.arange(600) + 0.05 * rng.standard_normal(600)
    rows = [f"{s},{w!r},{room}" for s, w, room in zip(seconds.tolist(), warmth.tolist(), "ab" * 300, strict=True)]
    path = tmp_path / "sensor.csv"
    path.write_text("\n".join(["seconds,warmth,room", *rows]) + "\n")
    return path


def test_the_command_reports_in_three_forms(sensor):
    "Text, JSON and HTML; each program there, its version or that it isn't installed."
    text = command("audit", sensor, "--y", "warmth")
    assert text.returncode == 0 and text.stderr == "", text.stderr
    for name in audit_module.PROGRAMS:
        assert name in text.stdout
    assert np.__version__ in text.stdout and "hold no numbers: room" in text.stdout
    told = json.loads(command("audit", sensor, "--y", "warmth", "--x", "seconds", "--format", "json").stdout)
    assert [p["name"] for p in told["programs"]] == list(audit_module.PROGRAMS)
    by_name = {p["name"]: p for p in told["programs"]}
    assert by_name["linreg_nb fit"]["default"]["fewest"] > 8 > 6 > by_name["numpy lstsq"]["default"]["fewest"]
    assert by_name["numpy lstsq"]["mend"]["fewest"] >= 6
    html = command("audit", sensor, "--formula", "warmth ~ seconds + C(room)", "--format", "html")
    assert html.returncode == 0 and html.stdout.startswith("<!doctype html>") and "C(room)[T.b]" in html.stdout


@pytest.mark.parametrize(("arguments", "said"), [
    (["audit", "none.csv", "--y", "a"], "none.csv: No such file or directory"),
    (["audit"], "the following arguments are required: file"),
    ([], "the following arguments are required: command"),
], ids=["no such file", "no file", "no command"])
def test_an_error_is_one_line_and_exit_code_2(arguments, said):
    "Nothing on standard output, no traceback."
    done = command(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1) and said in done.stderr


def test_a_bad_cell_is_named_by_line_and_column(sensor):
    "By its line in the file."
    sensor.write_text(sensor.read_text().replace("1760000007,", "1760000007x,"))
    done = command("audit", sensor, "--y", "warmth")
    assert done.returncode == 2 and "column 'seconds', line 9 holds '1760000007x'" in done.stderr


@needs_r
def test_r_takes_part():
    "R's lm leaves Filip's tenth power out at its default tolerance, and gets it with a smaller one."
    filip, norris = load_strd("Filip"), load_strd("Norris")
    number, found = audit_module.run_r({"Filip": (filip.X, filip.y, True), "Norris": (norris.X, norris.y, True)},
                                       ["1e-07", "1e-12"])
    assert number.startswith("R version ") and np.isnan(found["Filip", "1e-07"][0]).any()
    np.testing.assert_allclose(found["Norris", "1e-07"][0], norris.theta, rtol=1e-10)
    np.testing.assert_allclose(found["Norris", "1e-07"][1], norris.stderr, rtol=1e-10)
    report = audit_module.audit(filip.X, filip.y, programs=["R lm"])
    assert report.findings[0].default.fewest == 0 and "coefficients are NA" in report.findings[0].default.said
    assert report.findings[0].mend.how == "tol=1e-12" and report.findings[0].mend.fewest > 6
    none = audit_module.run_r({"NoInt1": (load_strd("NoInt1").X, load_strd("NoInt1").y, False)}, ["1e-07"])[1]
    np.testing.assert_allclose(none["NoInt1", "1e-07"][0], load_strd("NoInt1").theta, rtol=1e-10)


def test_an_absent_package_is_shown_as_such(monkeypatch):
    "Nothing breaks where a package isn't installed."
    name = "scikit-learn LinearRegression"
    monkeypatch.setitem(audit_module.PROGRAMS, name, audit_module.PROGRAMS[name]._replace(package="no-such-package"))
    d = load_strd("Norris")
    report = audit_module.audit(d.X, d.y, programs=["linreg_nb fit", name])
    assert any(name in line and "not installed" in line for line in report.text().splitlines())
    assert json.loads(report.json())["programs"][1]["installed"] is False


def test_many_rows_are_sensible():
    "A hundred thousand rows, every program that is here: the whole audit ends, and the exact answer is in it."
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100_000, 4)) * [1, 1e3, 1, 1] + [0, 0, 1e4, 0]
    report = audit_module.audit(X, X @ [1, 2, 3, 4] + rng.normal(size=100_000))
    assert report.rows == 100_000 and report.findings[0].default.fewest > 8
    np.testing.assert_allclose(report.theta[1:], [1, 2, 3, 4], rtol=0.02)
