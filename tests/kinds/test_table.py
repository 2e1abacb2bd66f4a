"""Tables are read from whatever was pasted; wrong rows are named, one slip is charged once."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Case, _segments, _tables, table
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

# A small network on 32 x 32 RGB images: 3x3 convolutions, two poolings, two dense layers.
CHANNELS = {
    "conv1_1": (3, 16),
    "conv1_2": (16, 16),
    "conv2_1": (16, 32),
    "conv2_2": (32, 32),
    "conv2_3": (32, 32),
}
UNITS = {"fc1": (8 * 8 * 32, 100), "fc2": (100, 10)}
POINTS = 10.0


def parameters(bias: bool = True, classes: int = 10) -> dict[str, int]:
    """Return the parameters per layer, in order."""
    rows = {name: (9 * a + bias) * b for name, (a, b) in CHANNELS.items()}
    units = {**UNITS, "fc2": (100, classes)}
    first = {"conv1_1": rows["conv1_1"], "conv1_2": rows["conv1_2"], "pool1": 0}
    dense = {name: (a + bias) * b for name, (a, b) in units.items()}
    return {**first, **rows, "pool2": 0, **dense}


RIGHT = {name: parameters()[name] for name in parameters()}
CONV = {name: number for name, number in RIGHT.items() if name.startswith("conv")}
TOTAL = sum(RIGHT.values())

ROWS = [
    {"name": "conv*", "like": ["conv", "convolution"]},
    {"name": "pool*", "like": ["pool", "max pooling", "maxpool"], "optional": True, "cost": 1},
    {"name": "fc*", "like": ["fc", "dense", "linear"], "optional": True, "cost": 1},
    {"name": "conv total", "sum": ["conv*"], "cost": 1},
    {"name": "total", "sum": ["*"], "like": ["total params", "total parameters"], "cost": 1},
]
NO_BIAS = Mistake(
    "bias-forgotten", "The biases are not counted.", 1 - 3 / POINTS,
    {"expect": "t.parameters", "with": {"bias": False},
     "unless_stated": ["without bias", "no bias"]},
)  # fmt: skip
TWO = Mistake(
    "two-class-head", "The last layer has two outputs.", 1 - 1 / POINTS,
    {"expect": "t.parameters", "with": {"classes": 2}, "row": "fc2"},
)  # fmt: skip
GREY = Mistake(
    "one-channel", "The image has three channels.", 1 - 1 / POINTS, {"row": "conv1_1", "value": 160}
)


def call(name: str, arguments: Mapping[str, Any]) -> Any:
    if name == "t.given":
        return arguments["x"]
    known = {key: item for key, item in arguments.items() if key in ("bias", "classes")}
    return parameters(**known)


def asked(options: Mapping[str, Any] | None = None) -> Question:
    mistakes = (NO_BIAS, TWO, GREY) if options is None else ()
    options = {"expect": "t.parameters", "rows": ROWS} if options is None else options
    check = Check("table", "answer", POINTS, options, mistakes=mistakes)
    return Question("q", "Q", "?", POINTS, (check,))


def read(value: Any, question: Question | None = None) -> table.Got | None:
    question = question or asked()
    answer = Answer(value, value if isinstance(value, str) else "", Place("a.md", 1))
    return table.read(answer, question.checks[0], question)


def judged(
    value: Any, options: Mapping[str, Any] | None = None, charged: Sequence[str] = ()
) -> Judgement:
    question = asked(options)
    got = read(value, question)
    assert got is not None, "blank"
    check = question.checks[0]
    want = table.expect(check, question, call)
    return table.judge(got, want, Case(check, question, charged=frozenset(charged)))


def points(judgement: Judgement) -> float:
    return pytest.approx(judgement.credit * POINTS)


def ids(judgement: Judgement) -> list[str]:
    return [each.id for each in judgement.mistakes]


# --- the forms in which a table may come -----------------------------------------------------

Rows = Mapping[str, int]

KERAS = {"conv": ("conv2d", "Conv2D"), "pool": ("max_pooling2d", "MaxPooling2D"),
         "fc": ("dense", "Dense")}  # fmt: skip
TORCH = {"conv": "Conv2d", "pool": "MaxPool2d", "fc": "Linear"}


def kind(name: str) -> str:
    return name.rstrip("_0123456789")


def numbered(rows: Rows, first: int = 0) -> list[tuple[str, str, int]]:
    """Return (Keras's name, Keras's type, number) for each row, numbered within its kind."""
    seen: dict[str, int] = {}
    out = []
    for name, number in rows.items():
        base, kind_ = KERAS[kind(name)]
        count = seen.get(base, first)
        seen[base] = count + 1
        out.append((f"{base}_{count}" if count else base, kind_, number))
    return out


def keras(rows: Rows) -> str:
    body = [
        f" {f'{name} ({kind_})':<31}(None, 32, 32, 16)        {number:<10}"
        for name, kind_, number in numbered(rows)
    ]
    head = f'Model: "sequential"\n{"_" * 65}\n Layer (type)                Output Shape   Param #\n'
    total = f"Total params: {sum(rows.values()):,}\nTrainable params: {sum(rows.values()):,}"
    return head + "=" * 65 + "\n" + "\n\n".join(body) + f"\n{total}\nNon-trainable params: 0\n"


def keras_boxes(rows: Rows) -> str:
    lines = ["┃ Layer (type)         ┃ Output Shape      ┃    Param # ┃"]
    for name, kind_, number in numbered(rows, first=4):
        lines.append(f"│ {name:<20} │ (None, 32, 32,    │ {number:>10,} │")
        lines.append(f"│ {f'({kind_})':<20} │ 16)               │            │")
        lines.append("├──────────────────────┼───────────────────┼────────────┤")
    total = f" Total params: {sum(rows.values()):,} (527.79 KB)\n Non-trainable params: 0 (0.00 B)"
    return "\n".join(lines) + "\n" + total


def torchsummary(rows: Rows) -> str:
    lines = ["-" * 64, "        Layer (type)               Output Shape         Param #", "=" * 64]
    at = 0
    for name, number in rows.items():
        at += 1
        lines.append(f"{f'{TORCH[kind(name)]}-{at}':>20}{'[-1, 16, 32, 32]':>25}{number:>16,}")
        if kind(name) == "conv":
            at += 1
            lines.append(f"{f'ReLU-{at}':>20}{'[-1, 16, 32, 32]':>25}{0:>16}")
    lines += ["=" * 64, f"Total params: {sum(rows.values()):,}", "Input size (MB): 0.57",
              "Params size (MB): 527.79", "Estimated Total Size (MB): 747.15"]  # fmt: skip
    return "\n".join(lines)


def torchinfo(rows: Rows) -> str:
    lines = ["Layer (type:depth-idx)        Output Shape          Param #", "=" * 60,
             "Net                           [1, 10]               --",
             "├─Sequential: 1-1             [1, 32, 8, 8]         --"]  # fmt: skip
    for at, (name, number) in enumerate(rows.items(), start=1):
        shown = f"{number:,}" if number else "--"
        lines.append(f"│    └─{TORCH[kind(name)]}: 2-{at:<12} [1, 16, 32, 32]       {shown}")
    lines += [f"Total params: {sum(rows.values()):,}", "Total mult-adds (M): 15.48"]
    return "\n".join(lines)


def named_parameters(rows: Rows) -> str:
    """Print weights and biases apart, as a loop over a torch module's parameters does."""
    outputs = {name: b for name, (_, b) in {**CHANNELS, **UNITS}.items()}
    return "\n".join(
        f"{name}.weight torch.Size([16, 3, 3, 3]) {number - outputs[name]}\n"
        f"{name}.bias torch.Size([16]) {outputs[name]}"
        for name, number in rows.items()
        if number
    )


def latex(rows: Rows) -> str:
    body = " \\\\\n".join(
        f"{name.replace('_', chr(92) + '_')} & $3 \\to 64$ & {number:,}".replace(",", "{,}")
        for name, number in rows.items()
    )
    head = "\\begin{tabular}{lrr}\nLayer & maps & parameters \\\\ \\hline\n"
    return f"{head}{body}\n\\end{{tabular}}"


def computed(rows: Rows) -> str:
    """Write each count as a computation with its result."""
    lines = [f"{name}: (3*3*{a}+1)*{b} = {rows[name]:,}" for name, (a, b) in CHANNELS.items()]
    dense = [f"{name}: ({a} + 1) × {b} = {rows[name]:,}" for name, (a, b) in UNITS.items()]
    return "\n".join(lines + dense)


def plain(pattern: str) -> Callable[[Rows], str]:
    """Return a style that writes one line per row."""
    return lambda rows: "\n".join(
        pattern.format(name=name, n=number, i=i, dash=name.replace("_", "-"), kind=kind(name))
        for i, (name, number) in enumerate(rows.items(), start=1)
    )


def markdown(rows: Rows) -> str:
    return "| Layer | in→out | Params |\n|---|---|---:|\n" + plain("| {name} | 3→64 | {n:,} |")(
        rows
    )


NAMED: Mapping[str, Callable[[Rows], Any]] = {
    "lines": plain("{name}: {n}"),
    "thousands": plain("{name} = {n:,}"),
    "dashes": plain("- {dash}: {n:,} parameters"),
    "arrows": plain("{name} (3→64) → {n}"),
    "bold": plain("* **{name}**: {n:,}"),
    "spaces": plain("{name}   {n}"),
    "single spaces": plain("{name} {n}"),
    "sentences": plain("{name} has {n:,} parameters."),
    "CSV": plain("{name},{n}"),
    "quoted CSV": plain('"{name}","{n:,}"'),
    "unquoted thousands": plain("{name}, {n:,}"),
    "semicolons": plain("{name};{n}"),
    "TSV": plain("{name}\t{n}"),
    "upper case": lambda rows: plain("{name}: {n}")(rows).upper(),
    "in one line": lambda rows: ", ".join(f"{name}: {number}" for name, number in rows.items()),
    "Markdown": markdown,
    "LaTeX": latex,
    "mapping": lambda rows: {name: f"{number:,}" for name, number in rows.items()},
    "mappings": lambda rows: [{"layer": name, "params": str(n)} for name, n in rows.items()],
    "single mappings": lambda rows: [{name: str(n)} for name, n in rows.items()],
    "pairs": lambda rows: [[name, str(number)] for name, number in rows.items()],
    "strings": lambda rows: [f"{name}: {number}" for name, number in rows.items()],
}
BY_KIND: Mapping[str, Callable[[Rows], Any]] = {
    "Keras": keras,
    "Keras in boxes": keras_boxes,
    "torchsummary": torchsummary,
    "torchinfo": torchinfo,
    "kinds": plain("{kind} layer {i}: {n:,}"),
}
BARE: Mapping[str, Callable[[Rows], Any]] = {
    "numbered": plain("{i}. {n}"),
    "layers": plain("Layer {i} - {n}"),
    "ordinals": plain("{i}th layer: {n:,}"),
    "numbers": plain("{n}"),
    "grouped numbers": plain("{n:,}"),
    "list": lambda rows: str(list(rows.values())),
    "texts": lambda rows: [str(number) for number in rows.values()],
}
ALL = {**NAMED, **BY_KIND, **BARE}


@pytest.mark.parametrize("style", ALL)
@pytest.mark.parametrize("rows", [RIGHT, CONV], ids=["all rows", "what carries marks"])
def test_a_right_table_is_right_in_every_form(style: str, rows: Rows):
    """Summaries, tables, lists and lines are one answer, with the optional rows or without."""
    judgement = judged(ALL[style](rows))
    assert (judgement.credit, judgement.review, ids(judgement)) == (1.0, 0.0, []), judgement


@pytest.mark.parametrize("style", [named_parameters, computed])
def test_counts_may_be_given_in_parts(style: Callable[[Rows], str]):
    """Weights and biases apart, or a computation before its result, come to the count."""
    judgement = judged(style(RIGHT))
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize("style", [*NAMED, *BY_KIND])
@given(name=st.sampled_from(list(CONV)), off=st.integers(1, 10**6))
def test_one_wrong_row_is_named(style: str, name: str, off: int):
    """A single changed number costs its row's share, and its name is what the student is told."""
    rows = {**RIGHT, name: RIGHT[name] + off}
    judgement = judged(ALL[style](rows))
    assert judgement.credit == pytest.approx(0.8), judgement
    assert name in judgement.say
    assert f"{RIGHT[name]:,}" not in judgement.say
    assert str(RIGHT[name]) not in judgement.say


@pytest.mark.parametrize("style", [*NAMED, *BARE])
@given(name=st.sampled_from(["conv1_1", "conv1_2", "conv2_1"]))
def test_a_row_left_out_shifts_nothing(style: str, name: str):
    """Without one row in the middle, that row is missing and the others are right."""
    rows = {key: number for key, number in RIGHT.items() if key != name}
    judgement = judged(ALL[style](rows))
    assert judgement.credit == pytest.approx(0.8), judgement
    assert judgement.say == f"No number was found for {name}."


@given(st.permutations(list(RIGHT)))
def test_named_rows_may_stand_in_any_order(order: list[str]):
    """Names decide, wherever a row stands."""
    assert judged({name: str(RIGHT[name]) for name in order}).credit == 1.0


@pytest.mark.parametrize(
    "pattern",
    ["block{b}_conv{c} (Conv2D)   (None, 32, 32, 16)   {n}", "Block {b} Conv {c}: {n:,}",
     "Conv {b}.{c} | {n}", "CONV{b}-{c}: {n} params", "stage{b}.conv{c} = {n}",
     "convolution layer {b}_{c} has {n} parameters"],
)  # fmt: skip
def test_a_name_may_be_spelled_otherwise(pattern: str):
    """The kind and the two numbers of a name are enough to know it."""
    lines = [
        pattern.format(b=name[4], c=name[6], n=number)
        for name, number in reversed(list(CONV.items()))
    ]
    assert judged("\n".join(lines)).credit == 1.0


def test_rows_of_one_name_go_by_their_order():
    """A label that repeats, such as conv3-32, is a kind; its size and input are not its number."""
    names = {"conv": "CONV3-32", "pool": "POOL2", "fc": "FC"}
    lines = [
        f"{names[kind(name)]}: [32x32x16]  memory: 32*32*16=16K  weights: (3*3*3+1)*1 = {n:,}"
        for name, n in RIGHT.items()
    ]
    judgement = judged("\n".join([*lines, "TOTAL memory: 24M * 4 bytes ~= 93MB / image"]))
    assert judgement.credit == 1.0


CODE = "{" + ", ".join(f"'{name}': {number}" for name, number in CONV.items()) + "}"
JSON = "{\n" + ",\n".join(f'  "{name}": {number}' for name, number in CONV.items()) + "\n}"
HTML = "<table><tr><th>Layer</th><th>Params</th></tr>" + "".join(
    f"<tr><td>{name}</td><td>{number:,}</td></tr>\n" for name, number in CONV.items()
)


@pytest.mark.parametrize(
    "value",
    [
        "The five layers have 448, 2320, 4640, 9248 and 9,248 parameters.",
        "448 + 2,320 + 4,640 + 9,248*2 = 25,904",
        "Conv3-16: 448\nConv3-16: 2320\nConv3-32: 4640\nConv3-32 x2: 9,248 each",
        "Block 1\n- conv1: 448\n- conv2: 2,320\n\n**Block 2**\n- conv1: 4640\n- conv2: 9248\n"
        "- conv3: 9248",
        "### conv1_1\n(3*3*3+1)*16 = 448\n### conv1_2\n(3*3*16+1)*16 = 2320\n### the others\n"
        "(9*16+1)*32 = 4640\n(9*32+1)*32 = 9248\n(9*32+1)*32 = 9248",
        {"block1": {"conv1": "448", "conv2": "2320"},
         "block2": {"conv1": "4640", "conv2": "9248", "conv3": "9248"}},
        {"block1": ["448", "2320"], "block2": ["4640", "9248", "9248"]},
        "layer,in,out,params\nconv1_1,3,16,448\nconv1_2,16,16,2320\nconv2_1,16,32,4640\n"
        "conv2_2,32,32,9248\nconv2_3,32,32,9248",
        "| Layer | Weights | Biases | Total |\n|---|---|---|---|\n| conv1_1 | 432 | 16 | 448 |\n"
        "| conv1_2 | 2304 | 16 | 2320 |\n| conv2_1 | 4608 | 32 | 4640 |\n"
        "| conv2_2 | 9216 | 32 | 9248 |\n| conv2_3 | 9216 | 32 | 9248 |",
        "| Layer | Output | Params | Memory |\n|---|---|---|---|\n" + plain(
            "| {name} | 32x32x16 | {n:,} | 16,384 |")(CONV),
        plain("{name} [input 3, output 16]: {n:,}")(CONV),
        plain("{name} (16 filters, 3x3): {n:,} parameters")(CONV),
        plain("{name}: weights 0, bias {n}, total {n}")(CONV),
        plain(r"\text{{{name}}} &: {n} \\")(CONV),
        CODE, JSON, HTML,
    ],
)  # fmt: skip
def test_other_people_write_otherwise(value: Any):
    """Sentences, sums, headings, repeats, code, JSON and HTML hold the same rows."""
    judgement = judged(value)
    assert judgement.credit == 1.0, judgement


# --- several rows at once --------------------------------------------------------------------


def rest(*names: str) -> str:
    return plain("{name}: {n}")({name: n for name, n in CONV.items() if name not in names})


@pytest.mark.parametrize(
    "line",
    ["conv2_2, conv2_3: 9,248 each", "conv2_2 and conv2_3: 9248", "conv2_2/conv2_3: 9248",
     "conv2_2 to conv2_3: 9248", "conv2_2 - conv2_3: 9248", "conv2_2/3: 9248",
     "conv2_2-2_3: 9.248", "conv2_2, 2_3: 9248", "conv2_2 & conv2_3: 2*9248 = 18,496"],
)  # fmt: skip
def test_several_rows_may_share_a_line(line: str):
    """Lists and ranges of names stand for every row in them, with each number or their sum."""
    assert judged(f"{rest('conv2_2', 'conv2_3')}\n{line}").credit == 1.0


def test_sums_over_blocks_are_right():
    """Who gives only the sum of each block has counted every row of it."""
    text = "Block 1: 448 + 2320 = 2768\nBlock 2: 4640 + 9248 + 9248 = 23,136"
    judgement = judged(text)
    assert judgement.credit == 1.0
    assert "given as a sum" in judgement.staff


def test_a_wrong_sum_is_wrong():
    """A block's sum that is none earns nothing for its rows."""
    assert judged("Block 1: 448 + 2320 = 2768\nBlock 2: 20,000").credit <= 0.4


def test_subtotals_are_no_rows():
    """Sums beside their rows are neither extra nor wrong."""
    text = f"{rest()}\nsum of block 1: 2,768\nConv total: 25,904"
    assert judged(text).credit == 1.0


# --- totals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("total", ["25,904", f"{TOTAL:,}", f"{TOTAL / 1e3:.0f}k"])
def test_each_right_total_is_right(total: str):
    """The sum over the convolutions and the sum over all are both totals, exact or rounded."""
    assert judged(f"{markdown(RIGHT)}\n| **Total** | | {total} |").credit == 1.0


def test_a_wrong_total_costs_what_a_total_costs():
    """A total that is no sum of the rows costs one point."""
    judgement = judged(f"{plain('{name}: {n}')(RIGHT)}\nTotal: {TOTAL + 1}")
    assert judgement.credit * POINTS == points(Judgement(0.9))
    assert "total" in judgement.say.lower()


def test_a_total_that_follows_from_a_wrong_row_costs_nothing():
    """A wrong row is charged once, not again in the sum that it went into."""
    rows = {**RIGHT, "fc1": 1}
    judgement = judged(f"{plain('{name}: {n}')(rows)}\nTotal: {sum(rows.values())}")
    assert judgement.credit == pytest.approx(0.9)
    assert "follows from the student's own rows" in judgement.staff


# --- optional rows and mistakes --------------------------------------------------------------


def test_a_wrong_optional_row_costs_its_own_points():
    """A dense layer may be absent; a wrong one costs one point."""
    judgement = judged(plain("{name}: {n}")({**RIGHT, "fc1": 5}))
    assert judgement.credit == pytest.approx(0.9)
    assert judgement.say == "Not right: fc1."


def test_a_slip_in_one_row_is_named():
    """Two classes in the last layer cost that row, and the total follows."""
    rows = parameters(classes=2)
    judgement = judged(keras(rows))
    assert judgement.credit == pytest.approx(0.9)
    assert ids(judgement) == ["two-class-head"]
    assert ids(judged(plain("{name}: {n}")({**RIGHT, "conv1_1": 160}))) == ["one-channel"]


@pytest.mark.parametrize(
    "style", ["lines", "Markdown", "Keras", "torchsummary", "numbers", "kinds"]
)
def test_a_systematic_slip_is_charged_once(style: str):
    """Forgotten biases make every row wrong and cost three points in all."""
    judgement = judged(ALL[style](parameters(bias=False)))
    assert judgement.credit == pytest.approx(0.7), judgement
    assert ids(judgement) == ["bias-forgotten"]


def test_a_systematic_slip_among_right_rows_is_still_one():
    """Rows that are right stay right; the others are one slip, at no more than they are worth."""
    rows = {**RIGHT, **{name: parameters(bias=False)[name] for name in ("conv2_1", "conv2_2")}}
    judgement = judged(plain("{name}: {n}")(rows))
    assert judgement.credit == pytest.approx(0.7)
    one = {**RIGHT, "conv2_1": parameters(bias=False)["conv2_1"]}
    assert judged(plain("{name}: {n}")(one)).credit == pytest.approx(0.8)


def test_two_slips_and_a_wrong_row_add_up():
    """Each slip has its own price, and what no slip explains is charged by itself."""
    rows = {**parameters(bias=False), "fc2": parameters(classes=2)["fc2"], "conv2_3": 7}
    judgement = judged(plain("{name}: {n}")(rows))
    assert ids(judgement) == ["bias-forgotten", "two-class-head"]
    assert judgement.credit == pytest.approx(1 - 0.3 - 0.1 - 0.2)
    assert "Not right: conv2_3." in judgement.say


@pytest.mark.parametrize("sentence", ["Without biases:", "(no bias)", "counted without  bias"])
def test_a_slip_that_is_stated_is_none(sentence: str):
    """Who says that biases are left out gets full marks."""
    judgement = judged(f"{sentence.replace('biases', 'bias')}\n{markdown(parameters(bias=False))}")
    assert (judgement.credit, ids(judgement)) == (1.0, [])


def test_a_slip_charged_before_costs_nothing():
    """A slip with a name for the whole submission is charged once."""
    once = Mistake(NO_BIAS.id, NO_BIAS.say, NO_BIAS.credit, NO_BIAS.options, once="bias")
    check = Check("table", "answer", POINTS, asked().checks[0].options, mistakes=(once,))
    question = Question("q", "Q", "?", POINTS, (check,))
    got = read(plain("{name}: {n}")(parameters(bias=False)), question)
    want = table.expect(check, question, call)
    judgement = table.judge(got, want, Case(check, question, charged=frozenset(["bias"])))
    assert judgement.credit == 1.0
    assert [each.charged for each in judgement.mistakes] == [False]


# --- what else stands there ------------------------------------------------------------------

PRINTED = """
Configuration\t\t
A\tB\tC
11 weight layers\t13 weight layers\t16 weight layers
input ( $32 \\times 32$ RGB image)\t\t
conv3-16\tconv3-16 conv3-16\tconv3-16 conv3-16
maxpool\t\t
FC-100\t\t
soft-max\t\t
"""


def test_a_printed_architecture_is_not_the_answer():
    """Numbers in the names of the question's own table are not counts."""
    judgement = judged(PRINTED + "\nMy counts are these.\n\n" + keras(RIGHT))
    assert judgement.credit == 1.0


def test_rows_that_nobody_asked_for_are_left_alone():
    """Flatten, dropout and activations have no parameters and cost nothing."""
    extra = {"flatten (Flatten)": 0, "dropout": 0, "ReLU": 0, "Softmax": 0, "BatchNorm": 64}
    lines = [f"{name}: {number}" for name, number in {**RIGHT, **extra}.items()]
    judgement = judged("\n".join(lines))
    assert judgement.credit == 1.0
    assert "BatchNorm" in judgement.staff


def test_of_two_tables_the_last_that_answers_counts():
    """A corrected table replaces the first one; a short one after it does not."""
    wrong = markdown({name: number + 1 for name, number in CONV.items()})
    note = "\n\nI checked again.\nThe first table is off.\nEach count is corrected here:\n\n"
    assert judged(wrong + note + markdown(CONV)).credit == 1.0
    assert judged(markdown(CONV) + note + wrong).credit == 0.0


@pytest.mark.parametrize(
    "text",
    ["conv1_1: 448", rest() + "\nconv1_1: 449", rest("conv1_1") + "\nconv1_1: (27+1)*16 = 449",
     "about 25 thousand"],
)  # fmt: skip
def test_a_doubtful_table_goes_to_a_person(text: str):
    """Too few rows, two numbers for one row, or a computation unlike its result are flagged."""
    judgement = judged(text)
    assert judgement.review == 1.0
    assert judgement.reason


# --- other tables ----------------------------------------------------------------------------


def test_any_names_and_numbers_will_do():
    """Nothing about networks is built in: a table of probabilities is a table."""
    options = {"value": {"rain": 0.25, "sun": 0.5, "snow": 0.125}, "rtol": 1e-3}
    assert judged("rain: 25%\nsun: 1/2\nsnow: 0,125", options).credit == 1.0
    judgement = judged("| sun | 0.5 |\n| rain | 0.3 |\n| snow | 0.125 |", options)
    assert judgement.credit == pytest.approx(2 / 3)
    assert judgement.say == "Not right: rain."


def test_rows_may_weigh_differently():
    """A row's points are its share among the rows that carry marks."""
    options = {"value": {"a": 7, "b": 9}, "rows": [{"name": "a", "points": 3}]}
    assert judged("a: 7\nb: 1", options).credit == pytest.approx(0.75)
    assert judged("a: 1\nb: 9", options).credit == pytest.approx(0.25)


def test_a_row_may_have_further_names():
    """The rubric lists what else a row may be called."""
    options = {"value": {"fc1": 7, "fc2": 9}, "rows": [{"name": "fc2", "like": ["output layer"]}]}
    assert judged("output layer: 9\nfc1: 7", options).credit == 1.0


NAMES = st.lists(
    st.text(alphabet="abcdefgh", min_size=3, max_size=6), min_size=1, max_size=6, unique=True
)


@given(NAMES, st.data())
def test_the_right_answer_as_shown_is_right(names: list[str], data: st.DataObject):
    """What staff read as the right answer gets full marks when it is handed in."""
    numbers = data.draw(st.lists(st.integers(0, 10**9), min_size=len(names), max_size=len(names)))
    options = {"value": dict(zip(names, numbers, strict=True))}
    question = asked(options)
    want = table.expect(question.checks[0], question, call)
    assert judged(table.show(want), options).credit == 1.0


# --- the door --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "?", "I don't know", "n/a"])
def test_a_blank_answer_says_nothing(text: str):
    """What is there but says nothing is no table."""
    assert read(text) is None


HOSTILE = {
    "words": "It has many parameters.",
    "printed": PRINTED,
    "commas": "1," * 10_000,
    "rows": "a: 1\n" * 4000,
    "digits": "conv1_1: " + "9" * 20_000,
    "tower": "conv1_1: 9**9**9",
    "long": "x" * 1_000_000,
    "pipes": "|" * 20_000,
    "equals": "a = " * 5000,
    "brackets": "([" * 10_000,
    "commas and words": "a, " * 7000,
    "lists": [["1"] * 300] * 300,
    "mappings": {"a": {"b": {"c": {"d": {"e": "1"}}}}},
    "huge integer": {"conv1_1": 10**5000},
    "names": {"conv1_1, " * 100: "1", "conv1_1 to conv9_9": "2", "conv1_" + "9" * 500: "3"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_table_earns_nothing(name: str):
    """Junk is refused in one sentence, or judged as a table without the right rows."""
    try:
        judgement = judged(HOSTILE[name])
    except Unreadable as trouble:
        judgement = Judgement(0.0, trouble.message)
    assert judgement.credit == 0.0
    assert judgement.say


def test_a_deep_list_is_no_recursion():
    """A thousand lists in one another are refused like any other list that is no table."""
    value: Any = "1"
    for _ in range(1000):
        value = [value]
    with pytest.raises(Unreadable):
        read(value)


@given(st.text(alphabet="convpoltal 0123456789_:=|,.-+*()[]\n\t&;%→/", max_size=80))
def test_no_text_breaks_the_reading(text: str):
    """Any jumble of signs is read, blank or unreadable, and judged without a fault."""
    question = asked()
    want = table.expect(question.checks[0], question, call)
    try:
        got = read(text, question)
        if got is not None:
            case = Case(question.checks[0], question)
            assert 0.0 <= table.judge(got, want, case).credit <= 1.0
    except Unreadable:
        return


@pytest.mark.parametrize(
    "value", [{"a": np.int64(3), "b": 4}, [["a", 3], ["b", 4]], {"a": np.array(3), "b": 4.0}]
)
def test_a_reference_may_return_a_mapping_or_pairs(value: Any):
    """Mappings and lists of pairs, with NumPy's numbers, become plain rows in order."""
    check = Check("table", "answer", 1, {"expect": "t.given"})
    question = Question("q", "Q", "?", 1, (check,), given={"x": value})
    want = table.expect(check, question, call)
    assert [(row.slot.name, row.slot.value) for row in want.rows] == [("a", 3.0), ("b", 4.0)]


@pytest.mark.parametrize("value", [{}, [1, 2], 3, {"a": float("nan")}, {"a": "words"}])
def test_a_reference_that_is_no_table_is_a_fault_of_ours(value: Any):
    """What no answer can equal is reported, not graded."""
    check = Check("table", "answer", 1, {"expect": "t.given"})
    question = Question("q", "Q", "?", 1, (check,), given={"x": value})
    with pytest.raises(ReferenceFault):
        table.expect(check, question, call)


def test_a_rule_for_no_row_is_a_fault_of_ours():
    """A misspelled row name in the rubric is reported, or its words would silently not count."""
    question = asked({"expect": "t.parameters", "rows": [{"name": "convv*"}]})
    with pytest.raises(ReferenceFault, match=r"convv\*"):
        table.expect(question.checks[0], question, call)


# --- tables of other things than parameters --------------------------------------------------

SIZES = {"value": {"conv1": 12, "pool1": 6, "conv2": 3, "flatten": 90}}
SHARES = {
    "value": {"precision": 2 / 3, "recall": 0.4, "F1": 2 * (2 / 3) * 0.4 / (2 / 3 + 0.4)},
    "rows": [{"name": "precision", "like": ["P"]}, {"name": "recall", "like": ["R"]}],
}
GROUPS = {"value": {"A": 2, "B": 1, "C": 2, "D": 1, "E": 1}}
TWO_LAYERS = {"value": {"conv1": 80, "conv2": 219}, "rows": [{"name": "total", "sum": ["*"]}]}


def plainly(value: Any, options: Mapping[str, Any], *mistakes: Mistake) -> Judgement:
    """Judge an answer to a table of the rubric's own values."""
    check = Check("table", "answer", 4, options, mistakes=mistakes)
    question = Question("q", "Q", "?", 4, (check,))
    got = read(value, question)
    assert got is not None, "blank"
    return table.judge(got, table.expect(check, question, call), Case(check, question))


@pytest.mark.parametrize(
    "value",
    [
        {"precision": "2/3", "recall": "2/5", "F1": "1/2"},
        "P = 2/3, R = 2/5, F1 = 1/2",
        "precision .667 recall .4 F1 .5".replace(" .", "=."),
        "| precision | recall | F1 |\n|---|---|---|\n| 66.7 % | 40 % | 50 % |",
        "precision & recall & F1 \\\\ 0.67 & 0.40 & 0.50",
        r"\text{Precision} = \frac{2}{3}, \text{Recall} = \frac{2}{5}, F_1 = \frac{1}{2}",
        "Precision: 0,67; Recall: 0,4; F1: 0,5",
    ],
)
def test_shares_may_be_fractions_or_percentages_lying_or_standing(value: Any):
    """F1 = 0.4999999999999999 in floating point is a half; two digits are enough of a share."""
    assert plainly(value, SHARES).credit == 1.0


def test_a_count_is_not_rounded_to_two_digits():
    """219 parameters are not 220."""
    assert plainly("80, 220", TWO_LAYERS).credit == 0.5


@pytest.mark.parametrize(
    "value",
    [
        "conv1: 80, conv2: 219, total: 299",
        "conv1: 80; conv2: 219; total: 299",
        "conv1 80, conv2 219, total 299",
        "conv1 = 80, conv2 = 219, in total 299",
        "80 and 219, together 299",
        "conv1: weights 72, bias 8; conv2: weights 216, bias 3",
        "conv1: weights 72, bias 8, total 80\nconv2: weights 216, bias 3, total 219",
    ],
)
def test_rows_and_their_total_may_stand_in_one_line(value: str):
    """A total behind the rows is no part of the first of them."""
    assert plainly(value, TWO_LAYERS).credit == 1.0


@pytest.mark.parametrize(
    "value",
    [
        "conv1: 12 × 12 × 10\npool1: 6 × 6 × 10\nconv2: 3 × 3 × 10\nflatten: 90",
        "conv1 12x12x10, pool1 6x6x10, conv2 3x3x10, flatten 90",
        "conv1 = 10x12x12\npool1 = 10x6x6\nconv2 = 10x3x3\nflatten = 10*3*3 = 90",
        "| layer | out |\n|---|---|\n|conv1|12x12|\n|pool1|6x6|\n|conv2|3x3|\n|flatten|90|",
        "conv1: (12, 12, 10)\npool1: [10, 6, 6]\nconv2: (3, 3)\nflatten: 90",
        "12x12x10, 6x6x10, 3x3x10, 90",
        "12 → 6 → 3 → 90",
        "14 -> 12 -> 6 -> 3 -> 90",
    ],
)  # fmt: skip
def test_the_side_of_a_map_may_be_read_off_its_shape(value: str):
    """Asked for 12, 12 × 12 × 10 says it and more; staff are told."""
    judgement = plainly(value, SIZES)
    assert judgement.credit == 1.0
    assert ("taken from a shape" in judgement.staff) == ("12, 12" in value or "12x12" in value
                                                         or "12 × 12" in value)  # fmt: skip


def test_a_wrong_shape_is_wrong_and_a_product_is_still_a_product():
    """The side counts only where it is right; 10*3*3 = 90 is a count as ever."""
    assert plainly("13x13x10, 6x6x10, 3x3x10, 90", SIZES).credit == 0.75
    assert plainly("conv1: 5*16, conv2: 3*73", TWO_LAYERS).credit == 1.0


@pytest.mark.parametrize(
    "value",
    [
        "cluster 1: B, D, E; cluster 2: A, C",
        "Cluster 1 = {B, D, E}\nCluster 2 = {A, C}",
        "C_1 = {B, D and E}, C_2 = {A and C}",
        "B, D, E -> 1\nA, C -> 2",
        "A and C belong to cluster 2; B, D and E belong to cluster 1.",
        "Points B, D, E are in cluster 1. Points A, C are in cluster 2.",
        "A2 B1 C2 D1 E1",
        "A: 2, B: 1, C: 2, D: 1, E: 1",
        {"1": ["B", "D", "E"], "2": ["A", "C"]},
        {"cluster 1": "B, D, E", "cluster 2": "A, C"},
        "| | A | B | C | D | E |\n|---|---|---|---|---|---|\n| cluster | 2 | 1 | 2 | 1 | 1 |",
        "A & B & C & D & E \\\\ 2 & 1 & 2 & 1 & 1",
    ],
)
def test_names_may_be_listed_by_their_group(value: Any):
    """Who is in which cluster is said in many ways."""
    assert plainly(value, GROUPS).credit == 1.0


def test_a_name_in_the_wrong_group_is_wrong_by_itself():
    """One of five is in the other cluster."""
    judgement = plainly("cluster 1: B, D, E, C; cluster 2: A", GROUPS)
    assert judgement.credit == pytest.approx(0.8)
    assert judgement.say == "Not right: C."


def test_groups_of_names_that_were_not_asked_for_say_nothing():
    """Rows are found by their names alone; a person sees that none was found."""
    judgement = plainly("cluster 1: X, Y; cluster 2: Z", GROUPS)
    assert (judgement.credit, judgement.reason) == (0.0, "only 0 of 5 rows could be found")


EXCHANGED = Mistake(
    "clusters-exchanged", "1 is 2.", 0.5,
    {"expect": "t.given", "with": {"x": {"A": 1, "B": 2, "C": 1, "D": 2, "E": 2}}, "whole": True},
)  # fmt: skip


def test_a_mistake_of_the_whole_table_is_not_seen_in_one_row():
    """One wrong name is no exchange of the clusters; all five are."""
    assert ids(plainly("A1 B1 C2 D1 E1", GROUPS, EXCHANGED)) == []
    assert ids(plainly("A1 B2 C1 D2 E2", GROUPS, EXCHANGED)) == ["clusters-exchanged"]


def test_a_mistake_in_no_row_is_a_fault_of_ours():
    """A misspelled row would never be recognised."""
    with pytest.raises(ReferenceFault, match="the mistake 'two': 'F' is no row"):
        plainly("A1 B1 C2 D1 E1", GROUPS, Mistake("two", "No.", 0.5, {"row": "F", "value": 2}))


def test_the_example_is_true():
    """The kind's own example holds: its right answers are right, the wrong ones are not."""
    options = table.EXAMPLE["question"]["checks"][0]["table"]
    for text in table.EXAMPLE["right"]:
        assert judged(text, options).credit == 1.0, text
    for text in table.EXAMPLE["wrong"]:
        assert judged(text, options).credit < 1.0, text


# --- more ways of writing -------------------------------------------------------------------------

PASTED = {
    "a line of names and numbers": " ".join(f"{n}: {v}" for n, v in CONV.items()),
    "a line with equals signs": ", ".join(f"{n} = {v:,}" for n, v in CONV.items()),
    "a dictionary of Python": str(CONV),
    "a dictionary without its braces": str(CONV).strip("{}"),
    "records of JSON": json.dumps([{"layer": n, "params": v} for n, v in CONV.items()]),
    "the number first": "\n".join(f"{v} params in {n}" for n, v in CONV.items()),
    "channels and arrows": "\n".join(
        f"{a} -> {b}: {v:,}" for (a, b), v in zip(CHANNELS.values(), CONV.values(), strict=True)
    ),
    "Chinese": "\n".join(f"第{i}层卷积：{v}个参数" for i, v in enumerate(CONV.values(), 1)),
    "blocks": "Block 1: 448, 2320\nBlock 2: 4640, 9248, 9248",
    "times in brackets": "conv: 448\nconv: 2320\nconv: 4640\nconv: 9248 (x2)",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_rows_are_found_however_they_are_strung_together(text: str):
    """On one line, in braces, by records, in blocks."""
    assert list(CONV.values()) == [448, 2320, 4640, 9248, 9248]
    assert judged(text).credit == 1


def test_a_long_line_of_pairs_is_read_as_well():
    """Names take room; a line of a thousand characters is still a table."""
    text = "; ".join(f"the_{'very_' * 4}long_name_of_{n}: {v:,}" for n, v in CONV.items())
    assert judged(text).credit == 1


# --- what speaks for a misreading --------------------------------------------------------------


def test_a_table_that_is_wrong_throughout_for_no_reason_is_looked_at():
    """Nobody is wrong in every row by chance: another column may have been read."""
    judgement = judged(plain("{name}: {n}")({name: n + 7 for name, n in parameters().items()}))
    assert judgement.review == 1
    assert "in a way that no slip explains" in judgement.reason


def test_a_few_wrong_rows_are_just_wrong():
    """Three slips of the pen need nobody's time."""
    rows = parameters()
    wrong = {name: rows[name] + 7 for name in list(rows)[:3]}
    assert judged(plain("{name}: {n}")({**rows, **wrong})).review == 0


def test_a_row_that_is_named_but_has_no_number_is_looked_at():
    """Its number may stand where it is not looked for."""
    rows = parameters()
    text = plain("{name}: {n}")(rows).replace(f": {rows['conv2_3']}", ": as above", 1)
    text = text.replace(f"conv2_2: {rows['conv2_2']}", "conv2_2: as above")
    judgement = judged(text)
    assert judgement.credit < 1
    assert "without a number that could be read" in judgement.reason


def test_more_rows_of_a_kind_than_were_asked_for_are_looked_at():
    """All that was asked for, and layers that the network does not have."""
    text = plain("{name}: {n}")(parameters())
    judgement = judged(f"{text}\nconv9_9: 590080")
    assert judgement.review == 1
    assert "more of them: conv9_9" in judgement.reason
    assert judged(f"{text}\nrelu: 5").review == 0


def test_a_column_of_weights_and_one_of_biases_are_added():
    """Who lists weights and biases beside each other has counted both."""
    rows = "| Layer | Weights | Biases |\n|---|---|---|\n| a | 1,728 | 64 |\n| b | 36,864 | 64 |"
    lines = _tables.of_text(rows)
    assert [(line.label, line.numbers[0].value) for line in lines] == [("a", 1792), ("b", 36928)]


@pytest.mark.parametrize("sign", [" ", ". ", ") ", ": ", ", ", "\t"])
def test_a_counted_list_is_no_table_of_counts(sign: str):
    """The numbers 1, 2, 3 in front of the lines only count them."""
    lines = _tables.of_text("\n".join(f"{i}{sign}{n}" for i, n in enumerate((40, 70, 90), 1)))
    assert [line.numbers[0].value for line in lines if line.numbers[0].value > 3] == [40, 70, 90]
    assert len(lines) == 3


def test_a_row_may_say_in_front_how_often_it_stands():
    """`2 x conv: 70` is two rows, as `conv x 2: 70` is."""
    (line,) = _tables.of_text("2 × conv: 70")
    assert (line.label, line.times, line.numbers[0].value) == ("conv", 2, 70)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("pa: 0.4\npb: -0.6", [0.4, -0.6]),
        ("pa = (-0.4)\npb | -0.6 |", [-0.4, -0.6]),
        ("pa - 0.4\npb - 0.6", [0.4, 0.6]),
        ("pa: 3-5\npb: 3 - 5", [3, 3]),
    ],
)
def test_a_dash_is_a_sign_where_it_joins_nothing(text: str, values: list[float]):
    """A residual of -0.6 is no 0.6, and a dash behind a name is no minus."""
    way = next(_segments.ways(text, lambda word: word.startswith("p")))
    assert [row.numbers[0].value for row in way.rows] == values
