"A copy of this checkout for tests that build or write: what git tracks or would track, as it is now."
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def git(folder: Path, *args: str) -> str:
    "What git prints in `folder`."
    return subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True).stdout


def checkout_files() -> list[str]:
    "Paths of the files that belong to the checkout, relative to its top; ignored ones are left out."
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    return sorted({name for name in listed if name and (ROOT / name).is_file()})


def copy_checkout(folder: Path) -> Path:
    "`folder`, filled with a copy of the checkout's files; links stay links."
    for name in checkout_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder
