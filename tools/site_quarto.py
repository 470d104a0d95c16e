"What Quarto needs beyond nbdev's own processing: KaTeX from this site, and numbered chapters in the sidebar."
import json
import shutil
from pathlib import Path

import yaml
from site_finish import katex
from site_text import Page, read_page


def change_yaml(path: Path, change) -> None:
    "Read a YAML file, let `change` edit it in place, write it back."
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.unlink()  # it may be a link
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def drop_widgets(page: Page) -> None:
    "nbdev notes an empty state of Jupyter widgets, for which Quarto would load scripts from another host."
    if page.nb["metadata"].pop("widgets", None) is not None:
        page.path.write_text(json.dumps(page.nb), encoding="utf-8")


def prepare_quarto(proc: Path, cache: Path) -> None:
    "Change `_proc` in place."
    pages = {path.name: read_page(path) for path in sorted(proc.glob("*.ipynb"))}
    shutil.copytree(katex(cache) / "dist", proc / "katex", dirs_exist_ok=True)

    def settings(config: dict) -> None:
        config["format"]["html"]["html-math-method"] = {"method": "katex", "url": "katex/"}
        config["project"]["resources"] = ["katex/**"]

    def numbered(sidebar: dict) -> None:
        contents = sidebar["website"]["sidebar"]["contents"]
        contents[:] = [{"href": n, "text": f"{pages[n].chapter} {pages[n].title}".strip()} for n in contents]

    change_yaml(proc / "_quarto.yml", settings)
    change_yaml(proc / "sidebar.yml", numbered)
    for page in pages.values():
        drop_widgets(page)
