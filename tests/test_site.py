"The built site in a real browser, with the network cut: every page as a reader sees it, wide, narrow, light and dark."
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from book import page_name
from browsers import chromium, needs_browser, served
from copies import ROOT, copy_checkout
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

NOTEBOOKS = sorted((ROOT / "nbs").glob("[!._]*.ipynb"))
PAGES = {page_name(path) + ".html": path for path in NOTEBOOKS}
MADE = ("symbols.html", "reference.html", "how_we_know.html", "break_it.html")  # by tools/site_extra.py
RAW = re.compile(r"\$\$|\\[A-Za-z]+|\\[()\[\]]|\?\?|\?@|@(?:eq|fig|sec|tbl)-|\{[#.]|:::|\]\(")
LABEL = re.compile(r"\$\$[ \t]*\{#(eq-[\w-]+)")
AXE = "4.14.1"  # axe-core, the rules of accessibility
PYODIDE = ".cache/pyodide"  # the browser's Python, so that the chapters run without a network
pytestmark = needs_browser


def build_site(folder: Path) -> None:
    "Build the site in a copy of the checkout at `folder`; KaTeX and Pyodide come along where they are already here."
    copy_checkout(folder)
    if (ROOT / ".cache").exists():
        shutil.copytree(ROOT / ".cache", folder / ".cache", ignore=shutil.ignore_patterns("pages", "old_docs"))
    gather = [] if (folder / PYODIDE).exists() else [[sys.executable, "tools/site_lite.py", PYODIDE]]
    build = [sys.executable, "tools/build.py", "--engine", "smalldocs", "--lite", "--pyodide", PYODIDE]
    for command in [*gather, build]:
        done = subprocess.run(command, cwd=folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode:
            break
    (folder / "build.log").write_text(done.stdout)
    (folder / "built").write_text(str(done.returncode))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    "The folder of the built site: LINREG_SITE where that is set, else built once, also where several workers test."
    if ready := os.environ.get("LINREG_SITE"):
        return (ROOT / ready).resolve()
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site_copy"
    try:
        folder.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 600
        while not (folder / "built").exists():
            assert time.monotonic() < deadline, "another test worker has not finished building the site in 10 minutes"
            time.sleep(0.5)
    else:
        build_site(folder)
    assert (folder / "built").read_text() == "0", (folder / "build.log").read_text()
    return folder / "_docs"


@pytest.fixture(scope="session")
def address(site):
    "Where the site is served while the tests run."
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    "Headless Chromium that can reach nothing but this machine."
    driver = chromium(tmp_path_factory.mktemp("profile"), "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                      logs={"performance": "ALL", "browser": "ALL"})
    yield driver
    driver.quit()


def visit(browser, url: str, width: int = 1280, dark: bool = False, unfold: bool = True) -> None:
    "Open a page at a width and in a colour scheme, and unfold everything that is folded unless told not to."
    browser.get("about:blank")
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
    wishes = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                            {"features": [{"name": name, "value": value} for name, value in wishes.items()]})
    browser.get(url)
    WebDriverWait(browser, 20).until(lambda b: b.execute_script("return document.readyState") == "complete")
    if unfold:
        browser.execute_script(
            "document.querySelectorAll('details').forEach(d => d.open = true);"
            "document.querySelectorAll('.callout-collapse').forEach(c => c.classList.add('show'));")
    time.sleep(0.3)  # the theme's own script settles the scheme a moment after loading


every_page = pytest.mark.parametrize("page", [*PAGES, *MADE])
every_chapter = pytest.mark.parametrize("page", list(PAGES))


def test_every_notebook_has_its_page_and_no_page_is_left_over(site):
    built = {path.name for path in site.glob("*.html")} - {"404.html"}
    assert built == {*PAGES, *MADE}, "the pages are not those of the notebooks in nbs/"


@every_page
def test_opens_without_an_error_and_asks_no_other_host(browser, address, page):
    visit(browser, address + page)
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}
    outside = {url for url in asked if not url.startswith((address, "data:", "blob:", "about:"))}
    assert asked and not outside
    assert not errors


@every_page
def test_mathematics_is_set_and_no_markup_is_left_in_the_text(browser, address, page):
    visit(browser, address + page)
    bare = browser.execute_script(
        "return [...document.querySelectorAll('.math')].filter(m => !m.querySelector('.katex')).map(m => m.innerText)")
    wrong = browser.execute_script("return [...document.querySelectorAll('.katex-error')].map(e => e.title)")
    assert not bare and not wrong
    text = browser.execute_script(
        "const s = document.createElement('style'); s.textContent = 'pre, code, .katex { display: none !important }';"
        "document.head.append(s); const t = document.title + '\\n' + document.body.innerText; s.remove(); return t")
    assert len(text) > 100
    assert not [line for line in text.split("\n") if RAW.search(line)]


@every_chapter
def test_every_labelled_equation_can_be_linked_to(site, browser, address, page):
    notebook = json.loads(PAGES[page].read_text(encoding="utf-8"))
    prose = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    labels = [label for text in prose for label in LABEL.findall(text)]
    visit(browser, address + page)
    found = browser.execute_script("return [...document.querySelectorAll('[id^=eq-]')].map(e => e.id)")
    assert found == labels


@every_page
def test_the_mark_beside_an_equation_opens_its_check(browser, address, page):
    visit(browser, address + page)
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = false)")
    marks = browser.find_elements(By.CSS_SELECTOR, ".equation-check")
    for mark in marks:
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
        assert mark.get_attribute("aria-label")
        mark.click()
        label = mark.find_element(By.XPATH, "ancestor::*[contains(@class, 'equation')][@id]").get_attribute("id")
        target = mark.get_attribute("href").partition("#")[2]
        WebDriverWait(browser, 5).until(lambda b, t=target, n=label: b.execute_script(
            "const c = document.getElementById(arguments[0]), d = c.querySelector('details');"
            "return (!d || d.open) && c.querySelector('pre').textContent.includes(arguments[1])", t, n))


@every_page
def test_every_picture_shows_and_has_a_text_for_those_who_cannot_see_it(browser, address, page):
    visit(browser, address + page)
    browser.execute_script("document.querySelectorAll('main img').forEach((i) => { i.loading = 'eager'; })")
    WebDriverWait(browser, 20).until(lambda b: b.execute_script(
        "return [...document.querySelectorAll('main img')].every((i) => i.complete)"))
    pictures = browser.execute_script(
        "return [...document.querySelectorAll('main img')].map(i => [i.getAttribute('src').slice(0, 60), "
        "(i.getAttribute('alt') || '').trim().length, i.naturalWidth])")
    assert not [p for p in pictures if p[1] < 10], "a picture without alt text (`#| fig-alt`)"
    assert not [p for p in pictures if p[2] == 0], "a picture that does not load"


class Links(HTMLParser):
    "The anchors of a page, and where its links, pictures, scripts and styles lead."

    def __init__(self, path: Path):
        super().__init__()
        self.anchors, self.targets = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[key] for key in ("id", "name") if found.get(key)}
        key = "href" if tag in ("a", "link") else "src"
        if found.get(key) is not None and found.get("rel") != "expect":  # that one waits for what a script will add
            self.targets.append(found[key])


@every_page
def test_every_internal_link_leads_somewhere(site, page):
    pages = {path.name: Links(path) for path in site.glob("*.html")}
    lost = []
    for target in pages[page].targets:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        name, anchor = unquote(parts.path.removeprefix("./")) or page, unquote(parts.fragment)
        if not (site / name).exists() or (anchor and name in pages and anchor not in pages[name].anchors):
            lost.append(target)
    assert not lost


def test_no_link_leads_to_the_published_site_instead_of_this_one(site):
    "The book links its own pages relatively, so that a copy on a disk or on another host is whole."
    home = re.search(r"^doc_host = (\S+)", (ROOT / "settings.ini").read_text(), re.M)[1]
    wrong = {(path.name, t) for path in site.glob("*.html") for t in Links(path).targets if t.startswith(home)}
    assert not {w for w in wrong if "smalldocs" in (site / w[0]).read_text()[:400]}


TORN = """
return [...document.querySelectorAll('.tied')].filter((tied) => {
  const bases = tied.querySelectorAll('.katex-html > *'), sign = document.createRange();
  if (tied.lastChild.nodeType !== Node.TEXT_NODE || !bases.length || !tied.getClientRects().length) return false;
  sign.selectNodeContents(tied.lastChild);
  return sign.getClientRects()[0].top >= bases[bases.length - 1].getBoundingClientRect().bottom
    || !tied.closest('td, th') && tied.getBoundingClientRect().right > innerWidth;  // a table scrolls
}).map((tied) => tied.textContent);
"""


@every_page
def test_a_phone_scrolls_only_down(browser, address, page):
    visit(browser, address + page, width=390)
    wide = browser.execute_script("""
        const scrolls = e => e && e !== document.body &&
            (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
        return [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
            && e.getClientRects().length && !scrolls(e)).map(e => e.outerHTML.slice(0, 120))""")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    assert not browser.execute_script(TORN), "a line begins with punctuation, or a formula leaves the page"
    assert not wide


LIMIT = 500_000  # bytes of a chapter's page
EXPLORABLE = re.compile(r'<div class="explorable".*?</script>\s*</div>', re.S)
READ = """
const done = arguments[0], shifts = [], frame = () => new Promise((go) => setTimeout(go, 40));
new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({type: 'layout-shift', buffered: true});
(async () => {
  await document.fonts.ready;
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) { scrollTo(0, y); await frame(); }
  await Promise.all([...document.images].map((i) => i.decode().catch(() => 0)));
  await frame();
  const moved = shifts.filter((s) => !s.hadRecentInput);
  done({shift: moved.reduce((sum, s) => sum + s.value, 0),
        moved: moved.flatMap((s) => s.sources.map((o) => (o.node?.outerHTML || o.node?.data || '').slice(0, 90))),
        loaded: performance.getEntriesByType('resource').map((r) => r.name)});
})();
"""


def sent(path: Path) -> int:
    "The bytes of a file as a web server sends it: text compressed, pictures and fonts as they are."
    data = path.read_bytes()
    return len(data if path.suffix in (".woff2", ".webp", ".png") else gzip.compress(data, 6))


@pytest.mark.parametrize("width", [1280, 390])
@every_chapter
def test_a_chapter_is_light_and_nothing_moves_while_it_loads(site, browser, address, page, width):
    "Read to its end on a first visit: its text, all it loads, and how far anything jumps meanwhile."
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    visit(browser, address + page, width, unfold=False)
    found = browser.execute_async_script(READ)
    browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
    text = EXPLORABLE.sub("", (site / page).read_text(encoding="utf-8"))
    assert len(text.encode()) < LIMIT
    files = {url.removeprefix(address).partition("?")[0] for url in found["loaded"] if url.startswith(address)}
    assert {"styles.css", "site_libs/book.js"} <= files
    assert sum(sent(site / name) for name in {page, *files}) < LIMIT
    assert found["shift"] < 0.01, found["moved"]


def test_the_heaviest_chapter_is_seen_within_a_second(site, browser, address):
    "First paint, the best of five visits, since the machine may be busy with other tests."
    heaviest = max(PAGES, key=lambda page: (site / page).stat().st_size)
    times = []
    for _ in range(5):
        visit(browser, address + heaviest, unfold=False)
        times += browser.execute_script("return performance.getEntriesByName('first-contentful-paint')"
                                        ".map((e) => e.startTime)")
    assert min(times) < 1000


@every_page
def test_no_script_holds_up_the_first_paint(site, page):
    scripts = re.findall(r"<script[^>]*\ssrc=[^>]*>", (site / page).read_text(encoding="utf-8"))
    assert scripts and all(" defer" in s or " async" in s or 'type="module"' in s for s in scripts)


CONTRAST = """
const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = c => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = c; pen.fillRect(0, 0, 1, 1);
                    const d = pen.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
const ground = e => { if (!e) return [255, 255, 255, 1];
                      const c = rgba(getComputedStyle(e).backgroundColor);
                      return c[3] > 0.99 ? c : over(c, ground(e.parentElement)); };
const opacity = e => e ? getComputedStyle(e).opacity * opacity(e.parentElement) : 1;
const light = c => [0.2126, 0.7152, 0.0722].reduce((s, w, i) => {
    const v = c[i] / 255; return s + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
const found = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
  if (!text || !e.getClientRects().length || e.closest('script, style, .katex-mathml, .anchorjs-link')) continue;
  const s = getComputedStyle(e);
  const key = [s.color, s.fontSize, e.tagName, e.className, e.parentElement.className].join('|');
  if (found.has(key) || s.visibility === 'hidden') continue;
  const bg = ground(e), c = rgba(s.color); c[3] *= opacity(e);
  const [hi, lo] = [light(over(c, bg)), light(bg)].sort((a, b) => b - a);
  const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
  found.set(key, {ratio: (hi + 0.05) / (lo + 0.05), wanted: large ? 3 : 4.5, text: text.slice(0, 40), tag: e.tagName,
                  names: e.className});
}
return [...found.values()];
"""


GROUND = """
return getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
"""


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, address, page, scheme):
    visit(browser, address + page, dark=scheme == "dark")
    body = browser.execute_script(GROUND)
    assert (body < 200) == (scheme == "dark"), f"the page's ground is {body} of 765 in {scheme} mode"
    found = browser.execute_script(CONTRAST)
    assert len(found) > 5
    assert not [f for f in found if f["ratio"] < f["wanted"]]


@every_page
def test_has_its_headings_and_a_way_to_every_other_page(browser, address, page):
    visit(browser, address + page)
    assert browser.execute_script("return document.querySelectorAll('h1').length") == 1
    links = browser.find_elements(By.CSS_SELECTOR, "#quarto-sidebar a.sidebar-link")
    names = [link.get_attribute("href").removeprefix(address).partition("#")[0] or "index.html" for link in links]
    order = sorted(PAGES, key=lambda name: ("" if name == "index.html" else PAGES[name].name))
    order += MADE
    assert names == order
    assert all(link.text.strip() for link in links)
    around = {link.get_attribute("href").removeprefix(address) for link in
              browser.find_elements(By.CSS_SELECTOR, ".page-navigation a[href]")}
    here = order.index(page)
    assert around == set(order[max(0, here - 1):here] + order[here + 1:here + 2])


def test_search_finds_the_normal_equations(browser, address):
    visit(browser, address + "index.html")
    if toggles := browser.find_elements(By.CSS_SELECTOR, "#quarto-search button.aa-DetachedSearchButton"):
        toggles[0].click()  # Quarto's search box opens from a button
    box = WebDriverWait(browser, 10).until(lambda b: next((e for e in b.find_elements(
        By.CSS_SELECTOR, ".smalldocs-search input, input.aa-Input") if e.is_displayed()), None))
    box.send_keys("normal equations")
    hit = WebDriverWait(browser, 10).until(lambda b: next(
        (e for e in b.find_elements(By.CSS_SELECTOR, "a.search-result, .aa-Item a, a.search-result-link")
         if "normal equation" in e.text.lower()), None))
    assert not RAW.search(hit.text)
    hit.click()
    WebDriverWait(browser, 10).until(lambda b: "normal equation" in b.find_element(By.TAG_NAME, "main").text.lower())


def test_how_we_know_leads_to_every_equation_and_its_check(site):
    "Each label of the notebooks is there, with a link to the equation and one to a cell that checks it."
    targets = Links(site / "how_we_know.html").targets
    for page, path in PAGES.items():
        labels = {label for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "markdown"
                  for label in LABEL.findall("".join(cell["source"]))}
        assert labels == {t.partition("#")[2] for t in targets if t.startswith(f"{page}#eq-")}
        assert bool(labels) == any(t.startswith(f"{page}#check-") for t in targets)


def test_reference_has_every_public_name(site):
    "Each name that linreg_nb offers has its entry, with a table, and leads to its chapter."
    import linreg_nb
    page = (site / "reference.html").read_text(encoding="utf-8")
    assert {*linreg_nb.__all__} <= Links(site / "reference.html").anchors
    entry = page[page.index('id="ridge_path"'):page.index('id="ridge"')]
    assert "<table" in entry and "leave_one_out" in entry and 'href="shrinkage.html#eq-press"' in entry
    assert "Raises ValueError for unfit arguments" in entry


def test_an_equation_leads_to_the_functions_that_compute_it_and_back(site):
    sgd = Links(site / "sgd.html")
    assert {"#stochastic_gradient_descent", "#lms_step", "#eq-lms"} <= {*sgd.targets}


BREAKS = json.loads((ROOT / "tools" / "breaks.json").read_text(encoding="utf-8"))
DO_BREAK = """
const box = document.getElementById('break-' + arguments[0]), row = box.querySelector(`[data-id="${arguments[1]}"]`);
const at = row.dataset.spot.split(' ')[0], says = row.querySelector('span').textContent;
const press = (list, text) => [...box.querySelectorAll(list)].find(b => b.textContent === text)?.click();
box.querySelector(`.breakit-spot[data-at="${at}"]`).click();
press('.breakit-choices button', says);
if (arguments[2]) press('.breakit-choices button', arguments[2]);
const verdict = box.querySelector('.breakit-verdict');
return {text: verdict.innerText, lost: [...verdict.querySelectorAll('a')].map(a => a.hash).filter(
          h => !document.getElementById(h.slice(1))), links: [...verdict.querySelectorAll('a')].map(a => a.hash),
        code: box.querySelector('.breakit-code').textContent, count: box.querySelector('.breakit-count').textContent}"""


def fresh_page(browser, url: str, **how) -> None:
    "Open a page for a reader who has caught nothing yet."
    visit(browser, url, **how)
    browser.execute_script("localStorage.clear()")
    visit(browser, url, **how)


def totals(browser) -> list[str]:
    "The last line of the table on the page that counts: breaks, caught, foreseen."
    return [e.text for e in browser.find_elements(By.CSS_SELECTOR, ".breakit-progress tfoot td")]


@pytest.mark.parametrize("module", sorted({function.partition(".")[0] for function in BREAKS}))
def test_every_break_shows_what_went_red_and_is_counted(browser, address, module):
    "Each one is pressed: the check of the record is named and linked, its message shown, the count goes up."
    fresh_page(browser, f"{address}{module}.html")
    for function in (name for name in BREAKS if name.startswith(f"{module}.")):
        caught = 0
        for b in BREAKS[function]["breaks"]:
            shown = browser.execute_script(DO_BREAK, function.partition(".")[2], b["id"], "")
            assert not shown["lost"]
            caught += "red" in b
            if "red" in b:
                words = b["said"].split("\n")[0].split("  ")[0]  # the browser shows two spaces as one
                assert shown["text"].startswith("✗ Caught.") and words in shown["text"]
                assert not b["check"] or f"#{b['check']}" in shown["links"]
            else:
                assert shown["text"].startswith("○ Not caught. Nothing goes red.") and "equivalent" in shown["text"]
            assert shown["count"].startswith(f"{caught} of ")
        assert caught and shown["count"] == f"{caught} of {caught} caught"


def test_caught_breaks_survive_a_reload_are_summed_and_can_be_forgotten(browser, address):
    fresh_page(browser, address + "sgd.html")
    ids = [b["id"] for b in BREAKS["sgd.lms_step"]["breaks"]]
    shown = browser.execute_script(DO_BREAK, "lms_step", ids[0], "")
    assert "return theta +- alpha" in shown["code"] and "#eq-lms" in shown["links"]
    browser.execute_script(DO_BREAK, "lms_step", ids[0], "")  # the same again counts once
    browser.execute_script(DO_BREAK, "lms_step", ids[1], "")
    visit(browser, address + "sgd.html")
    count = browser.find_element(By.CSS_SELECTOR, "#break-lms_step .breakit-count").text
    assert count == f"2 of {len(ids)} caught"
    visit(browser, address + "break_it.html")
    every = sum("red" in b for kept in BREAKS.values() for b in kept["breaks"])
    assert totals(browser) == [str(every), "2", "0"]
    browser.find_element(By.CSS_SELECTOR, ".breakit-progress button").click()
    assert totals(browser) == [str(every), "0", "0"]
    visit(browser, address + "break_it.html")
    assert totals(browser) == [str(every), "0", "0"]


def test_a_reader_who_guesses_first_is_told_whether_it_was_right(browser, address):
    "In a box with several answers: the right one counts as foreseen, a wrong one as caught only."
    fresh_page(browser, address + "sgd.html")
    groups = browser.execute_script("return [...document.querySelectorAll('#break-affine_power tbody[data-kind=red]')]"
                                    ".map(g => [g.dataset.short, g.querySelector('[data-id]').dataset.id])")
    assert len(groups) > 1
    browser.execute_script("document.querySelector('#break-affine_power label input').click()")
    (right, first), (other, second) = groups[:2]
    assert browser.execute_script(DO_BREAK, "affine_power", first, right)["text"].startswith("As you said. ✗ Caught.")
    assert f"You said: {right}." in browser.execute_script(DO_BREAK, "affine_power", second, right)["text"]
    visit(browser, address + "break_it.html")
    assert totals(browser)[1:] == ["2", "1"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_box_works_by_keyboard_on_a_phone_and_axe_finds_nothing_in_it(browser, address, axe, scheme):
    fresh_page(browser, address + "sgd.html", width=390, dark=scheme == "dark")
    spot = browser.find_element(By.CSS_SELECTOR, "#break-lms_step .breakit-spot")
    spot.send_keys(Keys.ENTER)
    choices = browser.find_elements(By.CSS_SELECTOR, "#break-lms_step .breakit-choices button")
    assert [c.text for c in choices][0] == "flip the sign" and min(c.size["height"] for c in choices) >= 24
    choices[0].send_keys(Keys.ENTER)
    active = browser.switch_to.active_element
    assert active.get_attribute("class") == "breakit-spot" and min(active.size.values()) >= 24
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    browser.set_script_timeout(120)
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run('#break-lms_step').then((r) => done(r.violations.map((v) => "
        "v.id + v.nodes[0].html)), (e) => done([String(e)]))")
    assert not found


def test_boxes_can_be_read_without_a_script(site):
    "Each box has its code and every break as a row of a table; no spot is a button before the script makes it one."
    for function, kept in BREAKS.items():
        module, _, name = function.partition(".")
        text = (site / f"{module}.html").read_text(encoding="utf-8")
        box = text[text.index(f'id="break-{name}"'):]
        box = box[:box.index("</table>")]
        assert "<mark>" in box and "<button" not in box
        assert {*re.findall(r'data-id="(\w+)"', box)} == {b["id"] for b in kept["breaks"]}


def test_llms_txt_lists_the_pages(site):
    listed = re.findall(r"\((https://\S+)\)", (site / "llms.txt").read_text(encoding="utf-8"))
    assert {url.rpartition("/")[2] for url in listed} == {*PAGES, *MADE} - {"index.html"}


def test_a_lost_reader_finds_a_page_whatever_the_address(site):
    "Page 404 is shown at any depth: its links begin at the root of the published site, and name files that are there."
    base = re.search(r"^doc_baseurl = (\S+)", (ROOT / "settings.ini").read_text(), re.M)[1]
    local = [t for t in Links(site / "404.html").targets if not re.match(r"[a-z]+:|#", t)]
    assert len(local) > len(PAGES) and all(t.startswith(f"{base}/") for t in local)
    assert all((site / t.removeprefix(f"{base}/").partition("#")[0]).exists() for t in local)


def test_a_letter_in_a_formula_says_what_it_means(browser, address):
    visit(browser, address + "sgd.html")
    letter = next(e for e in browser.find_elements(By.CSS_SELECTOR, "#eq-lms .mi") if e.text.startswith("α"))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].dispatchEvent("
                           "new MouseEvent('mouseover', {bubbles: true}))", letter)
    bubble = browser.find_element(By.CSS_SELECTOR, ".symbol-meaning")
    assert bubble.is_displayed() and bubble.text == "α: a step size, and nothing else"
    browser.execute_script("document.body.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))")
    assert not bubble.is_displayed()


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    "The script of axe-core, from npm."
    from site_npm import from_npm
    return (from_npm("axe-core", AXE, tmp_path_factory.mktemp("axe")) / "axe.min.js").read_text(encoding="utf-8")


AXE_RUN = """
const [options, done] = arguments;
axe.run(document, options).then((r) => done(r.violations.map((v) => v.id + ', ' + v.nodes.length + ' times: ' +
    v.nodes[0].html.slice(0, 150))), (e) => done([String(e)]));
"""
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that depend on the scheme


@every_page
def test_axe_finds_nothing(browser, address, page, axe):
    "No rule of axe-core is broken; after a click on the page's own switch, none about colours in the dark."
    visit(browser, address + page)
    browser.set_script_timeout(120)
    browser.execute_script(axe)
    assert not browser.execute_async_script(AXE_RUN, {})
    try:
        browser.execute_script("document.querySelector('.quarto-color-scheme-toggle').click()")
        WebDriverWait(browser, 20).until(lambda b: b.execute_script(GROUND) < 200)
        assert not browser.execute_async_script(AXE_RUN, {"runOnly": COLOURS})
    finally:
        browser.execute_script("localStorage.clear()")
