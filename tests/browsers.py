"The browser and the driver that the tests use: of those on the path, two of the same version."
import os
import re
import shutil
import subprocess

import pytest


def major(program: str) -> str | None:
    "The first number of the version that `program` states."
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return found[1] if (found := re.search(r"\b(\d+)\.\d+\.\d+", said)) else None


def pair() -> tuple[str | None, str | None]:
    "Chromium or Chrome, and the driver made for it; None for what is missing."
    driver = shutil.which("chromedriver")
    browsers = [p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome")) if p]
    fitting = [b for b in browsers if driver and major(b) == major(driver)]
    return next(iter(fitting + browsers), None), driver


BROWSER, DRIVER = pair()
needs_browser = pytest.mark.skipif(
    not (BROWSER and DRIVER) and not os.environ.get("CI"),
    reason="no chromium with its driver on the path: install both (Debian: apt install chromium chromium-driver)")
