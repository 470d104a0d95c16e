"The pass that puts Quarto's Markdown into words that smalldocs knows: labels, numbers, references, links, figures."
import json
import struct
import zlib
from base64 import b64encode
from pathlib import Path

import pytest
from site_finish import ENTRY, REMOTE_IMPORT, TIED, readable, tied, with_room
from site_pages import prepare
from site_text import Page, linked_labels, mend, number_labels, options, order_documentation, with_options

HOME = "https://example.org/book"


def page_of(*texts: str, name: str = "03_sgd.ipynb") -> Page:
    "A chapter of markdown cells with its labels numbered."
    cells = [{"cell_type": "markdown", "id": f"c{i}", "source": text} for i, text in enumerate(texts)]
    page = Page(Path(name), {"cells": cells}, name.partition("_")[2].removesuffix(".ipynb"), "Title")
    number_labels(page)
    return page


def mended(text: str, name: str = "03_sgd.ipynb") -> str:
    page = page_of(text, name=name)
    return mend(text, page, [page, Page(Path("00_data.ipynb"), {}, "data")], HOME)


def test_a_labelled_equation_gets_a_number_an_anchor_and_loses_its_label():
    text = mended("$$ a = b $$ {#eq-one}\n\nand\n\n$$\nc\n= d\n$$ {#eq-two}")
    assert "{#eq-one .equation}" in text and ">(3.1)</a>" in text and 'href="#eq-two">(3.2)</a>' in text
    assert "$$ {#" not in text and "$$\nc\n= d\n$$" in text


@pytest.mark.parametrize("name, number", [("00_data.ipynb", "(0.1)"), ("12_x.ipynb", "(12.1)"), ("index.ipynb", "(1)"),
                                          ("90_testing.ipynb", "(A.1)")])
def test_the_chapter_number_comes_from_the_file_name(name, number):
    assert f">{number}</a>" in mended("$$a$$ {#eq-a}", name)


def test_an_unlabelled_equation_stays_and_does_not_swallow_what_follows():
    text = mended("$$ a $$\n\nbetween\n\n$$ b $$ {#eq-b}")
    assert text.startswith("$$ a $$\n\nbetween\n") and text.count("equation-number") == 1


def test_an_equation_in_a_list_stays_in_the_list():
    lines = mended("- item\n\n  $$ a $$ {#eq-a}\n\n  more").split("\n")
    assert "  ::: {#eq-a .equation}" in lines and "  :::" in lines and "  more" in lines


def test_environments_that_number_their_own_lines_are_replaced():
    text = mended("before\n\n\\begin{align}\na &= b\n\\end{align}\n\n$$\\begin{align*}c\\end{align*}$$ {#eq-c}")
    assert "$$\n\\begin{aligned}\na &= b\n\\end{aligned}\n$$" in text
    assert "\\begin{aligned}c\\end{aligned}" in text and "{align" not in text.replace("{aligned}", "")


@pytest.mark.parametrize("written, shown", [
    ("see @eq-a.", "see [equation (3.1)](#eq-a)."), ("@Eq-a says", "[Equation (3.1)](#eq-a) says"),
    ("rule @eq-a", "rule [(3.1)](#eq-a)"), ("[-@eq-a] and [@eq-a]", "[(3.1)](#eq-a) and [equation (3.1)](#eq-a)"),
    ("`@eq-a`", "`@eq-a`"), ("```\n@eq-a\n```", "```\n@eq-a\n```")])
def test_a_reference_becomes_a_link_except_in_code(written, shown):
    assert shown in mended(f"$$ a $$ {{#eq-a}}\n\n{written}\n")


@pytest.mark.parametrize("before, name", [("", "Equation"), ("One. ", "Equation"), ("**Why?** ", "Equation"),
                                          ("First\n\n", "Equation"), ("one: ", "equation"), ("by ", "equation")])
def test_a_reference_at_the_beginning_of_a_sentence_has_a_capital(before, name):
    assert f"{before}[{name} (3.1)](#eq-a) says" in mended(f"{before}@eq-a says\n\n$$ a $$ {{#eq-a}}")


def test_labels_in_docstrings_become_links_also_those_of_other_chapters():
    page, other = page_of("$$ a $$ {#eq-a}"), page_of("$$ b $$ {#eq-b}", name="06_solving.ipynb")
    said = "Source: eq-b of chapter 6, eq-a and eq-none, eq-a of chapter 6."
    links = ("Source: [(6.1)](06_solving.ipynb#eq-b) of chapter 6, [(3.1)]({}#eq-a) and eq-none, "
             "[(3.1)]({}#eq-a) of chapter 6.")
    assert linked_labels(said, page, [page, other]) == links.format("", "")
    assert linked_labels(said, page, [page, other], there=True) == links.format(*["03_sgd.ipynb"] * 2)


def test_a_formula_keeps_what_touches_it_on_its_line():
    math = '<span class="math inline">\\(a\\)</span>'
    assert TIED.sub(tied, f"see ({math}), or {math}-th") == (
        f'see <span class="tied">({math}),</span> or <span class="tied">{math}-th</span>')
    for alone in (f"see {math} here", f"see {math}<br>", math.replace("inline", "display") + "."):
        assert TIED.sub(tied, alone) == alone


def test_a_sentence_in_a_table_keeps_some_width():
    row = f"<td>{'word ' * 9}</td><td><b>{'x' * 40}</b></td><td>1</td>"
    assert ENTRY.sub(with_room, row) == row.replace("<td>", '<td class="prose">', 1)


def test_entries_stand_before_their_cell_and_in_its_order(tmp_path):
    def code(name: str, text: str) -> dict:
        return {"cell_type": "code", "id": name, "metadata": {}, "outputs": [], "source": text}
    mine = [code("one", "@patch\ndef _f(): pass\ndef f(): pass\nclass G: pass"), code("two", "show_doc(other)")]
    names = ("hidden", "Fit.f", "G", "unseen")
    made = [code(f"doc-{k}", f"#| echo: false\nshow_doc({name})") for k, name in enumerate(names)]
    (tmp_path / "stored").write_text(json.dumps({"cells": mine}))
    (tmp_path / "made").write_text(json.dumps({"cells": [made[2], made[0], mine[0], made[1], made[3], mine[1]]}))
    order_documentation(tmp_path / "stored", tmp_path / "made")
    cells = json.loads((tmp_path / "made").read_text())["cells"]
    assert [cell["id"] for cell in cells] == ["doc-0", "doc-1", "doc-2", "one", "doc-3", "two"]


def test_a_reference_to_nothing_is_reported():
    page = page_of("see @eq-nowhere")
    assert "@eq-nowhere" in mend("see @eq-nowhere", page, [page], HOME) and "eq-nowhere" in page.notes[0]


def test_links_to_chapters_lead_to_their_pages():
    text = mended(f"[a](00_data.ipynb#eq-x) [b]({HOME}/data.html#f) [c](03_sgd.ipynb) [d](https://example.org/other)")
    assert text == "[a](data.html#eq-x) [b](data.html#f) [c](sgd.html) [d](https://example.org/other)"


def test_options_survive_a_round_trip():
    opts = {"label": "fig-a", "fig-cap": 'A "quoted" caption: $x$', "code-fold": True}
    assert options(with_options(opts, "x = 1")) == (opts, "x = 1")


def png(width: int) -> str:
    "A white picture of `width` by 2 pixels."
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress((b"\0" + b"\xff" * width) * 2)
    head = struct.pack(">IIBBBBB", width, 2, 8, 0, 0, 0, 0)
    return b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")).decode()


@pytest.fixture
def prepared(tmp_path) -> tuple[list[dict], list[str], Path]:
    "The cells of a chapter with a figure and a check, what an author should mend, and the folder of the pages."
    plot = '#| label: fig-a\n#| fig-cap: "Cap $x$"\n#| fig-alt: "A \\"rising\\" line"\n#| code-fold: true\nplot()'
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": png(144), "text/plain": "<Figure>"}}
    cells = [
        {"cell_type": "raw", "id": "r", "metadata": {}, "source": "---\noutput-file: sgd.html\ntitle: Descent\n---\n"},
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "$$a$$ {#eq-a}\n\nsee @fig-a"},
        {"cell_type": "code", "id": "k", "metadata": {}, "source": '#| code-fold: true\ncheck("eq-a", 1, 1.0)',
         "outputs": []},
        {"cell_type": "code", "id": "p", "metadata": {}, "source": plot, "outputs": [picture]},
        {"cell_type": "code", "id": "q", "metadata": {}, "source": "plot()", "outputs": [picture]}]
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "03_sgd.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
    (proc / "sidebar.yml").write_text("contents:\n  - 03_sgd.ipynb\n")
    notes = prepare(proc, tmp_path / "pages", HOME)
    return json.loads((tmp_path / "pages" / "sgd.ipynb").read_text())["cells"], notes, tmp_path / "pages"


def test_a_page_has_its_modules_name_and_a_numbered_title(prepared):
    cells, _, folder = prepared
    assert "'[3]{.chapter-number} Descent'" in cells[0]["source"]
    assert "- sgd.ipynb" in (folder / "sidebar.yml").read_text()


def test_a_figure_becomes_a_file_with_number_caption_alt_text_and_width(prepared):
    cells, notes, folder = prepared
    text = cells[3]["outputs"][0]["data"]["text/markdown"]
    assert text == ("![[Figure 3.1:]{.figure-number} Cap $x$](sgd_files/fig-a.png)"
                    "{#fig-a fig-alt=\"A 'rising' line\" width=\"96\"}")
    assert (folder / "sgd_files" / "fig-a.png").read_bytes().startswith(b"\x89PNG")
    assert "[Figure 3.1](#fig-a)" in cells[1]["source"] and "Code for this figure" in cells[3]["source"]
    assert notes == ["03_sgd.ipynb: cell q: the picture has no `#| fig-alt`"]


def test_an_equation_is_marked_as_checked_and_the_mark_leads_to_the_check(prepared):
    cells, _, _ = prepared
    assert 'class="equation-check" href="#check-k"' in cells[1]["source"]
    assert options(cells[2]["source"])[0] == {"code-fold": True, "code-summary": "Check", "label": "check-k"}


@pytest.mark.parametrize("rule", ["@import url(https://a.org/css2?family=A:wght@300;400;700&display=swap);",
                                  '@import"https://a.org/css2?family=A:wght@300;400&display=swap";',
                                  "@import url('https://a.org/x.css') screen;"])
def test_a_stylesheet_loads_nothing_from_another_host(rule):
    rest = ":root{--a:1;--b:2}a{b:c}"
    assert REMOTE_IMPORT.sub("", rule + rest) == rest


def test_search_results_hold_words_instead_of_tex():
    assert readable(r"the step \alpha of \mathbf{x}^{(i)}, \frac{1}{2}") == "the step alpha of x ^ (i) , 1 2"
