"""Code that draws the right picture in another way than was asked is seen by a person."""

import pytest

from grader import desk

FOLDS = """
def network(x1, x2, n):
    for j in range(1, n + 1):
        at = 2 ** (n - j)
        x1, x2 = at - np.abs(x1 - at), at - np.abs(x2 - at)
    return np.sign((x1 - 0.5) * (x2 - 0.5))
"""
RECURSION = """
def fold(x, n):
    return x if n == 0 else fold(2 ** (n - 1) - abs(x - 2 ** (n - 1)), n - 1)

def network(x1, x2, n):
    return 1 if (fold(x1, n) - 0.5) * (fold(x2, n) - 0.5) > 0 else -1
"""
COSINE = "\ndef network(x1, x2, n):\n    return np.cos(np.pi * x1) * np.cos(np.pi * x2)\n"
LOOKED_UP = """
def network(x1, x2, n):
    if n > 3:
        raise ValueError(n)
    return COLOURS[int(x1 // 0.5) % 4] * COLOURS[int(x2 // 0.5) % 4]

COLOURS = [-1, 1, 1, -1]
"""
THRESHOLDS = """
def network(x1, x2, n):
    count = 2**n
    def steps(x):
        return -1 + 2 * sum((-1) ** k * (x >= k + 0.5) for k in range(count))
    return steps(x1) * steps(x2)
"""


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def drawn(homework, folder, question: str, source: str) -> tuple[float, bool]:
    (folder / "p2.py").write_text(f"import numpy as np\n{source}")
    verdict = homework.grade(folder, only=[question]).questions[0].verdicts[0]
    return verdict.score, verdict.judgement.review > 0


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (FOLDS, (4, False)),
        (RECURSION, (4, False)),
        (COSINE, (4, True)),
        (THRESHOLDS, (4, True)),
        (LOOKED_UP, (0, False)),
    ],
    ids=["folds", "recursion", "cosine", "thresholds", "looked up"],
)
def test_a_deep_network_has_as_many_layers_as_n_says(homework, tmp_path, source, found):
    """The picture alone does not say whether there are layers; a larger n says what is by heart."""
    assert drawn(homework, tmp_path, "p2.4", source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (FOLDS, (5, True)),
        (f"{FOLDS}\ndef one_layer(x1, x2, n):\n    return network(x1, x2, n)\n", (5, True)),
        (COSINE, (5, False)),
        (THRESHOLDS, (5, False)),
    ],
    ids=["folds", "folds elsewhere", "cosine", "thresholds"],
)
def test_a_shallow_network_repeats_nothing_n_times(homework, tmp_path, source, found):
    """n folds one after the other are n layers, whatever the function is called."""
    if "one_layer" not in source:
        source = source.replace("network", "one_layer")
    assert drawn(homework, tmp_path, "p2.5", source) == found
