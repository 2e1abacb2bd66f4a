"""A number that stands among others is found by what all lines of a table have in common."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.kinds import Case, _segments, table
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

# A one-dimensional network with kernels of 5: (channels in, channels out) of each convolution.
LAYERS = {"conv1_1": (2, 24), "conv1_2": (24, 24), "conv2_1": (24, 40), "conv2_2": (40, 40),
          "conv2_3": (40, 40), "conv3_1": (40, 72)}  # fmt: skip
POINTS = 12.0
RIGHT = {name: 5 * a * b + b for name, (a, b) in LAYERS.items()}
BARE = {name: 5 * a * b for name, (a, b) in LAYERS.items()}

Rows = Mapping[str, int]
Form = Callable[[Rows], str]


def judged(text: str) -> Judgement:
    """Return what a text is worth where the rows of RIGHT are asked for."""
    rules = [{"name": "conv*", "like": ["conv", "convolution", "conv1d"]},
             {"name": "pool*", "like": ["pool"], "optional": True, "cost": 1},
             {"name": "total", "sum": ["conv*"], "cost": 1}]  # fmt: skip
    right: dict[str, Any] = {"value": {**RIGHT, "pool1": 0}, "rows": rules}
    slip = Mistake("no-bias", "No biases.", 1 - 3 / POINTS, {"expect": "t.bare"})
    check = Check("table", "answer", POINTS, right, mistakes=(slip,))
    question = Question("q", "Q", "?", POINTS, (check,))
    want = table.expect(check, question, lambda name, given: dict(BARE))
    got = table.read(Answer(text, text, Place("a.md", 1)), check, question)
    assert got is not None, "blank"
    return table.judge(got, want, Case(check, question))


def lines(form: Callable[[str, int, int, int], str]) -> Form:
    """Return a text of one line for each row, from its name, its number and its channels."""
    return lambda rows: "\n".join(form(name, rows[name], *LAYERS[name]) for name in rows)


def under(head: str, form: Form) -> Form:
    return lambda rows: f"{head}\n{form(rows)}"


def by_block(form: Callable[[int, list[int]], str]) -> Form:
    """Return a text of one line for each block of the network."""

    def text(rows: Rows) -> str:
        blocks: dict[str, list[int]] = {}
        for name, number in rows.items():
            blocks.setdefault(name[4], []).append(number)
        return "\n".join(form(int(block), numbers) for block, numbers in blocks.items())

    return text


PLAIN = lines(lambda name, n, a, b: f"{name}: {n}")
# What stands behind or in front of the number, or in another column.
BESIDE = [
    lines(lambda name, n, a, b: f"{name} {n} {n // 100}%"),
    lines(lambda name, n, a, b: f"{name}: {n:,} ({n / 131:.1f} %)"),
    lines(lambda name, n, a, b: f"{name} = {n} ({n * 4 / 1000:.0f} KB)"),
    lines(lambda name, n, a, b: f"{name}: {n} params, {n * 4 / 1e6:.2f} MB"),
    lines(lambda name, n, a, b: f"{name} {n} (64, {b})"),
    lines(lambda name, n, a, b: f"{name} {n} 16x16x{b}"),
    lines(lambda name, n, a, b: f"{name} {n:,} (final answer)"),
    lines(lambda name, n, a, b: f"{name}: {n} as expected."),
    lines(lambda name, n, a, b: f"{name}: {n}, since {a} channels come in and {b} go out"),
    lines(lambda name, n, a, b: f"{name}: {n} - {a} input channels"),
    lines(lambda name, n, a, b: f"{name}: {n}?"),
    lines(lambda name, n, a, b: f"('{name}', {n})"),
    under("Layer #params #filters", lines(lambda name, n, a, b: f"{name} {n} {b}")),
    under(
        "| Layer | Trainable | Non-trainable |\n|---|---|---|",
        lines(lambda name, n, a, b: f"| {name} | {n} | 0 |"),
    ),
    under(
        "| Layer | Result | Size |\n|---|---|---|",
        lines(lambda name, n, a, b: f"| {name} | {n} | {b}*{b} |"),
    ),
]
BLOCKS = [
    by_block(lambda k, ns: f"Block {k}: {len(ns)} conv layers: {' and '.join(map(str, ns))}"),
    by_block(lambda k, ns: f"Block {k} ({8 * k} channels): {', '.join(map(str, ns))}"),
    by_block(lambda k, ns: f"conv{k}: {', '.join(map(str, ns))}"),
    by_block(lambda k, ns: f"Block {k}: {' / '.join(f'{n:,}' for n in ns)}"),
    by_block(lambda k, ns: f"Stage {k} (conv{k}_1 - conv{k}_{len(ns)}): {'; '.join(map(str, ns))}"),
    by_block(lambda k, ns: f"In block {k} there are {' and '.join(map(str, ns))} parameters."),
]
ABOVE = [
    under("k = 5", PLAIN),
    under("All kernels are 5x1.", PLAIN),
    under("params = k*c_in*c_out + c_out, k = 5\n", PLAIN),
    under("The kernel has 5 places everywhere, so 5 weights per pair of channels.\n", PLAIN),
    under("There are 6 convolutional layers.", PLAIN),
]
SHORT = [
    "conv1_1 = {0}\nconv1_2 = {1}\nconv2_1 = {2}\nconv2_2 = conv2_3 = {3}\nconv3_1 = {5}",
    "conv1_1: {0}, conv1_2: {1}\nconv2_1: {2}, conv2_2 = conv2_3 = {3}\nconv3_1: {5}",
    "conv1_1 to conv1_2: {0} and {1}; conv2_1: {2}; conv2_2 and conv2_3: {3} each; conv3_1: {5}",
    "conv1_1: {0}\nconv1_2: {1}\nconv2_1: {2}\nconv2_2: {3}\nconv2_3: same as above\nconv3_1: {5}",
    "conv1_1: {0}\nconv1_2: {1}\nconv2_1: {2}\nconv2_2: {3}\nconv2_3: same as conv2_2\n"
    "conv3_1: {5}",
    "| conv1_1 | {0} |\n| conv1_2 | {1} |\n| conv2_1 | {2} |\n| conv2_2 | {3} |\n"
    '| conv2_3 | " |\n| conv3_1 | {5} |',
    "conv 2-24: {0}\nconv 24-24: {1}\nconv 24-40: {2}\nconv 40-40: 2 x {3}\nconv 40-72: {5}",
    "conv 2-24: {0}\nconv 24-24: {1}\nconv 24-40: {2}\nconv 40-40: {3} × 2\nconv 40-72: {5}",
    "2→24: {0}\n24→24: {1}\n24→40: {2}\n40→40: {3} (×2)\n40→72: {5}",
    "conv1_1: {0} | conv1_2: {1}\nconv2_1: {2} | conv2_2: {3}\nconv2_3: {4} | conv3_1: {5}",
]


@pytest.mark.parametrize("form", [*BESIDE, *BLOCKS, *ABOVE])
def test_a_number_among_others_is_found(form: Form):
    """A share, a size, a shape, a remark or a sentence beside a count does not make it wrong."""
    judgement = judged(form(RIGHT))
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize("form", [*BESIDE, *BLOCKS, *ABOVE])
def test_a_slip_is_named_wherever_the_numbers_stand(form: Form):
    """What is wrong in a known way costs the same in every form."""
    judgement = judged(form(BARE))
    assert [each.id for each in judgement.mistakes] == ["no-bias"]
    assert judgement.credit == pytest.approx(1 - 3 / POINTS)


@pytest.mark.parametrize("text", SHORT)
def test_rows_alike_may_be_written_once(text: str):
    """Two layers of one size need no two lines."""
    judgement = judged(text.format(*RIGHT.values()))
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize(
    "form",
    [
        lines(lambda name, n, a, b: f"{name} {n - b:,} weights + {b} biases"),
        lines(lambda name, n, a, b: f"{name}: {n - b} (+{b} bias)"),
        lines(lambda name, n, a, b: f"{name}: weights {n - b}, biases {b}"),
        lines(lambda name, n, a, b: f"{name}: {n} ({n - b} weights + {b} biases)"),
        lines(lambda name, n, a, b: f"| {name} | {n - b} + {b} |"),
    ],
)
def test_weights_and_biases_add_up(form: Form):
    """Weights and biases of a row, told apart, are its parameters."""
    judgement = judged(form(RIGHT))
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize(
    "form",
    [
        lines(lambda name, n, a, b: f"{name}: {n + 1} or {n}"),
        lines(lambda name, n, a, b: f"{name}: {n} or {n - b}"),
        lines(lambda name, n, a, b: f"| {name} | {n} | {n - b} |"),
    ],
)
def test_two_numbers_in_each_row_are_looked_at(form: Form):
    """Who gives two counts for every layer, one of them right, has not decided."""
    assert judged(form(RIGHT)).review == 1.0


def test_the_addend_of_a_formula_is_no_bias_of_the_number():
    """`240 (5*2*24 + 24)` says 240, whatever the formula comes to."""
    form = lines(lambda name, n, a, b: f"{name} {n} (5*{a}*{b} + {b})")
    judgement = judged(form(BARE))
    assert [each.id for each in judgement.mistakes] == ["no-bias"]


@pytest.mark.parametrize("text", ["I took 5 kernels in each of them, see above?", "5? 7? or 11!"])
def test_numbers_that_no_reading_makes_rows_of_are_no_table(text: str):
    """What cannot be read is not called wrong."""
    with pytest.raises(Unreadable, match="rows of a name and a number"):
        judged(text)


@pytest.mark.parametrize("digits", [3, 2])
def test_a_count_that_is_said_to_be_rounded_needs_three_digits(digits: int):
    """`≈ 14,500` for 14,472 is right; a person looks at `≈ 14,000`."""
    text = "\n".join(f"{name}: ≈ {float(f'{n:.{digits}g}'):,.0f}" for name, n in RIGHT.items())
    judgement = judged(text)
    assert (judgement.credit == 1.0, judgement.review == 0.0) == (digits == 3, digits == 3)


def test_a_number_without_a_name_costs_nothing_in_a_row_that_nobody_asked_for():
    """The 3 in a sentence is no wrong pooling layer."""
    assert judged(PLAIN(RIGHT) + "\n3").credit == 1.0


@pytest.mark.parametrize("form", [PLAIN, *BESIDE])
def test_wrong_numbers_stay_wrong(form: Form):
    """No way of reading makes right what is wrong in every row."""
    text = form({name: n + 7 for name, n in RIGHT.items()})
    try:
        assert judged(text).credit == 0.0
    except Unreadable:
        assert form is not PLAIN, "a plain table is wrong, not unreadable"


def test_a_table_that_is_partly_wrong_in_an_odd_form_is_proposed_and_looked_at():
    """Half of the rows are right: that much is proposed to the person who looks."""
    rows = {name: n + 7 * (name > "conv2_1") for name, n in RIGHT.items()}
    judgement = judged(BESIDE[3](rows))
    assert (judgement.credit, judgement.review) == (pytest.approx(0.5), 1.0)


SMALL = {"z1": 3, "z2": -12, "h1": 5, "h2": 2}


def judged_small(text: str) -> Judgement:
    """Return what a text is worth where the few small numbers of SMALL are asked for."""
    check = Check("table", "answer", 4, {"value": SMALL})
    question = Question("q", "Q", "?", 4, (check,))
    got = table.read(Answer(text, text, Place("a.md", 1)), check, question)
    assert got is not None, "blank"
    return table.judge(got, table.expect(check, question, lambda *_: None), Case(check, question))


@pytest.mark.parametrize(
    "text",
    [
        "z1 = 3 units; z2 = -12 units; h1 = 5 units; h2 = 2 units",
        "First: z1 = 3 px -> h1 = 5 px\nSecond: z2 = -12 px -> h2 = 2 px",
        "z1: 3 pixels\nz2: -12 pixels\nh1: 5 pixels\nh2: 2 pixels",
    ],
)
def test_the_only_number_behind_a_name_is_its_number(text: str):
    """Where no line has a second number there is nothing to choose, and nothing to look at."""
    judgement = judged_small(text)
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


def test_small_numbers_among_others_are_looked_at():
    """A 3 may be met by chance: which of several small numbers was meant is for a person."""
    text = "z1 3 1%; z2 -12 2%; h1 5 7%; h2 2 8%".replace("; ", "\n")
    assert judged_small(text).review == 1.0


@given(st.text(alphabet="conv1_2 =:,;|()x*+-≈%/\n0579same", max_size=300))
def test_no_text_breaks_the_ways(text: str):
    """Whatever stands there, every way has rows of numbers."""
    for way in _segments.ways(text, lambda word: word.startswith("conv")):
        assert all(row.numbers and row.times >= 1 for row in way.rows)
