"""Parts that each look right are right only if they draw the picture together."""

import pytest

from grader import desk
from grader.model import Answer, Part, Place, Submission

F_POINTS, G_POINTS = 1.5, 2


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def graded(homework, question: str, fields: dict[str, str]):
    """Return points, ids of mistakes and whether a person is asked, for each field."""
    answers = {name: Answer(text, text, Place("a.md", 1)) for name, text in fields.items()}
    report = homework.judge(Submission("s", {question: Part(None, answers)}), only=[question])
    return {
        verdict.check.field: (
            verdict.score,
            [each.id for each in verdict.judgement.mistakes],
            verdict.judgement.review > 0,
        )
        for verdict in report.questions[0].verdicts
    }


def units(f: str, g: str, other: str | None = None) -> dict[str, str]:
    return {"f11": f, "f12": (other or f).replace("x1", "x2"), "g": g}


RIGHT = (F_POINTS, [], False)
BITS = ["1 if x1 > 0.5 else 0", "H(x1 - 0.5)", "1[x1 > 0.5]", "np.heaviside(x1 - 0.5, 0)",
        "x1 > 0.5", "u(x1 - 0.5)", "u(x1 - 0.5), u the unit step", "step(x1 - 0.5)",
        r"\theta(x1 - 0.5)"]  # fmt: skip


@pytest.mark.parametrize("f", [*BITS, "relu(x1 - 0.5)"])
def test_a_product_of_zeros_and_ones_is_an_and(homework, f):
    """h11 h12 is XNOR for signs only; of 0 and 1 it is positive in one corner."""
    assert graded(homework, "p2.1", units(f, "h11 * h12")) == {
        "f11": RIGHT, "f12": RIGHT, "g": (0.5, ["and-for-xnor"], False),
    }  # fmt: skip


@pytest.mark.parametrize("f", BITS)
@pytest.mark.parametrize(
    "g", ["h11 + h12 != 1", "1 - (h11 + h12) mod 2", "(h11 + h12 + 1) % 2", "h11 = h12",
          "$h_{11} = h_{12}$", "1 if h11 = h12, else 0"]
)  # fmt: skip
def test_every_xnor_of_zeros_and_ones_is_right(homework, f, g):
    """Sums modulo 2 and a plain `=` between the two say that they agree."""
    found = graded(homework, "p2.1", units(f, g))
    assert list(found.values()) == [RIGHT, RIGHT, (G_POINTS, [], False)]


def test_signs_that_do_not_fit_together_cost_once(homework):
    """Each part would do beside another choice; together they draw XOR."""
    found = graded(
        homework, "p2.1", units("-1 if x1 > 0.5 else 1", "h11 * h12", "1 if x1 > 0.5 else -1")
    )
    assert list(found.values()) == [RIGHT, RIGHT, (1, ["xor-for-xnor"], False)]


@pytest.mark.parametrize("f", ["sign(0.5 - x1)", "-1 if x1 > 0.5 else 1", "0.5 - x1"])
def test_both_signs_exchanged_draw_the_same_picture(homework, f):
    """Which of the two marks stands for the upper half is free."""
    found = graded(homework, "p2.1", units(f, "h11 * h12"))
    assert list(found.values()) == [RIGHT, RIGHT, (G_POINTS, [], False)]


@pytest.mark.parametrize(
    ("low", "high", "g"), [("-1", "1", "h11 * h12"), ("0", "1", "1 if h11 == h12 else 0")]
)
def test_one_wrong_unit_is_named_and_costs_only_itself(homework, low, high, g):
    """The other unit and g are as good as before, whatever marks they use."""
    f = "{1} if x1 >= {2} else {0}"
    found = graded(homework, "p2.1", units(f.format(low, high, 0), g, f.format(low, high, 0.5)))
    assert found == {
        "f11": (0.5, ["threshold-at-zero"], False), "f12": RIGHT, "g": (G_POINTS, [], False),
    }  # fmt: skip


def test_a_wrong_unit_and_a_wrong_last_stage_both_cost(homework):
    """One slip hides no other."""
    f = "1 if x1 >= {} else -1"
    found = graded(homework, "p2.1", units(f.format(0), "h11 + h12", f.format(0.5)))
    assert found == {
        "f11": (0.5, ["threshold-at-zero"], False), "f12": RIGHT,
        "g": (0.5, ["sum-for-product"], False),
    }  # fmt: skip


def test_units_without_a_last_stage_are_judged_by_themselves(homework):
    """Who did not get to g is not charged for the marks that f11 and f12 use."""
    found = graded(homework, "p2.1", {k: v for k, v in units(BITS[0], "").items() if v})
    assert [found["f11"], found["f12"]] == [RIGHT, RIGHT]


@pytest.mark.parametrize("f", ["1 if x1 > 0.3 else -1", "1 if x1 > 0.62 else -1"])
def test_a_threshold_beside_the_middle_is_seen_by_a_person(homework, f):
    """In the middle of each cell the picture is right; the border lies elsewhere."""
    found = graded(homework, "p2.1", units(f, "h11 * h12"))
    assert found["f11"] == (F_POINTS, [], True)


def test_equality_of_distances_is_seen_by_a_person(homework):
    """x1 - 0.5 = x2 - 0.5 holds in the middles of two cells, and on a line between them."""
    found = graded(homework, "p2.1", units("x1 - 0.5", "1 if h11 == h12 else -1"))
    assert found["g"] == (G_POINTS, [], True)


def test_folds_that_point_in_different_ways_cost_once(homework):
    """|x - 1| is as good a fold as 1 - |x - 1|, but the two together exchange all signs."""
    found = graded(homework, "p2.2", {"z1": "|x1 - 1|", "z2": "1 - |x2 - 1|"})
    assert found == {"z1": (1.25, ["sign"], False), "z2": (2.5, [], False)}


def test_one_translation_beside_a_fold_is_named(homework):
    """x mod 1 in one axis is the same slip as in both."""
    found = graded(homework, "p2.2", {"z1": "x1 mod 1", "z2": "1 - |x2 - 1|"})
    assert found == {"z1": (1, ["checkerboard-by-translation"], False), "z2": (2.5, [], False)}


CODE = {
    "signs": ("return 1 if x > 0.5 else -1", "return a * b", 5),
    "bits": ("return 1 if x > 0.5 else 0", "return int(a == b)", 5),
    "bits multiplied": ("return (x > 0.5) * 1.0", "return a * b", 3.5),
    "distances": ("return x - 0.5", "return a * b", 5),
    "edge": ("return 1 if x > 0 else -1", "return a * b", 3),
    "edge in bits": ("return 1 if x > 0 else 0", "return 1 if a == b else 0", 3),
    "sum": ("return 1 if x > 0.5 else -1", "return a + b", 3.5),
    "complex": ("return 1 if x > 0.5 else -1", "return a * b * (1 + 0j)", 3),
}


@pytest.mark.parametrize("name", CODE)
def test_functions_are_judged_as_formulas_are(homework, tmp_path, name):
    """Values of code are composed like those of formulas."""
    f, g, points = CODE[name]
    code = f"def f11(x):\n    {f}\n\ndef f12(x):\n    {f}\n\ndef g(a, b):\n    {g}\n"
    (tmp_path / "p2.py").write_text(code)
    assert homework.grade(tmp_path, only=["p2.1"]).questions[0].score == points
