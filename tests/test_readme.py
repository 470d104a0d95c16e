"README.md: made from the index, in Markdown that GitHub and PyPI both show, and never edited by hand."
import re
import subprocess
import sys
from pathlib import Path

import pytest
from copies import copy_checkout
from readme import plain_markdown
from site_text import Page, number_labels

HOME = "https://example.org/book"
RAW = re.compile(r"^:::|\{#|\{\.|(?<!\w)@(?:eq|fig|sec)-|^#\|", re.M)


def shown(text: str) -> str:
    page = Page(Path("index.ipynb"), {"cells": [{"cell_type": "markdown", "id": "m", "source": text}]})
    number_labels(page)
    return plain_markdown(text, page, HOME)


def test_equations_keep_their_dollars_and_lose_their_labels():
    assert shown("$$ a = b $$ {#eq-a}\n\nBy @eq-a, $c$.") == "$$ a = b $$\n\nBy equation (1), $c$."


def test_a_callout_becomes_a_quotation():
    text = shown('::: {.callout-warning title="Common confusion"}\nNot so:\n\nso.\n:::\n\nAfter.')
    assert text == "> **Common confusion**\n>\n> Not so:\n>\n> so.\n\nAfter."


def test_code_in_a_callout_is_quoted_with_it():
    text = shown('::: {.callout-tip title="T"}\n```sh\na\n\nb\n```\n:::')
    assert text == "> **T**\n>\n> ```sh\n> a\n> \n> b\n> ```"


def test_links_lead_to_the_published_pages():
    assert shown("[a](03_sgd.ipynb#eq-lms), [b](index.ipynb)") == f"[a]({HOME}/sgd.html#eq-lms), [b]({HOME}/index.html)"


def test_code_is_left_alone():
    code = "```python\n#| export\nx = '@eq-a {#eq-b}'\n```"
    assert shown(code) == code


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    "A copy of the checkout whose README has just been made."
    folder = copy_checkout(tmp_path_factory.mktemp("readme") / "linreg_nb")
    done = readme(folder)
    assert done.returncode == 0, done.stdout
    return folder


def readme(folder: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "tools/readme.py", *options], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_the_readme_has_no_quarto_markup_and_its_pictures_exist(copy):
    text = (copy / "README.md").read_text(encoding="utf-8")
    assert text.count("\n# ") == 1 and "\n> " in text and not RAW.search(re.sub(r"```.*?```", "", text, flags=re.S))
    pictures = re.findall(r"!\[([^\]]*)\]\(https://raw\.githubusercontent\.com/[^)]*/(README_files/[^)]+)\)", text)
    assert text.count("![") == len(pictures)
    assert all(alt and (copy / path).exists() for alt, path in pictures)


def test_an_edited_readme_is_found_and_the_message_says_what_to_do(copy):
    path = copy / "README.md"
    assert readme(copy, "--check").returncode == 0
    made = path.read_text(encoding="utf-8")
    path.write_text(made + "edited\n", encoding="utf-8")
    done = readme(copy, "--check")
    assert done.returncode == 1 and "python tools/readme.py" in done.stdout and "README.md" in done.stdout
    assert "written" in readme(copy).stdout and path.read_text(encoding="utf-8") == made
