"""The VGG networks: how many parameters each layer holds, from a description of the layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "A": """conv3-64 maxpool conv3-128 maxpool conv3-256 conv3-256 maxpool
                conv3-512 conv3-512 maxpool conv3-512 conv3-512 maxpool""",
        "A-LRN": """conv3-64 LRN maxpool conv3-128 maxpool conv3-256 conv3-256 maxpool
                    conv3-512 conv3-512 maxpool conv3-512 conv3-512 maxpool""",
        "B": """conv3-64 conv3-64 maxpool conv3-128 conv3-128 maxpool conv3-256 conv3-256 maxpool
                conv3-512 conv3-512 maxpool conv3-512 conv3-512 maxpool""",
        "C": """conv3-64 conv3-64 maxpool conv3-128 conv3-128 maxpool
                conv3-256 conv3-256 conv1-256 maxpool
                conv3-512 conv3-512 conv1-512 maxpool conv3-512 conv3-512 conv1-512 maxpool""",
        "D": """conv3-64 conv3-64 maxpool conv3-128 conv3-128 maxpool
                conv3-256 conv3-256 conv3-256 maxpool
                conv3-512 conv3-512 conv3-512 maxpool conv3-512 conv3-512 conv3-512 maxpool""",
        "E": """conv3-64 conv3-64 maxpool conv3-128 conv3-128 maxpool
                conv3-256 conv3-256 conv3-256 conv3-256 maxpool
                conv3-512 conv3-512 conv3-512 conv3-512 maxpool
                conv3-512 conv3-512 conv3-512 conv3-512 maxpool""",
    }
)
"""Table 1 of the paper, column by column, without the three fully connected layers."""


class Layer(NamedTuple):
    """One row of a network: what comes in, what goes out, and the side of the map it makes."""

    name: str
    kind: str
    kernel: int
    inputs: int
    outputs: int
    side: int

    @property
    def weights(self) -> int:
        """Return kernel² · inputs · outputs: 0 for a layer that learns nothing."""
        return self.kernel**2 * self.inputs * self.outputs

    @property
    def learns(self) -> bool:
        """Return whether the layer has weights."""
        return self.kernel > 0


def parameters(
    *,
    column: str = "D",
    bias: bool = True,
    classes: int = 1000,
    channels: int = 3,
    size: int = 224,
) -> dict[str, int]:
    """Return the parameters of each layer of a VGG column, in order: conv1_1 ... pool5, fc1 to fc3.

    Shapes:   column name, image (size, size, channels) -> one count per layer
    Units:    parameters (weights and, with `bias`, biases)
    Error:    exact integers
    Source:   Simonyan and Zisserman 2015, tables 1 and 2
    Checked:  torch.nn modules on the meta device, layer by layer, all columns
    """
    description = architecture(column=column, classes=classes)
    return count(description=description, bias=bias, channels=channels, size=size)


def totals(
    *,
    column: str = "D",
    bias: bool = True,
    classes: int = 1000,
    channels: int = 3,
    size: int = 224,
) -> dict[str, int]:
    """Return the sums over the convolutional layers, over the fully connected ones, and over all.

    Shapes:   as `parameters` -> {"conv": ..., "fc": ..., "total": ...}
    Units:    parameters
    Error:    exact integers
    Source:   Simonyan and Zisserman 2015, table 2 (in millions)
    Checked:  torch.nn modules on the meta device; the published millions
    """
    counts = parameters(column=column, bias=bias, classes=classes, channels=channels, size=size)
    conv = sum(count for name, count in counts.items() if name.startswith("conv"))
    fc = sum(count for name, count in counts.items() if name.startswith("fc"))
    return {"conv": conv, "fc": fc, "total": conv + fc}


def architecture(*, column: str, classes: int = 1000) -> str:
    """Return the layers of a VGG column in the paper's notation, classifier included.

    Shapes:   column name -> "conv3-64 conv3-64 maxpool ... FC-4096 FC-4096 FC-1000"
    Units:    none
    Error:    exact
    Source:   Simonyan and Zisserman 2015, table 1
    Checked:  the number of weight layers that the table's head announces
    """
    if column not in COLUMNS:
        raise ValueError(f"no VGG column {column!r}: the columns are {', '.join(COLUMNS)}")
    return " ".join([*COLUMNS[column].split(), "FC-4096", "FC-4096", f"FC-{classes}"])


def count(
    *, description: str, bias: bool = True, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the parameters of each layer of any plain network written in the paper's notation.

    The words are `convK-F` (a K x K convolution to F maps, stride 1, padded so that the side
    stays), `maxpool` (halves the side), `LRN`, `FC-U` (U units) and `soft-max`.

    Shapes:   image (size, size, channels) -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   Simonyan and Zisserman 2015, section 2.1 and table 1
    Checked:  torch.nn modules on the meta device
    """

    def rule(layer: Layer) -> int:
        return layer.weights + (layer.outputs if bias and layer.learns else 0)

    return _each(rule, layers(description=description, channels=channels, size=size))


def layers(*, description: str, channels: int = 3, size: int = 224) -> tuple[Layer, ...]:
    """Return the layers that a description stands for, each with its sizes.

    Shapes:   image (size, size, channels) -> one Layer per word, soft-max left out
    Units:    units and maps (inputs, outputs), pixels (side)
    Error:    exact integers
    Source:   Simonyan and Zisserman 2015, section 2.1
    Checked:  the output shapes of torch.nn modules on the meta device
    """
    if min(channels, size) < 1:
        raise ValueError(f"an image of {size} x {size} x {channels} has no pixels")
    found: list[Layer] = []
    block, within, dense, depth, side = 1, 0, 0, channels, size
    for word in description.split():
        if match := re.fullmatch(r"conv([1-9]\d?)-([1-9]\d{0,6})", word):
            within += 1
            filters = int(match[2])
            name = f"conv{block}_{within}"
            found.append(Layer(name, "conv", int(match[1]), depth, filters, side))
            depth = filters
        elif word == "maxpool":
            side //= 2
            if side == 0:
                raise ValueError(f"nothing is left to pool in pool{block}: the image is too small")
            found.append(Layer(f"pool{block}", "pool", 0, depth, depth, side))
            block, within = block + 1, 0
        elif word == "LRN":
            found.append(Layer(f"lrn{block}", "lrn", 0, depth, depth, side))
        elif match := re.fullmatch(r"FC-([1-9]\d{0,6})", word):
            dense += 1
            units = int(match[1])
            found.append(Layer(f"fc{dense}", "fc", 1, depth * side**2, units, 1))
            depth, side = units, 1
        elif word != "soft-max":
            raise ValueError(
                f"no layer is written {word!r}: use convK-F, maxpool, LRN, FC-U or soft-max"
            )
    return tuple(found)


# What follows are slips, each made in every layer where it can be made.


def one_bias_per_layer(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the counts with a single bias for all filters of a layer.

    Shapes:   as `parameters` -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   a slip, not a definition
    Checked:  by hand for conv1_2
    """

    def rule(layer: Layer) -> int:
        return layer.weights + layer.learns

    return _each(rule, _column(column, classes, channels, size))


def kernel_not_squared(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the counts with the kernel's side in place of its area.

    Shapes:   as `parameters` -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   a slip, not a definition
    Checked:  by hand for conv1_2
    """

    def rule(layer: Layer) -> int:
        return (layer.kernel * layer.inputs + 1) * layer.outputs if layer.learns else 0

    return _each(rule, _column(column, classes, channels, size))


def depth_of_output(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the counts with each convolution's output depth in place of its input depth.

    Shapes:   as `parameters` -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   a slip, not a definition
    Checked:  by hand for conv2_1 and conv3_1
    """

    def rule(layer: Layer) -> int:
        depth = layer.outputs if layer.kind == "conv" else layer.inputs
        return (layer.kernel**2 * depth + 1) * layer.outputs if layer.learns else 0

    return _each(rule, _column(column, classes, channels, size))


def depth_forgotten(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the counts with each convolution's filters one map deep.

    Shapes:   as `parameters` -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   a slip, not a definition
    Checked:  by hand for conv1_2
    """

    def rule(layer: Layer) -> int:
        depth = 1 if layer.kind == "conv" else layer.inputs
        return (layer.kernel**2 * depth + 1) * layer.outputs if layer.learns else 0

    return _each(rule, _column(column, classes, channels, size))


def map_not_flattened(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the counts with fc1 fed one number per map: the factor 7 x 7 is missing.

    Shapes:   as `parameters` -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   a slip, not a definition
    Checked:  by hand for fc1
    """
    return _with_first_dense(_column(column, classes, channels, size), side=1)


def last_pool_forgotten(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the counts with fc1 fed from before the last pooling: 14 x 14 for 7 x 7.

    Shapes:   as `parameters` -> one count per layer
    Units:    parameters
    Error:    exact integers
    Source:   a slip, not a definition
    Checked:  by hand for fc1
    """
    network = _column(column, classes, channels, size)
    last_convolution = [layer for layer in network if layer.kind == "conv"][-1]
    return _with_first_dense(network, side=last_convolution.side)


def activations(
    *, column: str = "D", classes: int = 1000, channels: int = 3, size: int = 224
) -> dict[str, int]:
    """Return the numbers that each layer puts out for one image, which are not parameters.

    Shapes:   as `parameters` -> one count per layer
    Units:    activations per image
    Error:    exact integers
    Source:   Simonyan and Zisserman 2015, section 2.1 (the sizes of the maps)
    Checked:  the output shapes of torch.nn modules on the meta device
    """

    def rule(layer: Layer) -> int:
        return layer.side**2 * layer.outputs

    return _each(rule, _column(column, classes, channels, size))


def _column(column: str, classes: int, channels: int, size: int) -> tuple[Layer, ...]:
    description = architecture(column=column, classes=classes)
    return layers(description=description, channels=channels, size=size)


def _each(rule: Callable[[Layer], int], network: tuple[Layer, ...]) -> dict[str, int]:
    return {layer.name: rule(layer) for layer in network}


def _with_first_dense(network: tuple[Layer, ...], side: int) -> dict[str, int]:
    first = next(index for index, layer in enumerate(network) if layer.kind == "fc")
    wrong = network[first]._replace(inputs=network[first - 1].outputs * side**2)
    changed = (*network[:first], wrong, *network[first + 1 :])
    return _each(lambda layer: layer.weights + layer.outputs * layer.learns, changed)
