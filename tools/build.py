#!/usr/bin/env python3
"""Build the book: module, a real fit as a first proof, README and site.

Each step is shown with its time. The site is made by Quarto where it is installed, else by smalldocs.
"""
import argparse
import contextlib
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # two processes at once should not fight for the cores

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
PROC = ROOT / "_proc"
DOCS = ROOT / "_docs"
CACHE = ROOT / ".cache"


@contextlib.contextmanager
def step(text: str):
    "Announce a step, then say how long it took."
    print(f"{text} ...", flush=True)
    start = time.perf_counter()
    yield
    print(f"    done in {time.perf_counter() - start:.1f} s", flush=True)


def export() -> None:
    "The notebooks' exported cells as the module linreg_nb."
    from nbdev.doclinks import nbdev_export
    nbdev_export.__wrapped__()


def fit_longley() -> None:
    "Fit NIST's Longley data with the module and print the result beside the certified values."
    from linreg_nb.conditioning import correct_digits
    from linreg_nb.data import load_strd
    from linreg_nb.least_squares import fit
    data = load_strd("Longley")
    theta = fit(data.X, data.y, min_digits=14).theta
    print(f"    {'':<12}{'fitted':>24}{'certified by NIST':>24}   correct digits")
    digits = correct_digits(theta, data.theta)
    for name, value, certified, right in zip(data.names, theta, data.theta, digits, strict=True):
        print(f"    {name:<12}{value:>24.12f}{certified:>24.12f}{right:>17.1f}")


def keep_pictures(stored: Path, processed: Path) -> None:
    "nbdev runs cells that hold an import once more; a picture among their outputs stays the stored one."
    before = {cell["id"]: cell for cell in json.loads(stored.read_text(encoding="utf-8"))["cells"]}
    notebook = json.loads(processed.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        outputs = before.get(cell["id"], {}).get("outputs", [])
        if any("image/png" in out.get("data", {}) for out in outputs):
            cell["outputs"] = outputs
    processed.write_text(json.dumps(notebook), encoding="utf-8")


def process() -> None:
    "What nbdev's documentation commands do short of calling Quarto: the processed notebooks in `_proc`."
    import nbdev.doclinks
    from nbdev.quarto import nbdev_sidebar, refresh_quarto_yml
    from nbdev.serve import proc_nbs
    from site_text import order_documentation
    refresh_quarto_yml()
    nbdev.doclinks._build_modidx()
    nbdev_sidebar.__wrapped__()
    try:
        proc_nbs(".", force=True, n_workers=2)  # relative, since nbdev skips paths with a component like .x or _docs
    except Exception as error:
        why = re.findall(r"^\w[\w.]*(?:Error|Exception|Exit|Interrupt): .*", str(error.__cause__), re.M)
        sys.exit(f"build: {error}\n{why[0] if why else ''}\nnbdev runs the cells that export or import something; "
                 "mend this one (`python tools/execute.py` runs whole chapters), then build again")
    missing = [p.name for p in NBS.glob("*.ipynb") if not (PROC / p.name).exists()]
    if missing:
        sys.exit(f"build: nbdev left out {', '.join(missing)}: run `pip install -e '.[dev]'` in {ROOT} first")
    for path in NBS.glob("*.ipynb"):
        keep_pictures(path, PROC / path.name)
        order_documentation(path, PROC / path.name)


def build_smalldocs() -> Path:
    "The site by smalldocs, from a mended copy of `_proc`."
    import smalldocs.site
    from nbdev.config import get_config
    from site_finish import finish
    from site_pages import prepare
    cfg = get_config()
    pages = CACHE / "pages"
    notes = prepare(PROC, pages, cfg.doc_host + cfg.doc_baseurl)
    site = smalldocs.site.build(pages, quiet=True)
    count = finish(site.out, CACHE)
    for note in notes + [w for w in site.warnings if "broken link" in w]:
        print(f"    mend: {note}")
    print(f"    {len(site.pages)} pages, {count} formulas")
    return site.out


def build_quarto() -> Path:
    "The site by Quarto, which takes KaTeX from the site itself instead of another host."
    from site_finish import drop_remote_fonts
    from site_quarto import prepare_quarto
    prepare_quarto(PROC, CACHE)
    done = subprocess.run(["quarto", "render", "--no-execute", "--no-cache"], cwd=PROC)
    if done.returncode:
        sys.exit("build: quarto failed; its message stands above")
    drop_remote_fonts(PROC / "_docs")
    return PROC / "_docs"


def replace_docs(site: Path) -> None:
    "Put the new site where the old one was, in one move."
    old = CACHE / "old_docs"
    shutil.rmtree(old, ignore_errors=True)
    if DOCS.exists():
        DOCS.rename(old)
    shutil.move(site, DOCS)
    shutil.rmtree(old, ignore_errors=True)


def make_runnable(site: Path, lite: bool, pyodide: Path | None) -> None:
    "The ways to run each chapter: boxes beside cells, links on the pages, JupyterLite if wanted."
    from site_lite import NETWORK, add_links, build_lite, own_wheel
    from site_tryit import fill
    wheel = own_wheel(CACHE / "wheel")
    add_links(site, lite)
    count = fill(NBS, site, "../../lite/static/pyodide/" if pyodide else f"{NETWORK}/", wheel)
    print(f"    {count} boxes to try")
    if lite:
        build_lite(site, CACHE, pyodide, wheel)


def build(engine: str, lite: bool = False, pyodide: Path | None = None) -> None:
    "All steps, one after the other."
    start = time.perf_counter()
    os.chdir(NBS)  # nbdev runs cells where it is called; the notebooks' plot style lies here
    sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
    CACHE.mkdir(exist_ok=True)
    from nbdev.config import get_config
    from site_breaks import add_boxes, add_script
    from site_extra import add_pages, finish_extra
    from site_light import lighten
    from site_tryit import mark
    with step("1/6 exporting the notebooks to the module linreg_nb"):
        export()
    with step("2/6 fitting NIST's Longley data with it"):
        fit_longley()
    with step("3/6 writing README.md from the index"):
        import readme
        readme.write(readme.make())
    with step("4/6 processing the notebooks"):
        process()
        add_pages(PROC)
        add_boxes(PROC)
        mark(NBS, PROC)
    with step(f"5/6 building the site with {engine}"):
        site, cfg = build_quarto() if engine == "quarto" else build_smalldocs(), get_config()
        finish_extra(site, PROC, cfg.doc_host + cfg.doc_baseurl, cfg.doc_baseurl)
        add_script(site)
    with step("6/6 making the chapters run" + (" in the browser" if lite else "")):
        make_runnable(site, lite, pyodide)
        if engine == "smalldocs":
            lighten(site, CACHE)
    replace_docs(site)
    print(f"built in {time.perf_counter() - start:.0f} s: {DOCS}")


class Handler(http.server.SimpleHTTPRequestHandler):
    "Serves the site as it is now, never from the browser's memory of an earlier build."

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *args) -> None:
        "Nothing for each request."


def sources() -> dict[Path, float]:
    "The files that the site is made of, with the times of their last change."
    paths = [*NBS.glob("*.ipynb"), *NBS.glob("*.css"), ROOT / "_quarto.yml", ROOT / "settings.ini"]
    return {p: p.stat().st_mtime for p in paths if p.exists()}


def watch() -> threading.Event:
    "An event that is set whenever something changes in nbs/."
    from watchdog.events import FileSystemEventHandler
    from watchdog.observers import Observer
    changed = threading.Event()
    handler = FileSystemEventHandler()
    handler.on_any_event = lambda event: changed.set()
    observer = Observer()
    observer.schedule(handler, str(NBS))
    observer.start()
    return changed


def rebuild_on_change(*how) -> None:
    "Wait for changes and build again, in a process of its own; where that fails, the old site stays."
    changed, seen = watch(), sources()
    again = [sys.executable, "-c", f"from pathlib import *; import build; build.build(*{how!r})"]
    while True:
        changed.wait()
        time.sleep(0.3)  # an editor writes in several steps
        changed.clear()
        now = sources()
        names = sorted(p.name for p in now.keys() | seen.keys() if now.get(p) != seen.get(p))
        seen = now
        if names:
            print(f"\nchanged: {', '.join(names)}", flush=True)
            if subprocess.run(again, cwd=Path(__file__).parent).returncode:
                print("the build failed, for the reason above; the site stays as it was", flush=True)


def serve(port: int, *how) -> None:
    "Serve the site on this machine alone until Ctrl-C, and rebuild it on change."
    handler = functools.partial(Handler, directory=str(DOCS))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        sys.exit(f"build: can't serve on port {port} ({error}): give another one with --port")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"open http://127.0.0.1:{server.server_port}/ (Ctrl-C stops; a change in nbs/ is built at once, then reload)",
          flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        rebuild_on_change(*how)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["auto", "quarto", "smalldocs"], default="auto",
                        help="what renders the site; auto (the default) takes Quarto where it is installed")
    parser.add_argument("--lite", action="store_true",
                        help="let readers run each chapter in the browser (JupyterLite): 30 MB and half a minute more")
    parser.add_argument("--pyodide", type=Path, metavar="FOLDER",
                        help="the browser's Python from this folder, which tools/site_lite.py fills, and not from its "
                             "content network: the site is then whole without a network, and 57 MB larger")
    parser.add_argument("--serve", action="store_true", help="then serve the site, and rebuild it on change")
    parser.add_argument("--port", type=int, default=8000, help="port to serve on (default: 8000; 0 takes any free one)")
    args = parser.parse_args()
    if args.pyodide and not (args.lite and (args.pyodide / "pyodide-lock.json").exists()):
        sys.exit("build: --pyodide goes with --lite, and wants a folder filled by `python tools/site_lite.py FOLDER`")
    quarto = shutil.which("quarto")
    if args.engine == "quarto" and not quarto:
        sys.exit("build: Quarto is not on the PATH: install it from quarto.org, or use --engine smalldocs")
    engine = ("quarto" if quarto else "smalldocs") if args.engine == "auto" else args.engine
    how = engine, args.lite, args.pyodide and args.pyodide.resolve()
    build(*how)
    if args.serve:
        serve(args.port, *how)
    else:
        print(f"open {DOCS / 'index.html'} in a browser; its search box needs `python tools/build.py --serve`")


if __name__ == "__main__":
    main()
