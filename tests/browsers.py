"The browser that the tests drive: of those on the path, one with a driver of its version, started without a window."
import functools
import http.server
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver


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
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --hide-scrollbars").split()


def chromium(profile, *flags: str, logs: dict[str, str]) -> webdriver.Chrome:
    "A headless browser with a profile folder of its own; whoever starts it quits it."
    assert BROWSER and DRIVER, "CI has to install chromium and chromedriver before it runs the tests"
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={profile}", *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", logs)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    "The address of a folder, served on this machine as long as the block runs."
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *args: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
