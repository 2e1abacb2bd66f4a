"""What an answer says in passing may excuse what would be a mistake."""

import pytest

from grader.kinds._slips import is_stated

LEFT_OUT = [
    "no bias*", "without ... bias*", "bias* free", "weights only",
    "ignor*|neglect*|omit* ... bias*", "leav*|left out ... bias*", "leav*|left ... bias* ... out",
    "bias* ... not|neglected|ignored",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["No bias.", "without any biases", "Without bias:", "bias-free", "Weights only",
     "ignoring biases", "I neglect the bias terms here", "(biases neglected)",
     "Biases are not included.",
     "I leave out the biases.", "we left the biases out", "omitting all of the bias parameters",
     "WITHOUT  BIAS"],
)  # fmt: skip
def test_a_phrase_allows_for_endings_choices_and_a_few_words(text: str):
    """The same is said in many ways."""
    assert is_stated(text, LEFT_OUT)


@pytest.mark.parametrize(
    "text",
    ["with biases", "The biases are counted.", "I did not ignore the biases",
     "without pooling. Biases are there", "the unbiased count", "never without a bias",
     "ignoring what was said; " + "x " * 40 + "bias"],
)  # fmt: skip
def test_what_says_the_opposite_or_something_else_is_no_excuse(text: str):
    """A denial, another sentence, a longer word, words that lie far apart."""
    assert not is_stated(text, [each for each in LEFT_OUT if not each.startswith("bias* ...")])


@pytest.mark.parametrize("text", ["1 dit", "1 ban", "1 hartley", "0.22 Hartleys", "lg 10 = 1"])
def test_units_of_a_decimal_logarithm_state_its_base(text: str):
    """As bits and shannons do for base 2."""
    assert is_stated(text, "base-10")


def test_a_flood_of_text_is_searched_in_linear_time():
    """A megabyte of beginnings of phrases."""
    assert not is_stated("without ignoring left " * 50_000, LEFT_OUT)
