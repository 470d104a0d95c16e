"The pass that makes pages lighter: less markup and smaller pictures, with nothing lost that a reader sees or hears."
import html
import re

import numpy as np
import pytest
from PIL import Image
from site_light import lighter_code, lighter_formula, lighter_pictures, see_through, short_names

SHOWN = '<code class="sourceCode python">{}</code>'
FORMULA = (
    '<span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow>'
    '<mi mathvariant="normal">x</mi><mo>=</mo></mrow><annotation encoding="application/x-tex">x=</annotation>'
    '</semantics></math></span><span class="katex-html" aria-hidden="true">'
    '<span class="mord mathnormal mtight">x</span>'
    '<span class="mspace" style="margin-right:0.2778em;"></span><span class="mrel">=</span>'
    '<span style="top:-3em;">y</span></span></span>')


def text_of(page: str) -> str:
    "What a page shows of its markup."
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def test_code_keeps_every_letter_and_the_colours_that_tell_something():
    code = ('x<span class="op">=</span><span class="st">f</span><span class="st">&quot;</span><span class="ss">{</span>'
            'a<span class="ss">}</span> <span class="cf">if</span> <span class="kw">not</span> b '
            '<span class="op">&lt;</span>')
    light = lighter_code(f"<pre>{SHOWN.format(code)}</pre>")
    assert text_of(light) == text_of(code) == 'x=f"{a} if not b <'
    assert light == ('<pre><code class="sourceCode python">x=<span class=st>f"{</span>a<span class=st>}</span> '
                     "<span class=kw>if not</span> b &lt;</code></pre>")


def test_text_outside_code_is_left_alone():
    page = '<p title="&quot;"><span class="op">a &quot;</span></p>'
    assert lighter_code(page) == page


def test_a_formula_is_drawn_and_spoken_as_before_by_shorter_names():
    styles = {}
    light = lighter_formula(FORMULA, styles)
    assert light == (
        '<span class=katex><span class=katex-mathml><math><mrow><mi mathvariant=normal>x</mi><mo>=</mo></mrow>'
        '</math></span><span class=katex-html aria-hidden=true><span class=mi>x</span><span class="N Z0"></span>='
        "<span class=Z1>y</span></span></span>")
    assert styles == {"margin-right:0.2778em": "Z0", "top:-3em": "Z1"}
    css = short_names(".katex .mathnormal{a:b}.katex .mspace{c:d}.katex .mspaces{e:f}", styles)
    assert css == (".katex .mi{a:b}.katex .N{c:d}.katex .mspaces{e:f}"
                   ".katex .Z0{margin-right:0.2778em}.katex .Z1{top:-3em}")


@pytest.fixture
def picture(tmp_path) -> tuple[np.ndarray, object]:
    "A picture of all kinds of colours, white among them, and its file."
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3)).astype("uint8")
    pixels[:10] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return pixels, tmp_path / "a.png"


def test_a_picture_without_its_paper_looks_the_same_on_white(picture):
    pixels, path = picture
    assert see_through(path) == (40, 30) and not path.exists()
    rgba = np.asarray(Image.open(path.with_suffix(".webp"))).astype(float)
    assert (rgba[:10, :, 3] == 0).all() and rgba[10:, :, 3].max() == 255
    on_white = rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]
    assert abs(on_white - pixels).max() <= 1


def test_a_picture_has_its_room_kept_and_waits_until_it_is_near(picture):
    _, path = picture
    page = lighter_pictures('<img alt="A" src="a.png" id="f" width="20" class="c">', path.parent, {})
    assert page == '<img alt="A" src="a.webp" width="20" height="15" loading="lazy" decoding="async" id="f" class="c">'
