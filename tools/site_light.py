"""What a page weighs: the last pass over the site that smalldocs built.

Formulas and code lose markup that shows nothing, stylesheets the rules that no page uses, fonts the letters that
none shows; pictures become smaller files without a changed pixel, know their size before they arrive, and load when a
reader comes near them.
"""
import base64
import html
import json
import re
import subprocess
from pathlib import Path

from site_npm import from_npm, tool

HERE = Path(__file__).resolve().parent
PACKAGES = (("purgecss", "purgecss", "7.0.2"), ("subset", "subset-font", "2.9.0"))  # from npm, pinned

CODE = re.compile(r'(<code class="sourceCode[^>]*>)(.*?)(</code>)', re.S)
PRINTED = re.compile(r"<pre.*?</pre>", re.S)
TOKEN = re.compile(r'<span class="(\w+)">(.*?)</span>', re.S)
KINDS = {"cf": "kw", "cn": "kw", "im": "kw", "kw": "kw", "st": "st", "ss": "st", "sc": "st", "ch": "st", "co": "co",
         "do": "co", "fu": "fu", "gd": "gd", "gi": "gi", "gu": "gu", "gh": "gh"}  # what is told apart by colour
SPEECH = re.compile(r' xmlns="http://www.w3.org/1998/Math/MathML"|</?semantics>|<annotation.*?</annotation>', re.S)
UNQUOTED = re.compile(r'="([\w-]+)"')
DRAWN = '<span class="katex-html" aria-hidden="true">'
SPAN = re.compile(r'<span class="([^"]*)"(?: style="([^"]*)")?>|<span style="([^"]*)">')
IDLE = set("mord mrel mbin mopen mclose mpunct minner mtight".split())  # no rule of KaTeX's stylesheet names these
LONG = ("katex-sizing reset-size6 size3 vlist vlist-t vlist-t2 vlist-r vlist-s pstrut katex-strut katex-base msupsub "
        "nulldelimiter mspace mfrac frac-line").split()  # KaTeX's own, often used
SHORT = {"mathnormal": "mi"} | {name: chr(ord("A") + k) for k, name in enumerate(LONG)}
BARE = re.compile(rf'<span class="(?:{"|".join(IDLE)})(?: mtight)?">([^<]+)</span>')
COMMENT = re.compile(r"<!--.*?-->\s*", re.S)
FONT = re.compile(r"""url\(["']?([^"')?]+\.woff2)[^)]*\)""")
INLINE = ("Main-Regular Main-Bold Main-Italic Math-Italic AMS-Regular Size1-Regular Size2-Regular Size3-Regular "
          "Size4-Regular bootstrap-icons").split()  # the fonts that most pages need
READY = """<script>Promise.all(["1em KaTeX_Main", "bold 1em KaTeX_Main", "italic 1em KaTeX_Main",
"italic 1em KaTeX_Math", "1em KaTeX_AMS", "1em KaTeX_Size1", "1em KaTeX_Size2", "1em KaTeX_Size3", "1em KaTeX_Size4"]
.map((font) => document.fonts.load(font)))
.finally(() => document.head.append(Object.assign(document.createElement("meta"), {id: "fonts-ready"})))</script>"""
PICTURE = re.compile(r'<img ([^>]*)src="([\w/.-]+\.png)"([^>]*)>')


def lighter_code(page: str) -> str:
    "Code whose spans are those that have a colour; neighbours of one colour share theirs."
    def token(match: re.Match) -> str:
        kind = KINDS.get(match[1])
        return f"<span class={kind}>{match[2]}</span>" if kind else match[2]

    def block(match: re.Match) -> str:
        text = TOKEN.sub(token, match[2])
        for kind in ("st", "co", "kw"):
            text = re.sub(rf"(<span class={kind}>[^<]*)</span>(\s*)<span class={kind}>", r"\1\2", text)
            text = re.sub(rf"(<span class={kind}>[^<]*)</span><span class={kind}>", r"\1", text)
        return match[1] + text + match[3]

    page = CODE.sub(block, page)
    return PRINTED.sub(lambda m: m[0].replace("&quot;", '"').replace("&#x27;", "'"), page)


def lighter_formula(text: str, styles: dict[str, str]) -> str:
    "One formula with short names for KaTeX's classes, and for each style a class that is noted in `styles`."
    def span(match: re.Match) -> str:
        names = [SHORT.get(name, name) for name in (match[1] or "").split() if name not in IDLE]
        if style := match[2] or match[3]:
            names.append(styles.setdefault(style.rstrip(";"), f"Z{len(styles):x}"))
        quote = '"' * (len(names) > 1)
        return f"<span class={quote}{' '.join(names)}{quote}>" if names else "<span>"

    speech, start, drawn = text.partition(DRAWN)
    speech = UNQUOTED.sub(r"=\1", SPEECH.sub("", speech))
    return speech + UNQUOTED.sub(r"=\1", start) + SPAN.sub(span, BARE.sub(r"\1", drawn))


def short_names(css: str, styles: dict[str, str]) -> str:
    "KaTeX's stylesheet with the names of `lighter_formula`, and a rule for each style."
    css = re.sub(r"\.(-?[A-Za-z][\w-]*)", lambda m: "." + SHORT.get(m[1], m[1]), css)
    return css + "".join(f".katex .{name}{{{style}}}" for style, name in styles.items())


def see_through(path: Path) -> tuple[int, int]:
    "A picture as lossless WebP, its white made transparent so that it lies on any ground; returns its size in pixels."
    import numpy as np
    from PIL import Image
    picture = Image.open(path)
    rgb = np.asarray(picture.convert("RGB"), float) / 255
    alpha = 1 - rgb.min(axis=2, keepdims=True)
    ink = np.where(alpha > 0, (rgb - (1 - alpha)) / np.where(alpha > 0, alpha, 1), 0)
    done = np.concatenate([ink, alpha], axis=2)
    webp = Image.fromarray(np.rint(255 * done).astype("uint8"), "RGBA")
    webp.save(path.with_suffix(".webp"), lossless=True, method=6)
    path.unlink()
    return picture.size


def lighter_pictures(page: str, site: Path, sizes: dict[str, tuple[int, int]]) -> str:
    "Pictures as WebP that load when they are near, with the room they need kept free."
    def picture(match: re.Match) -> str:
        before, name, after = match.groups()
        wide, high = sizes[name] if name in sizes else sizes.setdefault(name, see_through(site / name))
        width = int(found[1]) if (found := re.search(r'width="(\d+)"', before + after)) else wide
        after = re.sub(r' ?width="\d+"', "", after)
        size = f'width="{width}" height="{round(width * high / wide)}" loading="lazy" decoding="async"'
        return f'<img {before}src="{name.removesuffix("png")}webp" {size}{after}>'

    return PICTURE.sub(picture, page)


def whole_first(page: str) -> str:
    "The page shown once its beginning and the letters of its formulas are there: half a paragraph would move later."
    wanted = re.findall(r'<section id="([^"]+)" class="level2"', page)[:3][-1:]
    script = READY if "<math" in page else ""
    wishes = "".join(f'<link rel="expect" href="#{place}" blocking="render">'
                     for place in wanted + ["fonts-ready"] * bool(script))
    return page.replace("</head>", f"{wishes}{script}</head>", 1)


def letters(pages: list[str], css: str) -> dict[str, str]:
    "For KaTeX's fonts and for the one of the icons, what is shown in them."
    drawn = {c for page in pages for part in page.split(UNQUOTED.sub(r"=\1", DRAWN))[1:]
             for c in html.unescape(re.sub("<[^>]*>", "", part.partition("</p>")[0]))}
    icons = {chr(int(code, 16)) for code in re.findall(r'content:\s*"\\(f[0-9a-f]{3})"', css)}
    return {"katex": "".join(sorted(drawn)), "bootstrap-icons": "".join(sorted(icons))}


def node(job: dict, cache: Path) -> None:
    "Run lighten.js on the stylesheets and fonts of a job."
    packages = {name: str(from_npm(package, number, cache.resolve())) for name, package, number in PACKAGES}
    done = subprocess.run([*tool("node"), str(HERE / "lighten.js")], input=json.dumps(packages | job),
                          capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"site: stylesheets and fonts could not be made smaller:\n{done.stderr.strip()}")


def lighten(site: Path, cache: Path) -> None:
    "Make every page of the site lighter, in place."
    sizes = {}
    for path in sorted(site.glob("*.html")):
        page = lighter_code(COMMENT.sub("", path.read_text(encoding="utf-8")))
        page = lighter_pictures(page, site, sizes)
        page = re.sub(r'<script src="site_libs/[^"]*"(?= *>)', r"\g<0> defer", page)
        path.write_text(whole_first(page), encoding="utf-8")
    own = site / "styles.css"
    own.write_text(short_names(own.read_text(encoding="utf-8"), {}), encoding="utf-8")
    libs = site / "site_libs"
    lighter_libraries(site, libs, cache)


def lighter_libraries(site: Path, libs: Path, cache: Path) -> None:
    "Stylesheets without the rules that no page and no script names, then fonts without the letters nothing shows."
    css = [path for path in libs.rglob("*.css")]
    content = [*site.glob("*.html"), *libs.rglob("*.js")]
    node({"css": [*map(str, css)], "content": [*map(str, content)], "fonts": {}}, cache)
    pages = [path.read_text(encoding="utf-8") for path in site.glob("*.html")]
    shown = letters(pages, "".join(path.read_text(encoding="utf-8") for path in css))
    fonts = {str(path): shown[home] for home in shown for path in (libs / home).rglob("*.woff2")}
    node({"css": [], "content": [], "fonts": fonts}, cache)
    for path in css:
        text = path.read_text(encoding="utf-8")
        path.write_text(FONT.sub(lambda m, at=path.parent: inline(m, at), text), encoding="utf-8")


def inline(match: re.Match, folder: Path) -> str:
    "A font inside its stylesheet, so that it is there when letters are laid out, and nothing moves when it arrives."
    path = folder / match[1]
    if path.stem.removeprefix("KaTeX_") not in INLINE:
        return match[0]
    return f"url(data:font/woff2;base64,{base64.b64encode(path.read_bytes()).decode()})"
