"""The pictures of a fit beside stored ones. `python tests/test_plots.py` draws the stored ones again: look at each.

Text is compared as text in chapter 13. Here titles, labels and numbers are left out, as fonts are drawn a little
otherwise by each version of matplotlib; what is left are dots, curves, lines and where they lie. Between matplotlib
3.8.0 and 3.11.2 no pixel of these pictures differs; the broken ones below differ by 6 to 13.
"""
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images

from linreg_nb import fit, load_strd

BASELINE = Path(__file__).with_name("baseline")
TOLERANCE = 1.0  # root of the mean squared difference of the pixels, 0 to 255: see test_a_broken_picture_is_noticed
STYLE = {"figure.figsize": (4.0, 3.0), "figure.dpi": 100, "savefig.dpi": 100, "svg.hashsalt": "linreg_nb"}

rng = np.random.default_rng(13)
X = rng.integers(1, 10, (30, 3)).astype(float)
X[4] = 25.0, 1.0, 2.0
bent = fit(X, 1 + X @ [1.0, 2.0, 1.0] + 0.05 * X[:, 0]**2 + rng.standard_normal(30))
weighted = fit(X, X @ [1.0, 0.0, 1.0] + X[:, 1] * rng.standard_normal(30), weights=rng.integers(0, 3, 30).astype(float))
longley = load_strd("Longley")
longley = fit(longley.X, longley.y)

PICTURES = {
    "residuals": lambda: bent.plot_residuals(),
    "qq": lambda: bent.plot_qq(),
    "scale_location": lambda: weighted.plot_scale_location(),
    "leverage": lambda: bent.plot_leverage(),
    "coefficients": lambda: longley.plot_coefficients(per_sd=True, level=0.9),
    "added_variable": lambda: weighted.plot_added_variable("x3"),
    "panels": lambda: longley.plot(),
    "panels_dark": lambda: bent.plot(marker="^", s=30),
}


def draw(name: str, path: Path) -> None:
    "Draw one of the pictures, its text left out, into a file."
    dark = ["dark_background"] if name.endswith("dark") else []
    with plt.style.context(["default", STYLE, *dark], after_reset=True):
        axes = np.atleast_1d(PICTURES[name]())
        for ax in axes.flat:
            ax.set(title="", xlabel="", ylabel="")
            ax.xaxis.set_major_formatter(matplotlib.ticker.NullFormatter())
            ax.yaxis.set_major_formatter(matplotlib.ticker.NullFormatter())
            for text in ax.texts:
                text.set_visible(False)
            for artist in (*ax.collections, *ax.lines):
                artist.set_snap(False)  # a last digit must not move a dot by a whole pixel
        axes.flat[0].figure.savefig(path, metadata={"Software": None})
        plt.close("all")


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_the_stored_one(name, tmp_path):
    "Each picture is what it was when somebody last looked at it."
    draw(name, tmp_path / f"{name}.png")
    assert compare_images(str(BASELINE / f"{name}.png"), str(tmp_path / f"{name}.png"), TOLERANCE) is None


def test_every_stored_picture_is_drawn():
    "No stored picture is left from one that is gone."
    assert sorted(path.stem for path in BASELINE.glob("*.png")) == sorted(PICTURES)


@pytest.mark.parametrize("broken", ["a dot less", "no curve", "other contours"])
def test_a_broken_picture_is_noticed(broken, tmp_path, monkeypatch):
    "The tolerance lets none of these small mistakes pass."
    from linreg_nb import diagnostics
    name = "leverage" if broken == "other contours" else "residuals"
    if broken == "a dot less":
        monkeypatch.setitem(PICTURES, name, lambda: bent.plot_residuals(s=np.where(np.arange(30) == 4, 0.0, 20.0)))
    elif broken == "no curve":
        monkeypatch.setitem(diagnostics._CURVE, "linewidth", 0.0)
    else:
        monkeypatch.setattr(diagnostics, "_CONTOURS", (0.6, 1.0))
    draw(name, tmp_path / f"{name}.png")
    assert compare_images(str(BASELINE / f"{name}.png"), str(tmp_path / f"{name}.png"), TOLERANCE) is not None


if __name__ == "__main__":
    BASELINE.mkdir(exist_ok=True)
    matplotlib.use("Agg")
    for picture in sys.argv[1:] or PICTURES:
        draw(picture, BASELINE / f"{picture}.png")
        print(BASELINE / f"{picture}.png")
