"""Words as answers spell them: folded, stemmed, mistyped, scanned, denied."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.kinds._negation import CERTAIN, DOUBTFUL, polarity
from grader.kinds._prose import LONGEST, compose
from grader.kinds._scan import Tokens, _scan_between, scan, words_of
from grader.kinds._words import fold, is_slip, may_be_slip, stem


def denied(text: str) -> list[str]:
    tokens = scan(text)
    marks = polarity(tokens.words, tokens.before)
    return [word for word, no in zip(tokens.words, marks.denied, strict=True) if no]


def subject(text: str, word: str) -> int:
    tokens = scan(text)
    return polarity(tokens.words, tokens.before).subject[tokens.words.index(word)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("saturates", "saturated"),
        ("classify", "classifies"),
        ("biases", "bias"),
        ("losses", "loss"),
        ("increase", "increasing"),
        ("regularisation", "regularization"),
        ("behaviour", "behavior"),
        ("overfitting", "overfit"),
        ("modelling", "modeling"),
        ("fell", "falls"),
        ("rose", "rising"),
        ("naïve", "naive"),
        ("Dropped", "drop"),
    ],
)
def test_spellings_and_endings_of_a_word_are_one(one: str, other: str) -> None:
    """British or American, singular or plural, any tense: it is the same word."""
    assert stem(fold(one)) == stem(fold(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("loss", "lose"), ("false", "falls"), ("real", "really"), ("test", "train"), ("bias", "base")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    """Cutting endings must not make a word of another one."""
    assert stem(fold(one)) != stem(fold(other))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("derivitive", "derivative"),
        ("gradeint", "gradient"),
        ("discriminater", "discriminator"),
        ("sigmiod", "sigmoid"),
        ("overftting", "overfitting"),
        ("voerfitting", "overfitting"),
    ],
)
def test_a_slip_of_the_pen_is_forgiven_in_a_long_word(written: str, meant: str) -> None:
    """One slip from five letters on, two from nine."""
    assert is_slip(fold(written), fold(meant))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("asymmetric", "symmetric"),
        ("decreasing", "increasing"),
        ("underfitting", "overfitting"),
        ("unstable", "stable"),
        ("ten", "two"),
        ("now", "not"),
        ("bios", "bias"),
    ],
)
def test_the_opposite_is_no_slip_and_short_words_have_none(written: str, meant: str) -> None:
    """A wrong first letter is another word, and `now` is not `not`."""
    assert not is_slip(fold(written), fold(meant))


@pytest.mark.parametrize("word", ["minimise", "generated", "falls", "noise", "infinite"])
def test_a_word_that_is_spelled_rightly_is_no_slip(word: str) -> None:
    """`minimise` is two letters from `maximise` and means the opposite."""
    assert not may_be_slip(fold(word))


@given(st.text(min_size=1, max_size=30))
def test_folding_twice_changes_nothing_more(word: str) -> None:
    """A pattern is folded once, an answer once: both must arrive at the same word."""
    assert fold(fold(word)) == fold(word)


@given(st.sampled_from(["saturation", "overfitting", "derivative"]), st.data())
def test_swapped_neighbours_are_one_slip(word: str, data: st.DataObject) -> None:
    """The commonest slip of all, at any place behind the first letter."""
    at = data.draw(st.integers(1, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert is_slip(swapped, word)


# --- scanning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("σ' ≤ 1/4", ["sigma'", "<=", "0.25"]),
        (r"$\sigma' \leq \frac{1}{4}$", ["sigma'", "<=", "0.25"]),
        ("0,25 and 0.250", ["0.25", "and", "0.25"]),
        ("50,000 samples", ["50000", "samples"]),
        (r"\log 0 = -\infty", ["log", "0", "=", "minus", "infinity"]),
        ("log(0) = -∞", ["log", "0", "=", "minus", "infinity"]),
        ("∏ z_{i,y_i}", ["product", fold("ziyi")]),
        (r"\prod z_{i,y_i}", ["product", fold("ziyi")]),
        ("W_1 W1 W_{1} W₁", ["w1", "w1", "w1", "w1"]),
        ("it doesn't, can't, cannot", ["it", "does", "not", "can", "not", "can", "not"]),
        ("dont isnt won’t", ["do", "not", "is", "not", "will", "not"]),
        ("**bold** and `code`", ["bold", "and", "code"]),
        ("ŷ and \\hat{y}", ["yhat", "and", "yhat"]),
        ("a ≠ b", ["a", "not", "=", "b"]),
        ("x<0", ["x", "<", "0"]),
        ("~~struck out~~ kept", ["struck", "out", "kept"][2:]),
        ("<b>fat</b> <!-- hidden --> kept", ["fat", "kept"]),
        ("the model's loss", ["the", "model", "loss"]),
        ("'quoted words'", ["quoted", "words"]),
    ],
)
def test_formulas_and_decoration_become_words(text: str, words: list[str]) -> None:
    """What is asked for can be mentioned in a pattern however the student sets it."""
    assert scan(unicodedata.normalize("NFKC", text)).words == words


def test_a_pattern_is_read_as_an_answer_is() -> None:
    """`σ'` in a rubric and `\\sigma'` in an answer are one word."""
    assert words_of("σ'") == words_of(r"\sigma'") == ["sigma'"]


@pytest.mark.parametrize(
    "text",
    ["e.g. ReLU", "w.r.t. W", "i.e. one", "0.5 of them", "x.T of it", "acc. falls", "approx. two"],
)
def test_a_point_that_ends_no_sentence_is_none(text: str) -> None:
    """Abbreviations and decimal points do not cut a sentence in two."""
    prose = compose(text, [])
    assert prose is not None
    assert set(prose.sentence) == {prose.sentence[0]}


# --- what is denied ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "it does not saturate",
        "it doesn't saturate",
        "it never saturates",
        "there is no saturation",
        "it works without saturating",
        "it lacks saturation",
        "the absence of saturation",
        "it grows rather than saturates",
        "it prevents saturation",
        "I don't think that it saturates",
        "it is false that it saturates",
        "it does not vanish or saturate",
        "it neither vanishes nor saturates",
        "a non-saturating unit",
        "it fails to saturate",
        "it cannot saturate",
        "not because of saturation",
        "it isnt saturated",
    ],
)
def test_a_negation_reaches_the_word(text: str) -> None:
    """Every usual way to say no."""
    assert any(word.startswith("saturat") for word in denied(text))


@pytest.mark.parametrize(
    "text",
    [
        "it saturates",
        "No, it saturates",
        "No it saturates",
        "it does not vanish but saturates",
        "it does not vanish because it saturates",
        "it does not vanish. It saturates",
        "it does not vanish, it saturates",
        "it does not fail to saturate",
        "it is not without saturation",
        "it not only vanishes but saturates",
        "it is not linear and saturates",
        "it is not linear for saturated inputs",
        "no doubt it saturates",
    ],
)
def test_a_negation_ends_where_its_clause_ends(text: str) -> None:
    """A `no` as answer, the next clause, and a second negation leave the word claimed."""
    assert not any(word.startswith("saturat") for word in denied(text))


def test_what_is_called_wrong_is_turned_round() -> None:
    """ "The idea that ReLU saturates is wrong" denies it."""
    assert "saturates" in denied("the idea that relu saturates is wrong")
    assert "saturate" not in denied("that relu does not saturate is wrong")


def test_the_subject_of_a_negated_verb_is_denied_with_doubt_or_surely() -> None:
    """ "Saturation does not occur" denies it surely; "saturation does not help" may not."""
    assert subject("saturation does not occur", "saturation") == CERTAIN
    assert subject("saturation is avoided", "saturation") == CERTAIN
    assert subject("saturation does not help", "saturation") == DOUBTFUL
    assert subject("saturation does help", "saturation") == 0


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """No text of any script raises, and every word knows where it stood."""
    prose = compose(text, ["a question"])
    if prose is not None:
        assert all(0 <= start < end <= len(prose.text) for start, end in prose.spans)
        assert len(prose.words) == len(prose.denied) == len(prose.stretch)


def test_a_text_is_read_up_to_a_bound() -> None:
    """A megabyte costs what a page costs, and is said to be unusually long."""
    prose = compose("the loss is high " * 60_000, [])
    assert prose is not None
    assert len(prose.text) <= LONGEST
    assert "unusually long" in prose.alarms


PIECES = (
    *("relu", "don't", "e.g.", "etc.", "x>0", "1/4", "1 / 4", "\\sigma'", "-", "—", "over-", "(a)"),
    *("a)", "\n", "\n\n", "\n- ", "?", "!", "…", "<b>", "</b>", "<!--", "-->", "~~x y~~", "z_{i,"),
    *(
        "j}",
        '"so"',
        "(see",
        "lecture)",
        "i.e.",
        "vs.",
        "x.T",
        "=>",
        ":",
        ";",
        "isn’t",
        "f'(x)",
        "^2",
    ),
)


@given(st.lists(st.sampled_from([*PIECES, *(f"{piece} " for piece in PIECES)]), max_size=12))
def test_a_word_is_read_alike_alone_and_among_others(pieces: list[str]) -> None:
    """What is kept of a word between two spaces is what the whole text says there."""
    text = "".join(pieces)
    whole = Tokens()
    _scan_between(0, len(text), text, whole)
    kept = scan(text)
    assert (kept.words, kept.spans, kept.before, kept.asked) == (
        whole.words,
        whole.spans,
        whole.before,
        whole.asked,
    )
