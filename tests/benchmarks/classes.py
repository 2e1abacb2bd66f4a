"""A generator of classes: students who answer the midterm more or less well, in two formats."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

_VGG = (
    1_792, 36_928, 73_856, 147_584, 295_168, 590_080, 590_080, 1_180_160, 2_359_808, 2_359_808,
    2_359_808, 2_359_808, 2_359_808,
)  # fmt: skip
_LAYERS = (2, 2, 3, 3, 3)

Fields = Mapping[str, str]

_TRUE = ("true", "True", "TRUE", "yes", "correct", "I agree: true")
_FALSE = ("false", "False", "FALSE", "no", "not true", "No, false")

# Texts are put together of what is said about a thing, in any order and number: no two are alike.
_SAID: Mapping[str, tuple[str, ...]] = {
    "q1.a": (
        "the slope of ReLU is 1 for positive inputs", "relu does not saturate, sigmoid does",
        "the product over the layers does not shrink", "dead units pass no gradient on",
        "sigmoid has a slope of at most 1/4", "deep networks are slow",
    ),
    "q1.b": (
        "20 % is worse than a coin", "the labels may be swapped", "the test accuracy is low",
        "overfitting would still be above chance", "there may be a bug in the evaluation",
    ),
    "q1.c": (
        "one scales activations by the batch, the other drops units", "both regularise",
        "batch norm keeps the mean and the variance", "dropout is random at training only",
    ),
    "q1.d": (
        "it tells real pictures from generated ones", "it looks for faces",
        "its output is the probability of being real", "the generator tries to fool it",
    ),
    "q2.b": (
        "log 0 shows up when they are exchanged", "it is a distance", "H(y, p) weighs by y",
        "the logarithm is of the second argument",
    ),
    "q2.d": (
        "the loss is infinite when the true class has zero", "softmax is never zero",
        "we divide by zero", "one clips the prediction", "log(0) is minus infinity",
    ),
    "q3": (
        "it underfits", "the bias is high", "a larger network would help", "train longer",
        "more data always help", "the variance is high", "fewer regularisation",
    ),
    "q4.a": (
        "training accuracy falls", "test accuracy rises", "they meet", "both rise",
        "many samples are harder to fit", "the gap closes in the end",
    ),
    "q4.b": (
        "training accuracy falls", "test accuracy first rises and then falls",
        "nothing changes", "too much of it underfits", "a little of it stops overfitting",
    ),
}  # fmt: skip

_LINKS = (". ", "; ", ", and ", ", because ", " - ", ". So ", ".\n")
_OPENING = ("", "I think ", "In my opinion ", "As in the lecture, ", "Well, ", "We know that ")

_VALUES: Mapping[str, tuple[float, ...]] = {
    "q2.a": (2.302585, 1.0, 3.3219),
    "q2.c": (0.5108, 0.2218),
}
_LOGS: Mapping[str, tuple[str, ...]] = {
    "q2.a": ("-ln(0.1)", "-log(0.1)", "ln 10", "-\\log_{10}(0.1)"),
    "q2.c": ("-ln(0.6)", "-log(0.6)", "ln(5/3)"),
}

_DELTA = (
    "(\\hat{y} - y)",
    "(y_hat - y)",
    "(ŷ − y)",
    "(a - y)",
    "(\\sigma(Wx+b) - y)",
    "(y - \\hat y)",
)
_TIMES_X = (" x^T", " x^{\\top}", "xᵀ", " @ x.T", " * x", "")
_BEFORE = ("", "\\frac{1}{m} ", "dL/dW = ", "\\nabla_W L = ", "1/m * ", "- ")


def _statement(draw: random.Random, question: str) -> str:
    """Return some of what can be said to a question, in some order."""
    said = draw.sample(_SAID[question], draw.randint(1, len(_SAID[question]) - 1))
    text = said[0]
    for each in said[1:]:
        text += draw.choice(_LINKS) + each
    return draw.choice(_OPENING) + text + draw.choice((".", "", " (see the lecture)"))


def _value(draw: random.Random, question: str) -> str:
    """Return a number, rounded anyhow, or the logarithm that it is."""
    if draw.random() < 0.4:
        return draw.choice(_LOGS[question])
    digits = draw.randint(1, 5)
    number = f"{draw.choice(_VALUES[question]):.{digits}f}"
    return draw.choice(("{}", "≈ {}", "H = {}", "{} nats", "about {}")).format(number)


def _quadratic(draw: random.Random) -> Fields:
    """Return the matrix, the vector and the number, each right or off somewhere."""
    corner = draw.choice((-99, -99, -99, -198, 99, draw.randint(-100, 100)))
    linear = draw.choice(("[-2, 100]", "[-2, 100]", "(-2, 100)", "[2, 100]", "[-2; 100]"))
    return {
        "A": draw.choice(("[[{}, 0], [0, 0]]", "[{}, 0; 0, 0]")).format(corner),
        "B": linear,
        "c": str(draw.choice((1, 1, 1, 0, -1))),
    }


def make(folder: Path, count: int, format: str, seed: int = 0) -> tuple[Path, Path]:
    """Write a class of `count` students as `yaml`, `markdown` or `mixed`; roster, submissions."""
    draw = random.Random(seed)
    handed = folder / "submissions"
    lines = ["id,name,email"]
    for number in range(count):
        id = f"s{number:06d}"
        lines.append(f"{id},Student {number},{id}@example.edu")
        answers = _answers(draw)
        is_yaml = format == "yaml" or (format == "mixed" and number % 2)
        name, text = ("answers.yaml", _yaml(id, answers)) if is_yaml else (
            "answers.md", _markdown(answers)
        )  # fmt: skip
        (handed / id).mkdir(parents=True)
        (handed / id / name).write_text(text, encoding="utf-8")
    roster = folder / "roster.csv"
    roster.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return roster, handed


def _answers(draw: random.Random) -> dict[str, Fields]:
    answers: dict[str, Fields] = {}
    for question in ("q1.a", "q1.b", "q1.c", "q1.d", "q2.b"):
        verdict = draw.choice(_FALSE if draw.random() < 0.7 else _TRUE)
        answers[question] = {"verdict": verdict, "reason": _statement(draw, question)}
    answers["q3"] = {"verdict": draw.choice(_FALSE), "text": _statement(draw, "q3")}
    for question in ("q2.d", "q4.a", "q4.b"):
        answers[question] = {"answer": _statement(draw, question)}
    for question in ("q2.a", "q2.c"):
        answers[question] = {"answer": _value(draw, question)}
    answers["q5"] = {"answer": _table(draw)}
    answers["q6"] = _quadratic(draw)
    formula = draw.choice(_BEFORE) + draw.choice(_DELTA) + draw.choice(_TIMES_X)
    answers["q7"] = {"answer": formula}
    for question in list(answers):
        if draw.random() < 0.05:
            del answers[question]
    return dict(sorted(answers.items()))


def _table(draw: random.Random) -> str:
    """Return a table of parameters in one of three layouts, with slips in any of its rows."""
    forgets, slips = draw.random() < 0.3, draw.random() * 0.2
    names = [f"conv{block + 1}_{n + 1}" for block, n_ in enumerate(_LAYERS) for n in range(n_)]
    channels = (64, 64, 128, 128, *[256] * 3, *[512] * 6)
    layout = draw.choice(("{}: {}", "| {} | {} |", "{} (Conv2D)      {}"))
    rows = []
    for name, count, bias in zip(names, _VGG, channels, strict=True):
        told = count - bias if forgets else count
        told = told + draw.randint(-999, 999) if draw.random() < slips else told
        rows.append(layout.format(name, f"{told:,}" if slips > 0.1 else told))
    return "\n".join(rows)


def _yaml(id: str, answers: Mapping[str, Fields]) -> str:
    lines = [f"student: {id}", "answers:"]
    for question, fields in answers.items():
        lines.append(f"  {question}:")
        for name, text in fields.items():
            block = "".join(f"\n      {line}" for line in text.split("\n"))
            lines.append(f"    {name}: |{block}")
    return "\n".join(lines) + "\n"


def _markdown(answers: Mapping[str, Fields]) -> str:
    lines = ["# Midterm"]
    for question, fields in answers.items():
        lines += ["", f"## {question}", ""]
        for name, text in fields.items():
            lines.append(f"{name}:\n\n{text}\n" if "\n" in text else f"{name}: {text}")
    return "\n".join(lines) + "\n"
