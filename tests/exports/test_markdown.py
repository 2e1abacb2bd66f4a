"""The report as Markdown."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.exports import _reading, markdown
from grader.model import Judgement
from tests.exports import samples
from tests.exports.samples import HOSTILE, answer, check, question, report, verdict

INERT = {
    "text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close",
}  # fmt: skip
"""What may stand in a line: nothing that links, loads or is HTML."""


def parsed(written):
    """Return the tokens that a permissive viewer makes of a text, HTML switched on."""
    viewer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return viewer.parse(written)


def inlines(written):
    """Return every piece of every line."""
    return [piece for token in parsed(written) for piece in token.children or ()]


def headings(written):
    """Return the headings as they are shown."""
    tokens = parsed(written)
    return [
        "".join(piece.content for piece in line.children)
        for opening, line in itertools.pairwise(tokens)
        if opening.type == "heading_open"
    ]


@pytest.mark.parametrize("audience", ["student", "staff"])
@pytest.mark.parametrize("sample", ["midterm", "blank", "incomplete", "hostile"])
def test_nothing_links_loads_or_is_html(sample, audience):
    """Whatever a student wrote, a viewer finds text, code and our own headings and tables."""
    written = markdown.report(getattr(samples, sample)(), audience)
    assert not [token for token in parsed(written) if token.type.startswith("html")]
    assert {piece.type for piece in inlines(written)} <= INERT


def test_the_headings_are_the_questions():
    """One heading for the report, one per question, one for the notes, in order."""
    told = [f"{got.id} {got.title}" for got in _reading.of(samples.midterm(), "staff").told]
    written = markdown.report(samples.midterm(), "staff")
    assert headings(written) == ["Deep learning midterm", *told, "Notes"]


def test_a_hostile_answer_makes_no_heading():
    """A heading in an answer, a note or a name stays text."""
    assert headings(markdown.report(samples.hostile(), "staff")) == [
        "Deep learning midterm",
        "q1 An attack",
        "q2 A flood",
        "q3 Many lines",
        "Notes",
    ]


def test_the_table_has_a_row_per_question():
    """A pipe in a title or an id ends no cell."""
    asked = question("q|1", "a | b", verdict(check("text", "a", 1), Judgement(1), answer("x")))
    tokens = parsed(markdown.report(report([asked]), "staff"))
    rows = [token for token in tokens if token.type == "tr_open"]
    cells = [token for token in tokens if token.type in ("td_open", "th_open")]
    assert len(rows) == 3
    assert len(cells) == 15


def _fenced(written):
    judged = verdict(check("text", "a", 1), Judgement(1), answer(written))
    shown = markdown.report(report([question("q1", "", judged)]), "student")
    return [token.content for token in parsed(shown) if token.type == "fence"]


@given(st.text(alphabet="`~\n #<>a|-_*", min_size=1, max_size=60))
def test_a_student_cannot_leave_the_fence(written):
    """An answer of backticks, tildes and headings is one code block, character by character."""
    shown = _reading.safe(written.strip("\r\n")).rstrip()
    if written.strip():
        assert _fenced(written) == [shown + "\n"]


def test_a_fence_is_longer_than_any_in_the_answer():
    """The hostile answer, fences and all, is one block."""
    assert len(_fenced(HOSTILE)) == 1


@given(st.text(max_size=80) | st.text(alphabet="`~_*[]()<>!&;#ax1|\\\"'$ ", max_size=40))
def test_a_sentence_means_what_it_says(sentence):
    """Feedback with signs of Markdown in it is shown as it was meant, sign by sign."""
    safe = _reading.safe(sentence)
    line = f"told: {markdown._inline(safe)}"
    assert {piece.type for piece in inlines(line)} <= INERT - {"strong_open", "code_inline"}
    shown = "".join(piece.content for piece in inlines(line))
    assert shown == f"told: {' '.join(safe.split())}".rstrip()


@given(st.text(alphabet="` ab|", min_size=1, max_size=20).filter(str.strip))
def test_a_code_span_cannot_be_ended_from_within(code):
    """A right answer or a file's name with backticks in it is one span."""
    line = inlines(f"told: {markdown._code(code)} end")
    assert [piece.type for piece in line] == ["text", "code_inline", "text"]
    assert line[1].content == " ".join(code.split())


def test_it_is_readable_as_plain_text():
    """Common notation is left alone: subscripts, products, comparisons, accents."""
    for sentence in ("W_1 and h_11 (m, n), 2 < 3, ŷ − y", "a && b; 100 % & more", "x < 1 > y"):
        assert markdown._inline(sentence) == sentence


def test_a_caret_stays_under_its_place():
    """The lines of a reading error are set as code, so that columns stay."""
    written = markdown.report(samples.midterm(), "student")
    assert "**Feedback:** A bracket is not closed:\n\n```text\n    (a + b\n    ^\n```" in written


def test_every_id_and_mark_is_there():
    """The table and the sections tell the same marks."""
    written = markdown.report(samples.midterm(), "staff")
    assert "`student001`: **43.75 / 77.5**. 17.5 marks await review." in written
    assert "| q1.b | Low test accuracy and overfitting | 0.75 / 5 | partial | 3 |" in written
    assert "## q1.b Low test accuracy and overfitting\n\n**0.75 / 5**, partial." in written
    assert "- No answer: q1.d" in written
    assert len(re.findall("^## q", written, re.MULTILINE)) == 10
