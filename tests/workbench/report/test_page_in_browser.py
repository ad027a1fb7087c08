"""The report in a browser without a network: screens, keyboard, graph, tables, search, accessibility."""

import os
import shutil

import pytest

from helpers.made_up_report import page as make_page
from helpers.made_up_report import results

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed; make .venv/browser adds it"
)
pytestmark = pytest.mark.slow

WIDTHS = (390, 768, 1600)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A report with claims, tables, figures and the graphs of 12 tasks. REPORT, a path, takes its place."""
    if os.environ.get("REPORT"):
        return f"file://{os.path.abspath(os.environ['REPORT'])}"
    folder = tmp_path_factory.mktemp("report")
    run, inputs = results(folder)
    path = folder / "report.html"
    path.write_text(make_page(folder, run, inputs), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as started:
        # Chromium refuses its own sandbox to root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = started.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, address):
    """Return the function that opens the report at a width; the page had no error at the end."""
    errors, contexts = [], []

    def open_at(width, **facts):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, offline=True, **facts))
        page = contexts[-1].new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not errors


@pytest.mark.parametrize("width", WIDTHS)
def test_page_does_not_scroll_sideways(opened, width):
    page = opened(width)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        "[...document.querySelectorAll('main > *, header > *, nav > *, article, #explorer *')]"
        ".filter((each) => !each.closest('.scroll, .contents'))"
        ".filter((each) => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map((each) => each.outerHTML.slice(0, 80))"
    )
    assert not outside


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, width, colors):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(width, color_scheme=colors, reduced_motion="reduce")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.fill("#query", "amtl")
    found = Axe().run(page).response
    serious = [
        (each["id"], each["nodes"][0]["html"][:120])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert found["passes"] and not serious


def test_every_anchor_leads_to_a_visible_place(opened):
    page = opened(1600)
    for name in {link.get_attribute("href") for link in page.query_selector_all("a[href^='#']")}:
        target = page.query_selector(f"[id='{name[1:]}']")
        assert target is not None and target.bounding_box() is not None, name


def test_a_click_changes_the_graph_and_shows_the_gain(opened):
    page = opened(1600)
    assert "Point at a task" in page.inner_text("#graph-task")
    before = page.inner_html("#graph")
    page.click("#graph .node[data-task='3'] circle")
    assert page.inner_html("#graph") != before
    assert "Gain over STL" in page.inner_text("#graph-task")


def test_choices_and_threshold_change_the_graph(opened):
    page = opened(1600)
    seen = {page.inner_html("#graph")}
    for choose in (
        lambda: page.select_option("#graph-method", index=1),
        lambda: page.select_option("#graph-split", index=1),
        lambda: page.evaluate(
            "(() => { const each = document.getElementById('graph-threshold'); each.value = 90;"
            " each.dispatchEvent(new Event('input')); })()"
        ),
    ):
        choose()
        content = page.inner_html("#graph")
        assert content not in seen
        seen.add(content)
    shown, _, total, *_ = page.inner_text("#graph-count").split()
    assert len(page.query_selector_all("#graph .link")) == int(shown) < int(total)


def test_graph_is_usable_by_keyboard_and_as_a_table(opened):
    page = opened(768)
    page.focus("#graph-threshold")
    page.keyboard.press("Tab")
    first = page.inner_text("#graph-task h4")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#graph-task h4") != first
    page.click("#learned-graphs summary")
    rows = page.query_selector_all("#graph-table tbody tr")
    assert len(rows) == len(page.query_selector_all("#graph .node")) and rows[0].is_visible()


def test_a_sort_changes_the_order_and_back(opened):
    page = opened(1600)
    table = "#tables-table1 table"

    def column():
        return page.eval_on_selector_all(
            f"{table} tbody:first-of-type tr", "rows => rows.map(r => r.cells[1].innerText)"
        )

    before = column()
    page.click(f"{table} thead tr:last-child th:nth-child(2) button")
    rising = column()
    assert sorted(before) == sorted(rising) and rising != before
    numbers = [float(text.split()[0]) for text in rising if text[0].isdigit()]
    assert numbers == sorted(numbers) and all(text[0].isdigit() for text in rising[: len(numbers)])
    page.focus(f"{table} thead tr:last-child th:nth-child(2) button")
    page.keyboard.press("Enter")
    assert page.get_attribute(f"{table} th[aria-sort]", "aria-sort") == "descending" and column() != rising


def test_search_finds_a_claim_first_and_methods_everywhere(opened):
    page = opened(390)
    page.keyboard.press("/")
    page.keyboard.type("C6")
    assert page.inner_text("#found li:first-child").startswith("C6")
    page.keyboard.press("Enter")
    assert page.url.endswith("#C6")
    page.fill("#query", "amtl")
    found = [each.get_attribute("href") for each in page.query_selector_all("#found a")]
    assert {"#C1", "#tables-table1"} <= set(found)
    page.click("#found a[href='#tables-table1']")
    assert page.is_visible("#tables-table1 tr.hit")
    page.fill("#query", "no such text")
    assert "0" in page.inner_text("#hits")


def test_csv_files_download(opened):
    page = opened(1600)
    with page.expect_download() as found:
        page.click("#tables-table1 a[download]")
    text = open(found.value.path(), encoding="utf-8").read()
    assert found.value.suggested_filename == "table1.csv" and text.startswith("table,dataset,")


def test_theme_changes_and_stays(opened):
    page = opened(1600, color_scheme="light")
    colors = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colors)
    page.click("#theme")
    dark = page.evaluate(colors)
    page.reload()
    assert light != dark == page.evaluate(colors)


def test_without_javascript_everything_but_the_tools_is_there(browser, address):
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(address)
    assert (
        page.is_visible("#C6") and page.is_visible("#tables-table1 table") and page.is_visible("noscript p")
    )
    context.close()
