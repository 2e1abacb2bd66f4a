"""Text is made safe to show, and stays what it was otherwise."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.values import clean, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("σ(z) − y", "σ(z) − y"),
        ("a\r\nb\tc\n", "a\nb\tc\n"),
        ("\x1b[31mPASS", "<U+001B>[31mPASS"),
        ("over\rwrite", "over<U+000D>write"),
        ("\u202edrawkcab", "<U+202E>drawkcab"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("tag\U000e0041", "tag<U+E0041>"),
        ("lone \ud800", "lone <U+D800>"),
        ("no-break\u00a0space", "no-break\u00a0space"),
        ("✓\ufe0f", "✓"),
    ],
)
def test_what_acts_or_hides_is_made_visible(text: str, shown: str):
    """An escape, an override or a hidden character is written out; the rest stays."""
    assert clean(text) == shown


@given(st.text())
def test_clean_text_has_no_control_characters_and_stays_clean(text: str):
    """Nothing that could act on a terminal is left, and cleaning twice changes nothing."""
    once = clean(text)
    assert all(char in "\n\t" or unicodedata.category(char)[0] != "C" for char in once)
    assert clean(once) == once


@given(st.text(), st.integers(1, 20))
def test_shortened_text_fits(text: str, width: int):
    """A text is cut to the width, and an ellipsis says so."""
    short = shorten(text, width)
    assert len(short) <= width
    assert short == text or short.endswith("…")
