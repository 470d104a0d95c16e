"""The last pass over the built pages: mathematics set by KaTeX, and nothing loaded from another host.

KaTeX runs here, once, and not in the reader's browser: a page shows no raw TeX while it loads, needs no script for
its formulas, and carries MathML for screen readers. KaTeX comes from the npm registry and is kept in `.cache/`.
"""
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

from site_light import lighter_formula, short_names
from site_npm import from_npm, tool

KATEX = "0.19.1"  # the one place that names the version

HERE = Path(__file__).resolve().parent
MATH = re.compile(r'<span class="math (inline|display)">(.*?)</span>', re.S)
TIED = re.compile(rf'([(\[“]*)({MATH.pattern})([^\s<]*)', re.S)  # a formula with what touches it
TIED_TEX = 50  # characters of a formula that is kept on one line
ENTRY = re.compile(r"<td>(.*?)</td>", re.S)
HEAD = re.compile(r'<th([^>]*)>(\s*<span class="math inline">([^<]*)</span>\s*)</th>')  # a column's head, all formula
FORMULA = re.compile(r"\s*(?:\\[\[(])?(.*?)(?:\\[\])])?\s*", re.S)
REMOTE_KATEX = re.compile(r'\s*<(?:link|script)[^>]*https?://[^>]*katex[^>]*>(?:</script>)?')
TOC_LINK = re.compile(r'(<a [^>]*id="toc-[^>]*>)([^<]*)')
REMOTE_IMPORT = re.compile(r"""@import\s*(?:url\(\s*)?["']?https?://[^)"';]*(?:;[^)"']*)?["']?\s*\)?[^;{}]*;""")
SPOKEN = (  # what a screen reader or a keyboard needs and smalldocs leaves out
    (re.compile(r'<div (class="callout-header[^"]*") data-bs-toggle="collapse" data-bs-target="#([^"]+)"'),
     r'<div \1 role="button" tabindex="0" aria-controls="\2" data-bs-toggle="collapse" data-bs-target="#\2"'),
    (re.compile(r'<nav (class="navbar )'), r'<nav aria-label="Site" \1'),
    (re.compile(r'<nav (id="quarto-sidebar")'), r'<nav aria-label="Chapters" \1'),
    (re.compile(r'<nav (id="TOC")'), r'<nav aria-label="On this page" \1'),
    (re.compile(r'<div (id="quarto-margin-sidebar")'), r'<div role="complementary" aria-label="About this page" \1'),
    (re.compile(r"<th(?: [^>]*)?>\s*</th>"), "<td></td>"),
)
LETTERS = re.compile(r"\\(alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lambda|mu|nabla|pi|rho|sigma|tau)(?![a-z])")


def katex(cache: Path) -> Path:
    "The folder of the pinned KaTeX."
    return from_npm("katex", KATEX, cache)


def typeset(formulas: dict[tuple[str, bool], str], package: Path) -> dict[tuple[str, bool], str]:
    "Each formula (its TeX, and whether it is displayed) as HTML, from one run of KaTeX; the values name their pages."
    wanted = [{"tex": tex, "display": display} for tex, display in formulas]
    done = subprocess.run([*tool("node"), str(HERE / "typeset.js"), str(package)], input=json.dumps(wanted),
                          capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"site: KaTeX failed:\n{done.stderr.strip()}")
    results = json.loads(done.stdout)
    wrong = [f"  {page}: {r['error']}" for page, r in zip(formulas.values(), results, strict=True) if "error" in r]
    if wrong:
        raise SystemExit("site: mathematics that KaTeX can't set; mend it in the notebook:\n" + "\n".join(wrong))
    return {key: r["html"] for key, r in zip(formulas, results, strict=True)}


def formula(match: re.Match) -> tuple[str, bool]:
    "The TeX of a math span, without delimiters, and whether it is displayed."
    return html.unescape(FORMULA.fullmatch(match[2])[1]).strip(), match[1] == "display"


def set_mathematics(site: Path, package: Path, styles: dict[str, str]) -> int:
    "Set every formula of every page, and note the styles they need; returns how many."
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    found = [(formula(m), path.name) for path, text in pages.items() for m in MATH.finditer(text)]
    done = {key: lighter_formula(text, styles) for key, text in typeset(dict(reversed(found)), package).items()}
    for path, text in pages.items():
        text = HEAD.sub(spoken_head, text)
        text = ENTRY.sub(with_room, text)
        text = TIED.sub(tied, REMOTE_KATEX.sub("", text))
        text = MATH.sub(lambda m: f'<span class="math {m[1]}">{done[formula(m)]}</span>', text)
        head = '<link rel="stylesheet" href="site_libs/katex/katex.min.css">\n' if "<math" in text else ""
        for pattern, instead in SPOKEN:
            text = pattern.sub(instead, text)
        text = TOC_LINK.sub(lambda m: m[1] + m[2].replace("_", "_<wbr>"), text)  # where a long name may break
        text = text.replace("</head>", f'{head}<script src="site_libs/book.js" defer></script>\n</head>', 1)
        path.write_text(text, encoding="utf-8")
    return len(found)


def with_room(match: re.Match) -> str:
    "An entry of a table; one that is a sentence keeps some width on a narrow screen."
    words = re.sub(r"<[^>]*>", "", match[1])
    return f'<td class="prose">{match[1]}</td>' if len(words) > 40 else match[0]


def tied(match: re.Match) -> str:
    """A short formula in a line, whole and with the signs that touch it: browsers would break beside a formula.

    A long one may be wider than a phone, and stays as it is.
    """
    before, whole, kind, tex, after = match.groups()
    short = kind == "inline" and len(tex) <= TIED_TEX
    return f'<span class="tied">{match[0]}</span>' if short and before + after else match[0]


def spoken_head(match: re.Match) -> str:
    "A column's head that is one formula, with words beside it: not every screen reader takes a formula for a head."
    words = html.escape(readable(FORMULA.fullmatch(match[3])[1]))
    return f'<th{match[1]}><span class="visually-hidden">{words}</span><span aria-hidden="true">{match[2]}</span></th>'


def copy_katex(site: Path, package: Path, styles: dict[str, str]) -> None:
    "KaTeX's stylesheet and its fonts, in the one format that every browser of the last ten years reads."
    dest = site / "site_libs" / "katex"
    (dest / "fonts").mkdir(parents=True, exist_ok=True)
    css = (package / "dist" / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[^"]*"\)', "", css)
    (dest / "katex.min.css").write_text(short_names(css, styles), encoding="utf-8")
    for font in (package / "dist" / "fonts").glob("*.woff2"):
        shutil.copy(font, dest / "fonts")


def drop_remote_fonts(site: Path) -> None:
    "Bootswatch's themes import fonts from another host; the book uses the reader's own."
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        if "@import" in text:
            path.write_text(REMOTE_IMPORT.sub("", text), encoding="utf-8")


def readable(text: str) -> str:
    "Text for the search index, with TeX turned into what a reader would type or read."
    text = LETTERS.sub(lambda m: f" {m[1]} ", text)
    text = re.sub(r"\\[A-Za-z]+|[{}\\$]", " ", text)
    return " ".join(text.split())


def clean_search(site: Path) -> None:
    "No raw TeX among the search results."
    path = site / "search.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    for entry in entries:
        for key in ("title", "section", "text"):
            if "\\" in entry.get(key, ""):
                entry[key] = readable(entry[key])
        entry["text"] = entry["text"].replace(" ✓", "")
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")


def mend_anchors(site: Path) -> None:
    "nbdev links the name of a method to a place of its own; where there is none, the place of its class serves."
    pages = {path: path.read_text(encoding="utf-8") for path in site.glob("*.html")}
    anchors = {path.name: set(re.findall(r'\bid="([^"]+)"', text)) for path, text in pages.items()}
    for path, text in pages.items():
        def place(match: re.Match, own: str = path.name) -> str:
            page, cls, method = match[1], match[2], match[3]
            known = f"{cls}.{method}" in anchors.get(page or own, ())
            return match[0] if known else f'href="{page}#{cls}"'

        new = re.sub(r'href="((?:\w+\.html)?)#(\w+)\.([\w.]+)"', place, text)
        if new != text:
            path.write_text(new, encoding="utf-8")


def finish(site: Path, cache: Path) -> int:
    "Finish the site in place; returns the number of formulas set."
    package = katex(cache)
    styles: dict[str, str] = {}
    count = set_mathematics(site, package, styles)
    copy_katex(site, package, styles)
    drop_remote_fonts(site)
    mend_anchors(site)
    clean_search(site)
    shutil.copy(HERE / "book.js", site / "site_libs" / "book.js")
    return count
