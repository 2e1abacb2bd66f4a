"""The report as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exports import _reading, html
from grader.model import Judgement
from tests.exports import samples
from tests.exports.samples import HOSTILE, answer, check, question, report, verdict

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1",
    "h2", "p", "div", "span", "strong", "bdi", "a", "table", "caption", "thead", "tbody", "tfoot",
    "tr", "th", "td", "dl", "dt", "dd", "ul", "li", "pre", "code", "details", "summary",
    "math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac",
    "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable",
    "mtr", "mtd",
}  # fmt: skip

ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "style", "id", "href", "scope",
    "colspan", "dir", "aria-hidden", "aria-labelledby", "display", "encoding", "stretchy",
    "fence", "accent", "movablelimits", "lspace", "rspace", "width",
}  # fmt: skip

VOID = {"meta"}


class Page(HTMLParser):
    """What a browser would read: every element with its attributes, and the text right in it."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[int] = []
        self.feed(written)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(len(self.elements))
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]] += data

    def all(self, tag):
        """Return the attributes of every element of a kind."""
        return [attributes for found, attributes in self.elements if found == tag]

    def said(self, *tags):
        """Return the text of every element of some kinds."""
        told = zip(self.elements, self.texts, strict=True)
        return [text for (tag, _), text in told if tag in tags]


def a_page(written: str, **judged: object) -> Page:
    """Return the page of a report with one answer."""
    judgement = Judgement(credit=0.5, **judged)
    asked = verdict(check("text", "a", 1), judgement, answer(written))
    return Page(html.report(report([question("q1", "", asked)]), "staff"))


@pytest.mark.parametrize("audience", ["student", "staff"])
@pytest.mark.parametrize("sample", ["midterm", "blank", "incomplete", "hostile"])
def test_a_page_is_made_of_known_elements_only(sample, audience):
    """Every element and attribute is one that we write, each closed where it was opened."""
    page = Page(html.report(getattr(samples, sample)(), audience))
    assert {tag for tag, _ in page.elements} <= TAGS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES


def test_reference_answers_make_a_page():
    """The page of reference answers is built of the same elements, formulas set."""
    page = Page(html.answers(*samples.references()))
    assert {tag for tag, _ in page.elements} <= TAGS
    assert page.said("h1") == ["Deep learning midterm"]
    assert len(page.all("math")) == 1


@pytest.mark.parametrize("sample", ["midterm", "hostile"])
def test_a_page_fetches_nothing_and_runs_nothing(sample):
    """The policy forbids it, and there is nothing that could: links stay on the page."""
    page = Page(html.report(getattr(samples, sample)(), "staff"))
    [policy] = [meta for meta in page.all("meta") if "http-equiv" in meta]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "script" not in policy["content"]
    for _, attributes in page.elements:
        assert attributes.get("href", "#").startswith("#")
        assert "url(" not in (attributes.get("style") or "")
    assert "@import" not in page.said("style")[0]
    assert "url(" not in page.said("style")[0]


def test_links_lead_to_the_questions():
    """Every link of the table has its section; a question without an answer has none."""
    page = Page(html.report(samples.midterm(), "staff"))
    sections = {section["id"] for section in page.all("section")}
    assert {link["href"].removeprefix("#") for link in page.all("a")} == sections
    assert "q-q1.a" in sections
    assert "q-q1.d" not in sections


def test_a_page_can_be_read_aloud():
    """A language, one main heading, a heading per section, and cells that know their headers."""
    page = Page(html.report(samples.midterm(), "staff"))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    titles = {heading["id"] for heading in page.all("h2")}
    assert {section["aria-labelledby"] for section in page.all("section")} == titles
    assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == 1


def test_the_outcome_is_a_word():
    """Colour and shape only repeat what is written."""
    page = Page(html.report(samples.midterm(), "staff"))
    told = [
        (attributes["class"], text)
        for (tag, attributes), text in zip(page.elements, page.texts, strict=True)
        if tag == "span" and (attributes.get("class") or "").startswith("outcome ")
    ]
    assert len(told) > 20
    assert all(names == f"outcome {text}" for names, text in told)


@given(st.text(min_size=1, max_size=80) | st.text("<>&\"'/!-[]$\\ a", min_size=1, max_size=40))
def test_what_a_student_wrote_is_shown_and_never_read(written):
    """Every sign of an answer is text on the page, whatever it would mean to a browser."""
    safe = _reading.safe(written.strip("\r\n")).rstrip()
    page = a_page(written, say=written, evidence=written)
    assert {tag for tag, _ in page.elements} <= TAGS
    if written.strip() and not page.all("math"):
        assert safe in page.said("div", "pre")


def test_the_hostile_answer_is_one_text():
    """Closing tags, scripts, images and handlers are all shown, character by character."""
    page = a_page(HOSTILE)
    [passage] = [text for text in page.said("pre") if text.startswith("[/foo]")]
    assert passage == _reading.safe(HOSTILE)


@pytest.mark.parametrize(
    ("written", "formulas"),
    [
        (r"$x^2$ and \(y_1\)", 2),
        (r"$$x^2$$", 1),
        (r"\[\frac{a}{b}\]", 1),
        (r"(\hat{y} - y) x^{\top}", 1),
        (r"A = \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}", 1),
        ("first\n\\sigma(z) - y\nlast", 1),
        (r"it costs $5 and not $6", 0),
        (r"the derivative is \sigma(z)", 0),
        (r"(y_hat - y) @ x.T", 0),
        (r"print('\n')", 0),
        (r"$\href{javascript:alert(1)}{x}$", 0),
        (r"$unclosed", 0),
        ("(ŷ − y)xᵀ", 0),
    ],
)
def test_formulas_are_set_and_prose_is_not(written, formulas):
    """LaTeX between its signs, or a line of nothing else, becomes MathML."""
    assert len(a_page(written).all("math")) == formulas


def test_a_set_formula_is_also_shown_as_typed():
    """A reader can always see what the student really wrote."""
    written = r"so $\hat y - y$ <b>"
    assert written in a_page(written).said("pre")


@pytest.mark.parametrize("row", ["+--++--+", "+ - - + + - - +", "1 0 0 1 1 0 0 1", "■□□■■□□■"])
def test_a_picture_in_signs_keeps_its_columns(row):
    """Eight rows of eight signs, with or without spaces between them, stand under each other."""
    assert a_page("\n".join([row] * 8)).said("pre") == ["\n".join([row] * 8)]
    assert a_page("There are 1 0 0 1 of them.").said("pre") == []
    assert a_page("1 - |x1 - 1|").said("pre") == []


def test_a_table_keeps_its_columns():
    """Text laid out in columns or signs is set in a fixed width, prose is not."""
    for laid_out in (samples.VGG, "+--+\n-++-", "a\tb", "def f(x):\n    return x"):
        assert a_page(laid_out).said("pre") == [laid_out]
    assert a_page("just a sentence, 42").said("pre") == []


def test_a_hostile_page_stays_small():
    """Megabytes of answer become kilobytes of page."""
    assert len(html.report(samples.hostile(), "staff").encode()) < 60_000


def _luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _palettes() -> list[dict[str, str]]:
    sheet = html.SHEET.read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", scheme)) for scheme in (light, dark)]


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
def test_every_text_has_enough_contrast(palette):
    """Text stands out from what it is on by 4.5 to 1 or more, in light and in dark."""
    grounds = ("paper", "card", "well")
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent") for ground in grounds]
    pairs += [(f"{got}-ink", f"{got}-paper") for got in samples.Outcome]
    for ink, ground in pairs:
        high, low = sorted(map(_luminance, (palette[ink], palette[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)
