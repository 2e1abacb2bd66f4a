"""Regions in words and in logic: joined truths, other inputs, tables, functions for all inputs."""

from __future__ import annotations

import pytest

from grader import desk
from grader.model import Outcome


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def graded(homework, question: str, text: str):
    return homework.grade_text(f"## {question}\n\n{text}\n", [question]).questions[0]


def ids(report) -> list[str]:
    return [each.id for verdict in report.verdicts for each in verdict.judgement.mistakes]


UNITS = "f11: step(x1 - 0.5)\nf12: step(x2 - 0.5)\ng: "


@pytest.mark.parametrize(
    "g",
    [
        "(h11 AND h12) OR (NOT h11 AND NOT h12)",
        "(h11 and h12) or (not h11 and not h12)",
        "NOT (h11 XOR h12)",
        "h11 XNOR h12",
        "lambda h11, h12: h11*h12 + (1-h11)*(1-h12)",
    ],
)
def test_truths_may_be_joined_by_words(homework, g):
    """XNOR is written in many ways."""
    assert graded(homework, "p2.1", UNITS + g).score == 5


@pytest.mark.parametrize(
    ("g", "id_"), [("h11 AND h12", "and-for-xnor"), ("h11 OR h12", "or-for-xnor")]
)
def test_other_joints_have_their_names(homework, g, id_):
    """AND and OR draw one corner."""
    assert id_ in ids(graded(homework, "p2.1", UNITS + g))


def test_a_unit_that_sees_both_inputs_is_named(homework):
    """The figure has no cross connections."""
    found = graded(homework, "p2.1", "f11: x1 * x2\nf12: sign(x2 - 0.5)\ng: h11 h12")
    assert "one-function-of-both-inputs" in ids(found)
    assert found.verdicts[0].judgement.review == 1


def test_a_layer_after_the_units_is_named(homework):
    """A fold of what has been decided comes too late."""
    found = graded(homework, "p2.2", "z1 = 1 - |h11 - 1|\nz2 = 1 - |h12 - 1|")
    assert ids(found) == ["layer-after-the-units"] * 2


def test_one_formula_may_stand_for_both_inputs(homework):
    """For i = 1, 2 the fold is the same."""
    assert graded(homework, "p2.2", "For i = 1, 2: $z_i = 1 - |x_i - 1|$").score == 5


def test_the_rule_under_a_table_s_head_is_no_row(homework):
    """A picture may be a Markdown table with an empty head."""
    rows = ["+--++--+", "-++--++-", "-++--++-", "+--++--+"] * 2
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    head = "|" + " |" * 8 + "\n|" + "---|" * 8
    text = f"symmetry: mirrored at x1 = 2 and at x2 = 2\npicture:\n\n{head}\n{table}"
    assert graded(homework, "p2.3", text).score == 5


def test_words_are_not_taken_for_the_formula_that_they_mention(homework):
    """An answer in words is looked at for its words, and its 2^n is no answer."""
    text = "Each axis has 2^n threshold units, one for each stripe; multiply the two sums."
    found = graded(homework, "p2.5", text)
    assert found.score == 5


def test_a_formula_is_not_looked_at_for_its_words(homework):
    """A wrong formula earns nothing for the cosine in it."""
    found = graded(homework, "p2.5", "y = sign(cos(pi x1 / 2) cos(pi x2 / 2))")
    assert found.outcome is Outcome.WRONG


CONDITIONS = [
    "h11 is 1 when x1 is greater than 0.5, otherwise it is -1",
    "1 when x1 exceeds 0.5, else -1",
    "1 if x1 is at least 0.5 and -1 if it is below 0.5",
    "-1 when x1 lies below 0.5, 1 otherwise",
    "if x1 is greater than or equal to 0.5 then 1 else -1",
    "1 if x1 is no less than 0.5, -1 if x1 is less than 0.5",
    "-1 for x1 in [0, 0.5), 1 for x1 in [0.5, 1]",
    r"$-1$ for $x_1 \in [0, 0.5)$, $1$ for $x_1 \in [0.5, 1]$",
    "1 for x1 between 0.5 and 1, -1 for x1 between 0 and 0.5",
    "1 on [0.5, 1], -1 on [0, 0.5)",
    "1 if the input is larger than 0.5, otherwise -1",
    "lambda v: np.where(v >= 0.5, 1, -1)",
]


@pytest.mark.parametrize("f11", CONDITIONS)
def test_a_condition_may_be_in_words(homework, f11):
    """Is greater than, at least, in an interval: each has its sign."""
    found = graded(homework, "p2.1", f"f11: {f11}\nf12: sign(x2 - 0.5)\ng: h11 h12")
    mine = found.verdicts[0]
    # What is not understood awaits a person; nothing of it is marked as something else.
    assert mine.score == 1.5 or mine.outcome is Outcome.UNREADABLE
    assert mine.score == 1.5 or f11.startswith(("lambda", "$"))


@pytest.mark.parametrize(
    "fold",
    [
        "x1 if x1 is at most 1, and 2 - x1 if it is greater than 1",
        "x1 for x1 in [0, 1], 2 - x1 for x1 in (1, 2]",
        "2 - x1 when x1 is more than 1, otherwise it is x1",
    ],
)
def test_a_fold_may_be_in_words(homework, fold):
    """The pieces of a fold are told by their conditions."""
    assert graded(homework, "p2.2", f"z1: {fold}\nz2: 1 - |x2 - 1|").score == 5


@pytest.mark.parametrize(
    "f11",
    [
        "1 when x1 passes 0.5, -1 before",
        "1 for large x1, -1 for small x1",
        "a step at x1 = 0.5: -1 on the left, +1 on the right",
        "threshold at 0.5",
        "1 whenever x1 is big enough, otherwise -1",
        "1 when x1 is past the middle, otherwise -1",
        "x1 > 0.5 -> 1, x1 <= 0.5 -> -1",
        "output 1 when x1 > 0.5 and -1 when not",
        "-1 until x1 gets to 0.5 and then 1",
    ],
)
def test_a_sentence_is_never_cut_in_its_condition(homework, f11):
    """What was not understood to its end is no answer of another kind: a person reads it."""
    found = graded(homework, "p2.1", f"f11: {f11}\nf12: sign(x2 - 0.5)\ng: h11 h12")
    mine = found.verdicts[0]
    assert mine.score == 1.5 or mine.outcome is Outcome.UNREADABLE


def test_what_is_told_of_a_formula_does_not_spoil_it(homework):
    """A remark, and the range of the input, leave the formula as it is."""
    for f11 in (
        "sign(x1 - 0.5) for x1 in [0, 1]",
        "1 if x1 >= 0.5 else -1 (a threshold at 0.5)",
        "sign(x1 - 0.5), a threshold",
    ):
        found = graded(homework, "p2.1", f"f11: {f11}\nf12: sign(x2 - 0.5)\ng: h11 h12")
        assert found.score == 5, f11


@pytest.mark.parametrize(
    "f12",
    [
        "the same as f11 (with x2)",
        "same as f11",
        "f11",
        "f11(x2)",
        "$f_{11}(x_2)$",
        "ditto",
        "likewise, with x2 in place of x1",
        "identical to h11 but for x2",
    ],
)
def test_a_stage_may_be_the_same_as_another(homework, f12):
    """What is said of one input is meant of the other."""
    text = f"f11: 1 if x1 >= 0.5 else -1\nf12: {f12}\ng: h11 h12"
    assert graded(homework, "p2.1", text).score == 5
    wrong = graded(homework, "p2.1", f"f11: 1 if x1 >= 0 else -1\nf12: {f12}\ng: h11 h12")
    assert wrong.score == 3


@pytest.mark.parametrize(
    "f12", ["-f11", "not the same as f11", "the same as f11 plus 1", "1 - f11"]
)
def test_what_is_nearly_the_same_is_not_the_same(homework, f12):
    """A sign or a word more changes it."""
    text = f"f11: sign(x1 - 0.5)\nf12: {f12}\ng: h11 h12"
    verdict = graded(homework, "p2.1", text).verdicts[1]
    assert verdict.score == 0


def test_the_same_as_what_is_not_there_awaits_a_person(homework):
    """The other answer may be a drawing."""
    verdict = graded(homework, "p2.1", "f12: the same as f11\ng: h11 h12").verdicts[1]
    assert verdict.score == 0
    assert verdict.judgement.review == 1


@pytest.mark.parametrize("g", ["lambda a, b: a * b", "g(u, v) = u * v", "lambda p, q: p == q"])
def test_a_function_may_have_letters_of_its_own(homework, g):
    """The first argument is the first variable."""
    text = f"f11: sign(x1 - 0.5)\nf12: sign(x2 - 0.5)\ng: {g}"
    assert graded(homework, "p2.1", text).score == 5


@pytest.mark.parametrize(
    ("g", "id_"),
    [
        ("sign(h11 + h12)", "sum-for-product"),
        ("h11 + h12", "sum-for-product"),
        ("min(h11, h12)", "and-for-xnor"),
        ("1 if h11 > 0 and h12 > 0 else -1", "and-for-xnor"),
    ],
)
def test_of_two_mistakes_of_one_region_the_values_tell(homework, g, id_):
    """A sum that is cut off draws what AND draws, and is a sum all the same."""
    text = f"f11: sign(x1 - 0.5)\nf12: sign(x2 - 0.5)\ng: {g}"
    assert ids(graded(homework, "p2.1", text)) == [id_]


ROWS = ["+--++--+", "-++--++-", "-++--++-", "+--++--+"] * 2


def pictures() -> dict[str, str]:
    def of(plus: str, minus: str, gap: str = "") -> list[str]:
        return [gap.join({"+": plus, "-": minus}[each] for each in row) for row in ROWS]

    cells = ["[" + ",".join("1" if each == "+" else "-1" for each in row) + "]" for row in ROWS]
    begin, end = r"$$\begin{bmatrix}", r"\end{bmatrix}$$"
    return {
        "nested lists": "[" + ", ".join(cells) + "]",
        "an array": "[" + ",\n ".join(cells) + "]",
        "a matrix": begin + r"\\".join(of("+", "-", "&")) + end,
        "an array with columns": r"$$\left[\begin{array}{cccccccc}"
        + r"\\ ".join(of("1", "-1", " & "))
        + r"\end{array}\right]$$",
        "a list of spans": "\n".join(f"- `{row}`" for row in ROWS),
        "a list": "\n".join(f"- {row}" for row in ROWS),
        "rows by strokes": " / ".join(ROWS),
        "rows by semicolons": "; ".join(ROWS),
        "rows by gaps": " ".join(ROWS),
        "a list of texts": "[" + ", ".join(f"'{row}'" for row in ROWS) + "]",
        "P and N": "\n".join(of("P", "N")),
        "T and F": "\n".join(of("T", "F", " ")),
        "truths": "\n".join("[" + row + "]" for row in of("True", "False", ", ")),
        "words": "\n".join(of("pos", "neg", " ")),
        "squares": "\n".join(of(r"\blacksquare", r"\square", " ")),
        "colours with a legend": "\n".join(of("🟥", "🟦")) + "\n\n🟥 = +, 🟦 = -",
        "letters with a legend": "R means positive, B means negative\n\n" + "\n".join(of("R", "B")),
    }


@pytest.mark.parametrize("picture", pictures().values(), ids=pictures())
def test_a_picture_may_be_written_in_many_ways(homework, picture):
    """Lists, matrices, letters and colours are the same picture; exchanged they are another."""
    text = "symmetry: mirrored at x1 = 2 and at x2 = 2\npicture:\n\n"
    found = graded(homework, "p2.3", text + picture)
    assert (found.score, found.verdicts[1].judgement.review) == (5, 0)


def test_marks_without_a_legend_await_a_person(homework):
    """Whether red is + nobody said."""
    picture = "\n".join(row.replace("+", "🟦").replace("-", "🟥") for row in ROWS)
    text = f"symmetry: mirrored at x1 = 2 and at x2 = 2\npicture:\n\n{picture}"
    verdict = graded(homework, "p2.3", text).verdicts[1]
    assert (verdict.score, verdict.judgement.review) == (2.5, 1)


def test_a_picture_in_letters_may_be_wrong(homework):
    """All signs exchanged are a mistake, in whatever marks."""
    picture = "\n".join(row.replace("+", "N").replace("-", "P") for row in ROWS)
    text = f"symmetry: mirrored at x1 = 2 and at x2 = 2\npicture:\n\n{picture}"
    assert "xor-for-xnor" in ids(graded(homework, "p2.3", text))
