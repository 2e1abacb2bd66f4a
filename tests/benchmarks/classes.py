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

_POOL: Mapping[str, tuple[Fields, ...]] = {
    "q1.a": (
        {"verdict": "false", "reason": "the slope of ReLU is 1 for positive inputs"},
        {"verdict": "true", "reason": "dead units pass no gradient on"},
        {"verdict": "FALSE", "reason": "relu does not saturate, sigmoid does"},
    ),
    "q1.b": (
        {"verdict": "false", "reason": "20 % is worse than a coin, so the labels may be swapped"},
        {"verdict": "true", "reason": "the test accuracy is low"},
    ),
    "q1.c": (
        {"verdict": "no", "reason": "one scales activations per batch, the other drops units"},
        {"verdict": "true", "reason": "both regularise"},
    ),
    "q1.d": (
        {"verdict": "false", "reason": "it tells real pictures from generated ones"},
        {"verdict": "true", "reason": "it looks for faces"},
    ),
    "q2.a": ({"answer": "2.3026"}, {"answer": "1"}, {"answer": "-ln(0.1)"}, {"answer": "3.32"}),
    "q2.b": (
        {"verdict": "no", "reason": "log 0 shows up when they are exchanged"},
        {"verdict": "yes", "reason": "it is a distance"},
    ),
    "q2.c": ({"answer": "0.511"}, {"answer": "-log(0.6)"}, {"answer": "0.22"}),
    "q2.d": (
        {"answer": "The loss is infinite when the true class has zero; softmax is never zero."},
        {"answer": "We divide by zero."},
    ),
    "q3": (
        {"verdict": "no", "text": "It underfits: high bias. A larger network would help."},
        {"verdict": "yes", "text": "More data always help."},
    ),
    "q4.a": (
        {"answer": "Training accuracy falls, test accuracy rises, and they meet."},
        {"answer": "Both rise."},
    ),
    "q4.b": (
        {"answer": "Training accuracy falls; test accuracy first rises and then falls."},
        {"answer": "Nothing changes."},
    ),
    "q6": (
        {"A": "[[-99, 0], [0, 0]]", "B": "[-2, 100]", "c": "1"},
        {"A": "[[-198, 0], [0, 0]]", "B": "[-2, 100]", "c": "1"},
    ),
    "q7": (
        {"answer": "(\\hat{y} - y) x^T"},
        {"answer": "(y_hat - y) @ x.T"},
        {"answer": "y_hat - y"},
        {"answer": "(sigma(z) - y) * x"},
    ),
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
    answers = {id: draw.choice(pool) for id, pool in _POOL.items() if draw.random() > 0.05}
    answers["q5"] = {"answer": _table(draw)}
    return dict(sorted(answers.items()))


def _table(draw: random.Random) -> str:
    """Return a table of parameters in which some rows forget their biases."""
    forgets = draw.random() < 0.3
    names = [f"conv{block + 1}_{n + 1}" for block, n_ in enumerate(_LAYERS) for n in range(n_)]
    channels = (64, 64, 128, 128, *[256] * 3, *[512] * 6)
    rows = zip(names, _VGG, channels, strict=True)
    return (
        "\n".join(f"{name}: {count - (bias if forgets else 0)}" for name, count, bias in rows)
        + f"\nseat: {draw.randrange(10**6)}"
    )


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
        lines += [f"{name}: {text}" for name, text in fields.items()]
    return "\n".join(lines) + "\n"
