"""Every page that is made, in a real browser: phone width, dark mode, names, and a click."""

import json
import re
import shutil

import numpy as np
import pytest
from cli_cases import small_network
from import_cases import float_network
from pages.demo_cases import write_demo

import thresh
from thresh.network import Network
from thresh.reports.page import write_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE = {"width": 390, "height": 844}
RANDOM = np.random.default_rng(3)

OUTSIDE = """() => [...document.querySelectorAll("td, th, p, h1, h2, svg, figcaption")]
  .filter(e => !e.closest(".cards thead")).filter(e => {
    const box = e.getBoundingClientRect();
    const cut = e.scrollWidth > e.clientWidth + 2 && !(e instanceof SVGElement);
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1 || cut); })
  .map(e => e.tagName + " " + e.textContent)"""
"""What a phone does not show whole."""

BROKEN = """() => [...document.querySelectorAll("td, th")]
  .filter(e => !e.closest(".cards thead") && !/\\s/.test(e.textContent.trim())).filter(e => {
    const range = document.createRange(); range.selectNodeContents(e);
    return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1; })
  .map(e => e.textContent)"""
"""Words that are broken into letters."""


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("there is no Chromium on the PATH")
    with api.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of every kind by name, and what the explore page was made of."""
    folder = tmp_path_factory.mktemp("pages")
    network = Network(small_network())
    x = np.cumsum(RANDOM.normal(0, 0.1, (4, 20, 5)), axis=1)
    found = network.explore(x, boards=["icebreaker", "ulx3s-12f"], max_loss=5, levels=4, rounds=1)
    floats = thresh.convert(float_network("gru", "linear"))
    quantised = floats.quantise(RANDOM.normal(size=(4, 30, 3)))
    accelerator = network.compile("icebreaker")
    shown = {
        "explore": found, "network": network, "floats": floats, "accelerator": accelerator,
        "quantisation": quantised.quantisation, "estimate": accelerator.estimate(),
        "evaluation": network.evaluate(x, RANDOM.normal(size=(4, 3))),
    }  # fmt: skip
    for name, one in shown.items():
        one.to_html(folder / f"{name}.html")
    write_page(write_demo(folder / "demo"))
    shutil.copy(folder / "demo" / "report.html", folder / "demo.html")
    return folder, found


KINDS = ["explore", "network", "floats", "accelerator", "quantisation", "estimate", "evaluation",
         "demo"]  # fmt: skip


def opened(browser, pages, name, **options):
    page = browser.new_context(**options).new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((pages[0] / f"{name}.html").as_uri())
    assert said == []
    return page


@pytest.mark.parametrize("name", KINDS)
def test_a_phone_shows_every_page_whole(browser, pages, name):
    page = opened(browser, pages, name, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(BROKEN) == []


@pytest.mark.parametrize("name", KINDS)
def test_pages_are_dark_where_the_reader_wants_it(browser, pages, name):
    def colours(scheme):
        page = opened(browser, pages, name, color_scheme=scheme)
        style = "(k => getComputedStyle(document.body)[k])"
        return [sum(map(int, re.findall(r"\d+", page.evaluate(f"{style}('{key}')"))))
                for key in ("backgroundColor", "color")]  # fmt: skip

    light, dark = colours("light"), colours("dark")
    assert light[0] > 600 > 200 > light[1]
    assert dark[0] < 200 < 600 < dark[1]


def test_the_front_shows_seven_columns_on_a_phone(browser, pages):
    page = opened(browser, pages, "explore", viewport=PHONE)
    rows = page.get_by_role("table").last.get_by_role("row")
    front = pages[1].to_dict()["front"]
    assert rows.count() == len(front) + 1
    cells = rows.nth(1).get_by_role("cell")
    assert cells.count() == 7
    names = [cells.nth(k).get_attribute("data-name") for k in range(7)]
    assert names == ["threshold x; h", "error", "loss", "fetches per frame", "reduction",
                     "cycles per frame", "energy, estimate"]  # fmt: skip
    for k in range(7):
        box = cells.nth(k).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("way", ["click", "keyboard"])
def test_a_point_tells_its_figures(browser, pages, way):
    page = opened(browser, pages, "explore", viewport=PHONE)
    point = min(pages[1].to_dict()["front"], key=lambda point: -point["loss"])
    text = f"{point['fetches_per_frame']:,.0f} fetches per frame"
    circle = page.get_by_role("button", name=re.compile(f", {re.escape(text)}$")).first
    if way == "click":
        circle.click()
    else:
        circle.focus()
    detail = page.locator("#detail").inner_text()
    assert f"{point['reduction']:.1f} × fewer than dense" in detail
    assert "iCEBreaker" in detail
    cycles = point["boards"]["icebreaker"]["cycles_per_frame"]
    assert f"{round(cycles):,}" in detail
    assert page.locator("tr.on").count() == 1


def test_readers_of_screens_are_told_every_point_and_figure(browser, pages):
    page = opened(browser, pages, "explore")
    circles = page.locator("circle")
    names = [circles.nth(k).get_attribute("aria-label") for k in range(circles.count())]
    assert len(names) == pages[1].to_dict()["points"]
    said = r"(?:[\w ]+: )?thresholds \S+; \S+, error \S+ RMS, [\d,]+ fetches per frame"
    assert all(re.fullmatch(said, name) for name in names), names
    figures = opened(browser, pages, "demo").get_by_role("img")
    assert figures.count() == 4
    assert "of the device" in json.dumps(figures.nth(2).get_attribute("aria-label")).lower()
