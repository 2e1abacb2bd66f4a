"""The page in a real browser."""

from __future__ import annotations

import pytest

from grader.exports import html
from tests.exports import chromium, samples

pytestmark = pytest.mark.skipif(chromium.executable() is None, reason="Chromium is not installed")

PAGES = {
    "midterm": lambda: html.report(samples.midterm(), "staff"),
    "student": lambda: html.report(samples.midterm(), "student"),
    "hostile": lambda: html.report(samples.hostile(), "staff"),
    "blank": lambda: html.report(samples.blank(), "student"),
    "references": lambda: html.answers(*samples.references()),
}


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    """A tab of a headless Chromium."""
    with chromium.page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(params=PAGES)
def file(request, tmp_path):
    """A report on disk, as a student would open it."""
    path = tmp_path / f"{request.param}.html"
    path.write_text(PAGES[request.param](), encoding="utf-8")
    return path


def test_a_phone_never_scrolls_sideways(tab, file):
    """At 390 and at 320 pixels every page is as wide as the screen, and so it is on a desktop."""
    for width in (320, 390, 1280):
        tab.show(file, width=width)
        assert tab.value("document.documentElement.scrollWidth") == width


def test_a_page_runs_no_script_and_asks_for_nothing(tab, file):
    """What a student wrote sets no variable, adds no element that loads, and calls no server."""
    tab.requests.clear()
    tab.show(file, width=390)
    assert tab.value("typeof window.pwned") == "undefined"
    assert tab.value("document.querySelectorAll('script, img, iframe, object, form').length") == 0
    assert tab.requests == [file.as_uri()]


def test_the_probe_would_notice_a_script_and_a_request(tab, tmp_path):
    """A page that does run and fetch is seen to do so, and our policy stops it."""
    loud = "<script>window.pwned = 1</script><img src='http://127.0.0.1:9/a.png'>"
    bare = tmp_path / "bare.html"
    bare.write_text(f"<!doctype html><body>{loud}</body>", encoding="utf-8")
    tab.requests.clear()
    tab.show(bare, width=390)
    assert tab.value("window.pwned") == 1
    assert "http://127.0.0.1:9/a.png" in tab.requests

    guarded = tmp_path / "guarded.html"
    page = html.report(samples.blank(), "staff").replace("</main>", f"{loud}</main>")
    guarded.write_text(page, encoding="utf-8")
    tab.show(guarded, width=390)
    assert tab.value("typeof window.pwned") == "undefined"


def test_dark_and_light_follow_the_reader(tab, file):
    """The page's ground is dark for who prefers it so, and light otherwise."""
    ground = "getComputedStyle(document.body).backgroundColor"
    tab.show(file, width=1280)
    assert tab.value(ground) == "rgb(250, 249, 246)"
    tab.show(file, width=1280, dark=True)
    assert tab.value(ground) == "rgb(21, 23, 27)"


def test_formulas_are_drawn(tab, tmp_path):
    """A browser lays the MathML out: the fraction is taller than a line of it."""
    path = tmp_path / "midterm.html"
    path.write_text(PAGES["midterm"](), encoding="utf-8")
    tab.show(path, width=1280)
    height = "document.querySelector('{}').getBoundingClientRect().height"
    assert tab.value(height.format("mfrac")) > 1.5 * tab.value(height.format("mi"))
    assert tab.value(height.format("annotation")) == 0


def test_paper_has_no_dark_ground(tab, file):
    """Printed, the page is ink on white, even from a dark screen."""
    tab.show(file, width=800, dark=True)
    tab.call("Emulation.setEmulatedMedia", media="print", features=[])
    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    tab.call("Emulation.setEmulatedMedia", media="", features=[])
