"""Numbers are read in every notation, judged within a tolerance, and their slips are named."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Case, _numerals, number
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

LN_10 = {"value": "ln 10", "log": "natural"}
COUNT = {"value": 138_357_544, "digits": 3, "rtol": 0}
INFINITE = {"value": math.inf, "undefined": True}
SIXTY = {"value": 60, "rtol": 0}
TEN = Mistake(
    "log-base-10", "A base-10 logarithm.", 0.6, {"unless_stated": "base-10"}, once="log-base"
)


def asked(
    options: Mapping[str, Any], mistakes: Sequence[Mistake] = (), names: Sequence[str] = ()
) -> tuple[Check, Question]:
    check = Check("number", "value", 2, options, tuple(names), tuple(mistakes))
    return check, Question("q", "Q", "?", 2, (check,))


def call(name: str, arguments: Mapping[str, Any]) -> Any:
    return {"t.given": lambda x, **_: x, "t.minus": lambda x, **_: -x}[name](**arguments)


def found_in(value: Any, check: Check, question: Question) -> number.Got | None:
    text = value if isinstance(value, str) else ""
    return number.read(Answer(value, text, Place("a.md", 1)), check, question)


def judged(
    value: Any,
    options: Mapping[str, Any],
    mistakes: Sequence[Mistake] = (),
    names: Sequence[str] = (),
    charged: Sequence[str] = (),
) -> Judgement:
    check, question = asked(options, mistakes, names)
    got = found_in(value, check, question)
    assert got is not None, "blank"
    want = number.expect(check, question, call)
    return number.judge(got, want, Case(check, question, charged=frozenset(charged)))


def ids(judgement: Judgement) -> list[str]:
    return [each.id for each in judgement.mistakes]


@pytest.mark.parametrize(
    "text",
    [
        "2.3026", "2,3026", "2.30", "2.3", "~2.3", "≈ 2.30", "= 2.303", "about 2.3", "2.303 nats",
        "2,303", "２．３０２６", "-ln(0.1)", "− ln 0.1", "ln 10", "log(10)", "-log(0.1)",
        "-ln(0,1)",
        "-np.log(0.1)", r"$-\ln(0.1)$", r"$$H = -\ln(0.1) \approx \mathbf{2.3026}$$",
        r"\boxed{2.3026}", "**2.3026**", "`2.3026`", "2.3026.", "  2.3026\n", "23/10", "2.3026e0",
        "2.3026·10⁰", "230%", "− log(0.1) = 2.303",
        "The cross entropy is 2.30.",
        "H(y, ŷ) = -(1·ln 0.1 + 0·ln 0.4 + 0·ln 0.5) = 2.3026",
        "H = 2.30 (natural log), using N = 1", "Answer: 2.3026. (Check: e^-2.3026 = 0.1)",
        "2.3026\n\nThis is because log(0.1) = -2.3026 and y = (1, 0, 0).",
        "Since y = (1, 0, 0), H = 2.30", "It decreases from 4.6 to 2.3",
        "2.3, which is more than 0.51", "H = 2.30 > 0.51, so the loss was larger",
        "loss -> 2.3", "<b>2.3026</b>", "H &= -\\log(0.1) \\\\ &= 2.3026",
    ],
)  # fmt: skip
def test_one_value_has_many_forms(text: str):
    """ln 10 may be typed, rounded, computed, explained, or stand at the end of a derivation."""
    judgement = judged(text, LN_10)
    assert (judgement.credit, judgement.review) == (1.0, 0.0), judgement


@pytest.mark.parametrize(
    "text",
    [
        "138357544", "138,357,544", "138 357 544", "138.357.544", "138'357'544", "138_357_544",
        "13,83,57,544", "138M", "138 M", "138 million", "1.38e8", "1.38E+08", "1.38 x 10^8",
        "1.38·10⁸", r"1.38 \times 10^{8}", "138.4M", "138,357,544 parameters", "138{,}357{,}544",
        "about 138 million parameters", "total = 138,357,544", "138,358k",
    ],
)  # fmt: skip
def test_large_numbers_are_grouped_and_scaled_as_people_do(text: str):
    """Separators, powers of ten and M are read, and a count rounded to three digits is right."""
    judgement = judged(text, COUNT)
    assert judgement.credit == 1.0, judgement


@pytest.mark.parametrize("text", ["138357545", "139M", "1.38e9", "13,835,754", "137 million"])
def test_another_large_number_is_wrong(text: str):
    """A count that is off by one, or by a digit, is another count."""
    judgement = judged(text, COUNT)
    assert judgement.credit < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "∞", "inf", "+inf", "infinity", "+infinity", "Infinite", r"\infty", r"$+\infty$", "-ln 0",
        "undefined", "not defined", "NaN", "does not exist", "It diverges", "goes to infinity",
        "infinite, because log 0 is undefined", "it would be infinity",
        "H = -(0.1 log 1 + 0.4 log 0 + 0.5 log 0) = ∞", "unendlich",
    ],
)  # fmt: skip
def test_infinity_may_be_said_or_called_undefined(text: str):
    """Where the value is infinite, and the rubric agrees, undefined is as good."""
    judgement = judged(text, INFINITE)
    assert judgement.credit == 1.0, judgement


@pytest.mark.parametrize("text", ["0", "1", "1000000", "14.5", "-∞", "minus infinity"])
def test_a_number_is_not_infinity(text: str):
    """No finite number, however large, and not the other infinity, is infinity."""
    judgement = judged(text, INFINITE)
    assert judgement.credit < 1.0


def test_an_overflow_is_not_infinity():
    """A number too large for a double is unreadable, not infinitely right."""
    for text in ("1e999", "9**9**9", "10^(10^10)"):
        with pytest.raises(Unreadable):
            judged(text, INFINITE)


def test_undefined_is_wrong_where_the_rubric_does_not_accept_it():
    """Without the option, a missing value is no value."""
    judgement = judged("undefined", {"value": math.inf})
    assert judgement.credit == 0.0
    assert judged("undefined", LN_10).credit == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "60", "60.", "**60**", "60 parameters", "5*10+10", "5 x 10 + 10", "50 + 10 = 60.",
        "10×5 weights + 10 biases = 60 (shared by both branches: not 120)",
        "W: 5x10 = 50, b: 10, total 60", "W has 10*5=50 and b has 10 so 60 in total",
        "there are 60 parameters (50 weights + 10 biases)", "60, since W and b are shared",
        "W is 10x5, b is 10x1: 50+10=60 parameters in total", "60 = 50 + 10",
        "| W | 50 |\n| b | 10 |\n| total | 60 |", "W\t50\nb\t10\nSum\t60",
    ],
)  # fmt: skip
def test_the_result_is_found_among_other_numbers(text: str):
    """Factors, summands, asides and a table's other rows are not taken for the result."""
    judgement = judged(text, SIXTY)
    assert judgement.credit == 1.0, judgement


@pytest.mark.parametrize("text", ["50", "120", "62", "59.9", "-60.5", "6"])
def test_a_count_is_exact(text: str):
    """Where the tolerance is zero, the next whole number is wrong."""
    judgement = judged(text, SIXTY)
    assert judgement.credit == 0.0


def test_the_last_row_of_a_table_is_its_result():
    """A pasted table of the summands ends with the sum, whose label says so."""
    table = "LABEL\tLOG\tPRODUCT\n1\t$\\log(.6)$\t-.511\n0\t$\\log(.3)$\t0\nNegative SUM:\t\t.511"
    judgement = judged(table, {"value": "-ln 0.6"})
    assert judgement.credit == 1.0
    assert "SUM" in judgement.evidence


@pytest.mark.parametrize(
    "text",
    [
        "H = -log(0.1)\n= 1", "H = -log(0.1) =\n1", "$$H = -\\log(0.1)$$\n$$= 1$$",
        "\\begin{aligned} H &= -\\log(0.1) \\\\ &= 1 \\end{aligned}",
    ],
)  # fmt: skip
def test_an_equation_may_go_on_in_the_next_line(text: str):
    """The end of the chain is the result, not the computation above it."""
    assert ids(judged(text, LN_10)) == ["log-base-10"]


def test_a_label_of_the_rubric_finds_its_result():
    """The number after the field's own name wins over later ones."""
    text = "J(w) = 2.3026\nwith the other weights K = 0.7"
    judgement = judged(text, LN_10, names=["J(w)"])
    assert judgement.credit == 1.0


@pytest.mark.parametrize("value", [["-log(0.1)", "= 2.30"], {"value": "2.3"}, ["2.3026"], 2.3026])
def test_a_sheet_may_hold_lists_and_mappings(value: Any):
    """Steps in a list are read as lines, and of a mapping the part called value."""
    judgement = judged(value, LN_10)
    assert judgement.credit == 1.0


# --- tolerance and rounding ------------------------------------------------------------------


def test_a_rounded_value_is_right_from_two_digits_on():
    """0.51 is 0.5108 to two digits; 0.5 is rounded too far, and told so."""
    options = {"value": "-ln 0.6", "rtol": 1e-6}
    assert judged("0.51", options).credit == 1.0
    far = judged("0.5", options)
    assert ids(far) == ["rounding"]
    assert 0 < far.credit < 1


def test_the_rubric_says_how_many_digits():
    """With three digits demanded, two are too few, even when they are right."""
    judgement = judged("0.51", {"value": "-ln 0.6", "rtol": 1e-6, "digits": 3})
    assert ids(judgement) == ["rounding"]


def test_a_digit_that_was_cut_off_is_a_matter_of_rounding():
    """0.66 for two thirds was cut, not rounded: nearly right, and named."""
    judgement = judged("0.66", {"value": "2/3", "rtol": 1e-6})
    assert ids(judgement) == ["rounding"]


@pytest.mark.parametrize(
    ("points", "marks"), [(1.5, 1.25), (1.0, 0.75), (2.5, 2.0), (5.0, 3.75), (0.5, 0.25)]
)
def test_what_rounding_leaves_is_a_number_of_quarters(points: float, marks: float):
    """Nobody gives 1.125 marks: three quarters of 1.5 are 1.25, a half of a quarter is given."""
    check, question = asked({"value": 2.302585})
    check = check._replace(points=points)
    got = found_in("2", check, question)
    want = number.expect(check, question, call)
    judgement = number.judge(got, want, Case(check, question))
    assert ids(judgement) == ["rounding"]
    assert judgement.credit * points == pytest.approx(marks)


def test_what_the_rubric_leaves_of_a_number_is_not_rounded():
    """A credit of 0.3 of 1.5 marks is what the author said, 0.45."""
    mistake = Mistake("other", "Another value.", 0.3, {"value": 7})
    check, question = asked({"value": 5}, [mistake])
    check = check._replace(points=1.5)
    got = found_in("7", check, question)
    want = number.expect(check, question, call)
    assert number.judge(got, want, Case(check, question)).credit == pytest.approx(0.3)


def test_a_wrong_value_is_no_rounding():
    """1 is not a rounded 0.51: no digit of it is left."""
    assert ids(judged("1", {"value": 0.51})) == []


@pytest.mark.parametrize("text", ["2,303", "1.792"])
def test_a_comma_or_point_before_three_digits_is_read_both_ways(text: str):
    """The reading that is right counts, and the report says which one it was."""
    for value in (float(text.replace(",", ".")), float(text.replace(",", "").replace(".", ""))):
        judgement = judged(text, {"value": value, "rtol": 0})
        assert judgement.credit == 1.0
    assert "decimal comma" in judged("2,303", LN_10).evidence


def test_a_leading_dash_may_be_a_list_mark():
    """ "- 2.3" in Markdown is an item as much as a negative number."""
    for value in (2.3, -2.3):
        assert judged("- 2.3", {"value": value}).credit == 1.0


# --- mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", ["log-base-10"]),
        ("1.0", ["log-base-10"]),
        ("-log(0.1) = 1", ["log-base-10"]),
        ("3.3219", ["log-base-2"]),
        ("3.32", ["log-base-2"]),
        ("-2.3026", ["sign"]),
        ("ln(0.1)", ["sign"]),
        ("230.26", ["percent"]),
        ("2", ["rounding"]),
        ("-1", ["log-base-10", "sign"]),
        ("0.4", []),
    ],
)
def test_slips_that_every_logarithm_may_show_are_named(text: str, found: list[str]):
    """The base, the sign, a percentage and rounding are told from a value that is just wrong."""
    judgement = judged(text, LN_10)
    assert ids(judgement) == found
    assert judgement.credit < 1.0
    assert (judgement.credit > 0) == bool(found)


def test_the_base_is_no_mistake_where_the_value_is_no_logarithm():
    """Unless the rubric calls the value a logarithm, its ratio to ln 10 means nothing."""
    assert ids(judged("1", {"value": "ln 10"})) == []


@pytest.mark.parametrize(
    "text",
    ["1 (base 10)", "-log10(0.1) = 1", r"$-\log_{10}(0.1) = 1$", "-log_10(0.1) = 1", "lg: 1",
     "1, with the base-10 logarithm", "using log base 10: H = 1"],
)  # fmt: skip
def test_a_stated_base_excuses_it(text: str):
    """The base-10 logarithm gets full marks when the answer says so."""
    judgement = judged(text, LN_10, [TEN])
    assert (judgement.credit, ids(judgement)) == (1.0, [])


@pytest.mark.parametrize("text", ["1", "log(10) = 1", "-log(0.1) = 1", "1 (not base 10)", "1 nat"])
def test_a_base_that_is_not_stated_is_charged(text: str):
    """A logarithm of 10 is no statement of the base, and neither is a denial."""
    judgement = judged(text, LN_10, [TEN])
    assert (judgement.credit, ids(judgement)) == (0.6, ["log-base-10"])


def test_a_slip_that_was_charged_before_costs_nothing():
    """The same base in a later part is named, not charged again."""
    judgement = judged("1", LN_10, [TEN], charged=["log-base"])
    assert judgement.credit == 1.0
    assert [each.charged for each in judgement.mistakes] == [False]
    assert "costs nothing" in judgement.say


def test_mistakes_of_the_rubric_come_first():
    """A value that the rubric names is told in its words, with its credit."""
    one_minus = Mistake("no-logarithm", "One minus the probability.", 0.1, {"value": 0.9})
    judgement = judged("0.9", LN_10, [one_minus])
    assert (judgement.credit, judgement.say) == (0.1, "One minus the probability.")


def test_a_value_that_two_mistakes_explain_is_told_as_both():
    """Where two slips lead to one value, both are named and the milder one counts."""
    two = [Mistake(name, name, credit, {"value": 4}) for name, credit in (("a", 0.2), ("b", 0.5))]
    judgement = judged("4", {"value": 7}, two)
    assert (judgement.credit, ids(judgement)) == (0.5, ["a", "b"])


def test_a_mistake_may_ask_the_reference_with_other_arguments():
    """`with` goes over what is given, for the check's own function or for another."""
    check = Check("number", "value", 1, {"expect": "t.given", "with": {"x": 3}})
    other = [
        Mistake("seven", "Seven.", 0.5, {"with": {"x": 7}}),
        Mistake("minus-seven", "Minus seven.", 0.5, {"expect": "t.minus", "with": {"x": 7}}),
    ]
    check = Check("number", "value", 1, check.options, mistakes=tuple(other))
    question = Question("q", "Q", "?", 1, (check,), given={"x": 1})
    want = number.expect(check, question, call)
    assert (want.value, want.mistakes) == (3.0, {"seven": 7.0, "minus-seven": -7.0})


def test_a_further_right_value_is_accepted():
    """`accept` names values that are as right, each with its own remark."""
    options = {"value": math.inf, "accept": [{"value": 16.118, "say": "Clipped at 1e-7."}]}
    judgement = judged("16.118", options)
    assert (judgement.credit, judgement.say) == (1.0, "Clipped at 1e-7.")


def test_a_further_value_may_have_to_be_stated():
    """A value that is right only under a stated convention is wrong without it."""
    options = {"value": 5, "accept": [{"value": 10, "if_stated": "per pair"}]}
    assert judged("10 per  pair", options).credit == 1.0
    assert judged("10", options).credit == 0.0


# --- doubt -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["-ln(0.1) = 2.5", "2.3 or 1", "H = 2.3\nH = 1", "It is 2.3 and also 1 in the other base"],
)
def test_an_answer_at_odds_with_itself_goes_to_a_person(text: str):
    """A computation unlike its result, or two results, are proposed and flagged."""
    judgement = judged(text, LN_10)
    assert judgement.review == 1.0
    assert judgement.reason


@pytest.mark.parametrize("text", ["-log(0.1) = 1", "H = -ln(0.1)\nH = 2.30", "ln 10 = 2.3"])
def test_a_computation_that_gives_its_result_is_no_doubt(text: str):
    """A bare log may have any base, and results are rounded."""
    judgement = judged(text, LN_10)
    assert judgement.review == 0.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2/sqrt(9 + 16)", 0.4),
        ("2 sqrt(25)", 10),
        ("2/log2(32)", 0.4),
        ("1/log10(100)", 0.5),
        ("3 * exp(0)", 3),
        ("0,01/0,025", 0.4),
        ("0,016/0,04 = 0,4", 0.4),
        ("1,200/3,000", 0.4),
    ],
)
def test_what_a_function_is_of_belongs_to_the_computation(text: str, value: float):
    """Not so a remark in brackets; and a number that begins with 0 has no thousands."""
    judgement = judged(text, {"value": value})
    assert (judgement.credit, judgement.review) == (1.0, 0.0)
    assert judged("0.4(about, 2 digits)", {"value": 0.4}).credit == 1.0


@pytest.mark.parametrize("text", ["", " ", "?", "-", "n/a", "I don't know", "idk", "no idea"])
def test_a_blank_answer_says_nothing(text: str):
    """What is there but says nothing is no wrong number."""
    assert found_in(text, *asked(LN_10)) is None


HOSTILE = {
    "words": "hello",
    "a sentence": "The loss decreases.",
    "digits without end": "9" * 100_000,
    "a tower": "9**9**9",
    "a long text": "x" * 1_000_000,
    "open brackets": "[" * 5000,
    "parentheses": "(" * 20_000,
    "code": "__import__('os').system('ls')",
    "equals": "=" * 20_000,
    "exponents": "1e" * 9000,
    "LaTeX": "\\frac" * 4000,
    "a mapping": {"a": {"b": "c"}},
    "an empty mapping": {"value": {}},
    "a deep list": [[[["x"]]]],
    "a huge integer": 10**5000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_number_is_unreadable(name: str):
    """Words, code, endless digits and brackets are refused in one sentence, or blank."""
    try:
        assert found_in(HOSTILE[name], *asked(LN_10)) is None
    except Unreadable as trouble:
        sentence = trouble.message
    else:
        sentence = "blank"
    assert sentence


@given(st.text(alphabet="0123456789.,-+*/^()[]{}=≈e∞ \n\tlognif%|&\\$_x:;'", max_size=60))
@example("=1")
@example("-\n1")
@example("1e9999")
def test_no_text_breaks_the_reading(text: str):
    """Any jumble of signs is read, blank or unreadable, and judged without a fault."""
    for options in (LN_10, INFINITE, SIXTY):
        check, question = asked(options, [TEN])
        try:
            got = found_in(text, check, question)
        except Unreadable:
            continue
        if got is not None:
            want = number.expect(check, question, call)
            assert 0.0 <= number.judge(got, want, Case(check, question)).credit <= 1.0


# --- the door --------------------------------------------------------------------------------

VALUES = st.floats(-1e15, 1e15, allow_subnormal=False) | st.integers(-(10**12), 10**12).map(float)


@given(VALUES | st.sampled_from([math.inf, -math.inf]))
@example(0.0)
@example(1e-300)
@example(138357544.0)
def test_the_right_answer_as_shown_is_right(value: float):
    """What staff read as the right answer gets full marks when it is handed in."""
    options = {"value": value}
    want = number.expect(*asked(options), call)
    judgement = judged(number.show(want), options)
    assert (judgement.credit, judgement.mistakes) == (1.0, ())


@pytest.mark.parametrize(
    "value",
    [3, 3.0, np.float64(3), np.int64(3), np.array(3.0), np.array([3.0]), "3", "9/3", "ln e^3"],
)
def test_a_reference_may_return_any_kind_of_number(value: Any):
    """NumPy scalars, arrays of one entry and computations become plain numbers."""
    check = Check("number", "value", 1, {"expect": "t.given"})
    question = Question("q", "Q", "?", 1, (check,), given={"x": value})
    want = number.expect(check, question, call)
    assert want.value == pytest.approx(3.0)
    assert type(want.value) is float


@pytest.mark.parametrize("value", [math.nan, np.array([1.0, 2.0]), None, "words", True, {"a": 1}])
def test_a_reference_that_is_no_number_is_a_fault_of_ours(value: Any):
    """NaN and everything else that no answer can equal is reported, not graded."""
    check = Check("number", "value", 1, {"expect": "t.given"})
    question = Question("q", "Q", "?", 1, (check,), given={"x": value})
    with pytest.raises(ReferenceFault):
        number.expect(check, question, call)


STYLES = {
    "plain": lambda x: f"{x:.4f}",
    "comma": lambda x: f"{x:.4f}".replace(".", ","),
    "thousands": lambda x: f"{x:,.4f}",
    "European": lambda x: f"{x:,.4f}".translate(str.maketrans(",.", ".,")),
    "spaces": lambda x: f"{x:,.4f}".replace(",", " "),
    "thin spaces": lambda x: f"{x:,.4f}".replace(",", "\u202f"),
    "exponent": lambda x: f"{x:.8e}",
    "power": lambda x: "{} x 10^{}".format(*f"{x:.8e}".split("e+0")),
    "minus": lambda x: f"{x:.4f}".replace("-", "−"),
    "LaTeX": lambda x: f"${x:,.4f}$".replace(",", "{,}"),
    "full width": lambda x: "".join(
        chr(ord(char) + 0xFEE0) if char in "0123456789" else char for char in f"{x:.4f}"
    ),
    "sentence": lambda x: f"The value is {x:.4f}.",
    "equation": lambda x: f"L = {x:.4f}",
    "bold": lambda x: f"**{x:.4f}**",
}


@pytest.mark.parametrize("style", STYLES)
@given(value=st.floats(1.0, 9e8) | st.floats(-9e8, -1.0))
def test_numbers_read_back_in_every_style(style: str, value: float):
    """Whatever a number is printed like, one of its readings is that number."""
    text = STYLES[style](round(value, 4))
    judgement = judged(text, {"value": value, "rtol": 1e-6, "atol": 1e-3})
    assert judgement.credit == 1.0, text


@given(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3), st.floats(0.02, 0.3))
def test_another_value_is_never_right(value: float, off: float):
    """A value that is off by more than the tolerance loses marks."""
    judgement = judged(f"{value * (1 + off):.12g}", {"value": value, "rtol": 0.01})
    assert judgement.credit < 1.0


@given(
    st.floats(0.1, 1e6).filter(lambda x: x != round(x, 2)),
    st.sampled_from(["sign", "percent", "log-base-2", "log-base-10"]),
)
def test_no_sentence_gives_the_right_value_away(value: float, slip: str):
    """What a student reads about a wrong answer never holds the right one."""
    wrong = {
        "sign": -value,
        "percent": 100 * value,
        "log-base-2": value / math.log(2),
        "log-base-10": value / math.log(10),
    }[slip]
    judgement = judged(f"{wrong:.9g}", {"value": value, "log": "natural", "rtol": 1e-6})
    assert slip in ids(judgement)
    assert number.show(number.Want(value)) not in judgement.say


def test_nan_never_equals():
    """A NaN on either side of the comparison is never right."""
    nan = _numerals.Numeral(math.nan)
    assert not _numerals.agrees(nan, math.nan, 1.0, 1.0)
    assert not _numerals.agrees(nan, 1.0, 1.0, math.inf)


def test_the_example_is_true():
    """The kind's own example holds: its right answers are right, the wrong ones are not."""
    body = number.EXAMPLE["question"]["checks"][0]
    mistakes = [
        Mistake(each["id"], each["say"], 0.5, {"unless_stated": each["unless_stated"]})
        for each in body["mistakes"]
    ]
    for text in number.EXAMPLE["right"]:
        assert judged(text, body["number"], mistakes).credit == 1.0, text
    for text in number.EXAMPLE["wrong"]:
        assert judged(text, body["number"], mistakes).credit < 1.0, text


@pytest.mark.parametrize(
    "text",
    [
        "138 Millionen", "138 millones", "138,4 Mio.", "0,138 Mrd.", "138 млн", "1.38億", "13836万",
        "138357k", "138,357 thousand",
    ],
)  # fmt: skip
def test_large_numbers_have_words_in_every_language(text: str):
    """Also digits that were cut off where more than enough are left."""
    assert judged(text, COUNT).credit == 1


@pytest.mark.parametrize(
    "text",
    [
        "infinitely large", "infinito", "无穷大", "бесконечность", "no finite value", "oo",
        "not computable", "impossible to compute (log 0)", "log of zero", "не определено",
        "no definido", "division by zero", "non défini",
    ],
)  # fmt: skip
def test_infinity_has_many_names(text: str):
    """And what has no value is undefined in more than one language."""
    assert judged(text, INFINITE).credit == 1


@pytest.mark.parametrize(
    "text",
    [
        "120, no wait, 60", "50. EDIT: 60", "55 -- sorry, it is 60", "120 oops 60",
        "correction: 60", "50, I meant 60", "wait, no: 60",
    ],
)  # fmt: skip
def test_who_corrects_a_number_means_the_last(text: str):
    """The correction stands, not what was corrected."""
    assert judged(text, SIXTY).credit == 1


@pytest.mark.parametrize("text", ["60 (sorry for the hand of line 3)", "60, edited by me", "60个"])
def test_a_word_of_correction_without_a_value_corrects_nothing(text: str):
    """An apology is no answer; other letters may follow a number."""
    assert judged(text, SIXTY).credit == 1


def test_an_uncertainty_is_no_part_of_the_value():
    """2.303 ± 0.001 is 2.303."""
    assert judged("2.303 ± 0.001", LN_10).credit == 1
    assert judged("60 +/- 1", SIXTY).credit == 1


@pytest.mark.parametrize("text", ["2.3O26", "2.3O", "2.3O258509", "-ln(O.1)"])
def test_letters_that_a_scanner_takes_for_digits_are_digits(text: str):
    """O for 0, where digits stand around it."""
    assert judged(text, LN_10).credit == 1


@pytest.mark.parametrize(
    "text", ["0.51, i.e. 2 (5) times smaller", "0.51, i.e. it is 4.5 times less"]
)
def test_what_is_said_after_the_value_is_not_the_value(text: str):
    """`i.e.` may introduce the result, or only another word for it."""
    assert judged(text, {"value": 0.5108256}).credit == 1
    assert judged("50 weights and 10 biases, i.e. 60 parameters.", SIXTY).credit == 1


def cut(value: str, context: str, mistakes: Sequence[Mistake] = (TEN,)) -> Judgement:
    """Judge a field that was cut from a longer answer."""
    check, question = asked(LN_10, mistakes, ("H",))
    answer = Answer(value, value, Place("a.md", 1), context=context)
    got = number.read(answer, check, question)
    assert got is not None, "blank"
    return number.judge(got, number.expect(check, question, call), Case(check, question))


@pytest.mark.parametrize(
    "text",
    [
        "2.303 because of eq. (3).",
        "2.303 by Eq. (12)",
        "2.303 ... (2)",
        "-ln(0.1) = 2.303  (4)",
        "2.303. Error bound: +-0.001",
        "2.303. The old loss was 1.204, the new one is larger.",
        "The loss is 2.303 and the previous loss was 1.204",
        "2.303 (before: 1.204)",
        "H = 2.303 (worse than H(y, p) = 1.204)",
        "H = 2.303, perplexity e^H = 10",
        "H(y, p) = 2.303, so probability = exp(-2.303) = 0.1",
        "2.303. For comparison, -ln(0.3) = 1.204",
    ],
)
def test_a_remark_on_another_number_is_not_the_result(text: str):
    """What is said of another quantity, or the number of an equation, does not count."""
    judgement = judged(text, LN_10, names=("H",))
    assert judgement.credit == 1.0
    assert judgement.review == 0.0


@pytest.mark.parametrize(
    "text",
    ["Student 12345678\n\n-ln(0.1) = 2.303", "2.303\n\n4", "H = 2.303, hence x = 7\n\nQ = 5"],
)
def test_a_right_number_that_was_passed_over_is_for_a_person(text: str):
    """Where another number in the answer is right, nobody loses marks unseen."""
    judgement = judged(text, LN_10)
    assert judgement.credit == 1.0 or judgement.review == 1.0


def test_a_right_number_in_front_of_the_label_is_for_a_person():
    """A field was cut out behind its label; the right number may stand in front of it."""
    assert cut("1.204", "2.303; H = 1.204").review == 1.0


@pytest.mark.parametrize(
    "text",
    ["2.303 - larger", "2.303 => larger", "2.303?", "2.303 -> a larger loss", "2.303 — larger",
     "2.303 # answer", r"2.303 \blacksquare", "2.303 !"],
)  # fmt: skip
def test_a_sign_behind_a_number_leaves_its_decimals(text: str):
    """A dash, an arrow or a question mark ends the number, it does not cut it at its point."""
    judgement = judged(text, LN_10)
    assert judgement.credit == 1.0
    assert judgement.review == 0.0


@pytest.mark.parametrize(
    ("value", "context"),
    [
        ("-log(0.1) = 1", "Assuming base 10, H = -log(0.1) = 1"),
        ("1", "I took lg, H = 1"),
        ("1", "We use the logarithm to the base 10. H = 1"),
    ],
)
def test_a_base_that_is_stated_before_the_label_counts(value: str, context: str):
    """The base may be said in front of what is cut out as the field."""
    judgement = cut(value, context)
    assert judgement.credit == 1.0
    assert judgement.excuses == ("log-base",)


@pytest.mark.parametrize("text", [r"-\log _{10}(0.1)=1", r"-\log _ {10} (0.1) = 1"])
def test_a_base_is_seen_behind_a_blank(text: str):
    """Formulas read from a picture have a blank between the logarithm and its base."""
    assert judged(text, LN_10, (TEN,)).credit == 1.0


def test_the_first_number_behind_a_label_is_the_result():
    """Of several equations behind the label the first is the one that it stands for."""
    assert cut("2.303, N=1, M=3", "H=2.303, N=1, M=3").credit == 1.0
    assert cut("2.303. Difference: 1.792", "H = 2.303. Difference: 1.792").credit == 1.0


@pytest.mark.parametrize(
    "text",
    ["3.87 GFLOPs", "3870 MFLOPs", "3.87G", "about 3.87 GFLOPS", "0.00387 TFLOPs", "3.87 GMACs"],
)
def test_operations_are_counted_in_thousands_of_thousands(text: str):
    """The prefix of a unit counts as a factor where operations were asked for."""
    assert judged(text, {"value": 3.87e9}).credit == 1.0


@pytest.mark.parametrize("text", ["3.87 GFLOPs", "3.87G FLOPs are needed: 3.87 GFLOPs"])
def test_operations_may_be_asked_for_in_units(text: str):
    """Where the answer is wanted in GFLOPs the number in front of the unit is the answer."""
    assert judged(text, {"value": 3.87}).credit == 1.0


@pytest.mark.parametrize("text", ["0.0125 s", "12500 µs", "t = 0.0125 seconds"])
def test_another_unit_is_for_a_person(text: str):
    """12.5 ms are 0.0125 s; only a person knows which unit was asked for."""
    judgement = judged(text, {"value": 12.5})
    assert (judgement.credit, judgement.review) == (0.0, 1.0)


@pytest.mark.parametrize("text", ["0.0125", "12500", "0.05 s", "125 ms"])
def test_a_wrong_number_with_a_unit_is_just_wrong(text: str):
    """A factor of a thousand without a unit, or of ten with one, is a mistake."""
    assert judged(text, {"value": 12.5}).review == 0.0


@pytest.mark.parametrize("text", ["12.5 ± 0.1 ms", "12.5 +- 0.2", "12.5 +/- 0.2", r"12.5 \pm 0.2"])
def test_an_uncertainty_may_be_typed_in_any_way(text: str):
    """What stands behind ± is no result."""
    judgement = judged(text, {"value": 12.5})
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("text", "review"),
    [
        ("7x7", False), ("7 x 7", False), ("The output is 7x7.", False), ("output: 7X7", False),
        ("7×7", True), (r"$7 \times 7$", True), ("7*7", True), ("7x7x64", True),
    ],
)  # fmt: skip
def test_the_size_of_a_square_tells_its_side(text: str, review: bool):
    """`7x7` for a side of 7 is right; what may also be a product is seen by a person."""
    judgement = judged(text, {"value": 7})
    assert (judgement.credit, bool(judgement.review)) == (1.0, review)


def test_a_size_is_a_product_where_that_was_asked_for():
    """`7x7` is 49 where 49 is right, and no 7 where it is said to be 49, or not a square."""
    assert judged("7x7", {"value": 49}).credit == 1.0
    for text in ("49 (7x7)", "7x7 = 49", "7x8", "17x7", "5x5", "7.7x7", "7x7x64 = 3136"):
        assert judged(text, {"value": 7}).credit < 1.0


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("2.3026 nats", "2"), ("2.3026 (ln)", "10"), ("3.3219 bits", "natural"),
        ("3.32 bit", "10"), ("1 (log10)", "natural"), ("1 hartley", "2"), ("-1 ban", "natural"),
        ("3.3219 with the binary logarithm", "natural"),
    ],
)  # fmt: skip
def test_a_base_that_the_unit_states_is_not_said_to_be_missing(text: str, base: str):
    """Whether `0.65 nats` do where bits were meant is seen by a person."""
    right = {"natural": math.log(10), "2": math.log2(10), "10": 1.0}[base]
    judgement = judged(text, {"value": right, "log": base})
    assert judgement.review == 1.0
    told = [judgement.say, *(each.say for each in judgement.mistakes)]
    assert not any("no base" in say for say in told)


def test_a_base_that_nobody_stated_is_missing():
    """A bare number in another base is told so, as is one that states a different base."""
    for text in ("3.3219", "3.3219, not in bits"):
        judgement = judged(text, LN_10)
        assert "no base was stated" in judgement.say
        assert not judgement.review
