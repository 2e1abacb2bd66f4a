"""The VGG counts, against modules that torch builds on the meta device."""

from __future__ import annotations

import pytest
import torch

from reference import vgg

# Maps per convolution and "M" for a pooling; a negative number is a 1x1 convolution.
# Written down from the paper a second time, in another notation.
PAPER = {
    "A": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "A-LRN": [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
    "B": [64] * 2 + ["M"] + [128] * 2 + ["M"] + [256] * 2 + (["M"] + [512] * 2) * 2 + ["M"],
    "C": [64] * 2
    + ["M"]
    + [128] * 2
    + ["M"]
    + [256, 256, -256]
    + ["M", 512, 512, -512] * 2
    + ["M"],
    "D": [64] * 2 + ["M"] + [128] * 2 + ["M"] + [256] * 3 + (["M"] + [512] * 3) * 2 + ["M"],
    "E": [64] * 2 + ["M"] + [128] * 2 + ["M"] + [256] * 4 + (["M"] + [512] * 4) * 2 + ["M"],
}

# layer of column D, parameters, parameters without bias
COLUMN_D = [
    ("conv1_1", 1_792, 1_728),
    ("conv1_2", 36_928, 36_864),
    ("pool1", 0, 0),
    ("conv2_1", 73_856, 73_728),
    ("conv2_2", 147_584, 147_456),
    ("pool2", 0, 0),
    ("conv3_1", 295_168, 294_912),
    ("conv3_2", 590_080, 589_824),
    ("conv3_3", 590_080, 589_824),
    ("pool3", 0, 0),
    ("conv4_1", 1_180_160, 1_179_648),
    ("conv4_2", 2_359_808, 2_359_296),
    ("conv4_3", 2_359_808, 2_359_296),
    ("pool4", 0, 0),
    ("conv5_1", 2_359_808, 2_359_296),
    ("conv5_2", 2_359_808, 2_359_296),
    ("conv5_3", 2_359_808, 2_359_296),
    ("pool5", 0, 0),
    ("fc1", 102_764_544, 102_760_448),
    ("fc2", 16_781_312, 16_777_216),
    ("fc3", 4_097_000, 4_096_000),
]

# slip, layer, what it makes of the layer
SLIPS = [
    ("depth_forgotten", {}, "conv1_2", 640),
    ("parameters", {"channels": 1}, "conv1_1", 640),
    ("parameters", {"bias": False}, "conv1_1", 1_728),
    ("one_bias_per_layer", {}, "conv1_2", 36_865),
    ("kernel_not_squared", {}, "conv1_2", 12_352),
    ("depth_of_output", {}, "conv2_1", 147_584),
    ("depth_of_output", {}, "conv3_1", 590_080),
    ("map_not_flattened", {}, "fc1", 2_101_248),
    ("last_pool_forgotten", {}, "fc1", 411_045_888),
    ("parameters", {"bias": False}, "fc1", 102_760_448),
    ("parameters", {"classes": 2}, "fc3", 8_194),
    ("activations", {}, "conv1_1", 3_211_264),
]

# words, the total that they lead to
TOTALS = [
    ({}, 138_357_544),
    ({"classes": 2}, 134_268_738),
    ({"bias": False}, 138_344_128),
    ({"column": "A"}, 132_863_336),
    ({"column": "A-LRN"}, 132_863_336),
    ({"column": "B"}, 133_047_848),
    ({"column": "C"}, 133_638_952),
    ({"column": "E"}, 143_667_240),
]


def modules(column, bias=True, classes=1000, channels=3, side=224):
    """Build a column from torch modules that hold no memory, as (module, its output's shape)."""
    built, image = [], torch.empty(1, channels, side, side, device="meta")
    for maps in PAPER[column]:
        if maps == "M":
            module = torch.nn.MaxPool2d(2)
        else:
            kernel = 1 if maps < 0 else 3
            module = torch.nn.Conv2d(
                image.shape[1], abs(maps), kernel, padding=kernel // 2, bias=bias, device="meta"
            )
        image = module(image)
        built.append((module, image.shape))
    image = image.flatten(1)
    for units in (4096, 4096, classes):
        module = torch.nn.Linear(image.shape[1], units, bias=bias, device="meta")
        image = module(image)
        built.append((module, image.shape))
    return built


def learned(module):
    return sum(weights.numel() for weights in module.parameters())


@pytest.mark.parametrize(("layer", "with_bias", "without_bias"), COLUMN_D)
def test_a_layer_of_column_d(layer, with_bias, without_bias):
    """A convolution holds (k² · input depth + 1) · filters parameters, a pooling none."""
    assert vgg.parameters(column="D")[layer] == with_bias
    assert vgg.parameters(column="D", bias=False)[layer] == without_bias


def test_the_layers_of_column_d_come_in_order():
    """A bare list of counts is matched by order, so the order is part of the answer."""
    assert list(vgg.parameters(column="D")) == [layer for layer, _, _ in COLUMN_D]


@pytest.mark.parametrize("column", PAPER)
@pytest.mark.parametrize(
    "words",
    [{}, {"bias": False}, {"classes": 2}, {"channels": 1}],
    ids=["as printed", "no bias", "two classes", "grey"],
)
def test_torch_counts_the_same(column, words):
    """Modules built from the paper's table hold as many parameters, layer by layer."""
    counts = vgg.parameters(column=column, **words)
    counts = [count for name, count in counts.items() if not name.startswith("lrn")]
    assert counts == [learned(module) for module, _ in modules(column, **words)]


@pytest.mark.parametrize("side", [224, 96])
def test_torch_makes_maps_of_the_same_size(side):
    """The activations of each layer are as many as torch puts out for one image."""
    shapes = [shape for _, shape in modules("D", side=side)]
    counts = vgg.activations(column="D", size=side)
    assert list(counts.values()) == [shape.numel() for shape in shapes]


@pytest.mark.parametrize(("words", "total"), TOTALS)
def test_a_total(words, total):
    """The totals by which a sheet shows which column, head or bias it counted."""
    assert vgg.totals(**words)["total"] == total


def test_the_convolutions_of_column_d_hold_a_tenth():
    """A list of the thirteen convolutions alone ends in another total."""
    assert vgg.totals(column="D")["conv"] == 14_714_688
    assert vgg.totals(column="D", bias=False)["conv"] == 14_710_464


@pytest.mark.parametrize(
    ("column", "millions", "weight_layers"),
    [
        ("A", 133, 11),
        ("A-LRN", 133, 11),
        ("B", 133, 13),
        ("C", 134, 16),
        ("D", 138, 16),
        ("E", 144, 19),
    ],
)
def test_the_paper_agrees(column, millions, weight_layers):
    """The columns have the sizes that the paper prints."""
    assert round(vgg.totals(column=column)["total"] / 1e6) == millions
    counts = vgg.parameters(column=column)
    assert sum(count > 0 for count in counts.values()) == weight_layers


@pytest.mark.parametrize(("slip", "words", "layer", "value"), SLIPS)
def test_a_slip_has_its_own_value(slip, words, layer, value):
    """Each slip yields the count that students hand in for it."""
    assert getattr(vgg, slip)(column="D", **words)[layer] == value


@pytest.mark.parametrize("slip", sorted({slip for slip, words, *_ in SLIPS if not words}))
def test_a_slip_is_told_apart_from_the_right_counts(slip):
    """A slip changes at least one layer, and names the same layers."""
    wrong, right = getattr(vgg, slip)(column="D"), vgg.parameters(column="D")
    assert list(wrong) == list(right)
    assert wrong != right


def test_normalisation_layers_learn_nothing():
    """Column A-LRN lists one more layer than column A, with no parameters."""
    counts = vgg.parameters(column="A-LRN")
    assert counts.pop("lrn1") == 0
    assert counts == vgg.parameters(column="A")


def test_a_network_of_ones_own():
    """A description in the same words counts any plain network."""
    counts = vgg.count(
        description="conv5-6 maxpool conv5-16 maxpool FC-120 FC-84 FC-10 soft-max",
        channels=1,
        size=28,
    )
    built = torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 5, padding=2, device="meta"),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 16, 5, padding=2, device="meta"),
        torch.nn.MaxPool2d(2),
        torch.nn.Linear(16 * 7 * 7, 120, device="meta"),
        torch.nn.Linear(120, 84, device="meta"),
        torch.nn.Linear(84, 10, device="meta"),
    )
    assert list(counts.values()) == [learned(module) for module in built]
    assert list(counts) == ["conv1_1", "pool1", "conv2_1", "pool2", "fc1", "fc2", "fc3"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"description": "conv3"}, "'conv3'"),
        ({"description": "conv3-0"}, "'conv3-0'"),
        ({"description": "maxpool maxpool", "size": 2}, "pool2"),
        ({"description": "conv3-8", "channels": 0}, "no pixels"),
    ],
)
def test_a_description_that_makes_no_network_is_refused(words, complaint):
    """A typing error in a rubric raises, and is never a count."""
    with pytest.raises(ValueError, match=complaint):
        vgg.count(**words)


def test_an_unknown_column_is_refused():
    """There are six columns."""
    with pytest.raises(ValueError, match="A, A-LRN, B, C, D, E"):
        vgg.parameters(column="F")
