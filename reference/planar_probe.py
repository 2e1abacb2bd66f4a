"""What watches a training in PyTorch from inside: it runs beside student code, and judges nothing.

A notebook may train several networks: another size, another loss, a second attempt. Each is told
by itself. At some calls of autograd it writes down what the loss was made of: its value, the
parameters with their gradients before and after, the data, the names of the operations. All of that
can be recomputed by whoever knows the model, and is worth nothing unless it agrees.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

# The first calls, and then each whose number is a power of two.
_FIRST = 4
_MOST_NODES = 400
_MOST_TRAININGS = 12
_MOST_ENTRIES = 20_000
_MOST_LEAVES = 12
_FRAMEWORKS = {
    *("mxnet", "gluon", "d2l", "tensorflow", "keras", "jax", "flax", "paddle", "skorch"),
    *("lightning", "pytorch_lightning"),
}


def watch() -> Callable[..., Any]:
    """Wrap autograd, and return the function that tells what was seen.

    Shapes:   none
    Units:    none
    Error:    none
    Source:   own
    Checked:  the gradients of a wrapped training are those of an unwrapped one
    """
    seen: dict[str, Any] = {"trainings": {}, "calls": 0, "data": []}
    # Where nobody mentioned it, it is not loaded, and loading it would take seconds
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        _wrap(torch, seen)

    def look(program: Any) -> Any:
        return _told(torch, seen, program)

    return look


def _wrap(torch: Any, seen: dict[str, Any]) -> None:
    backward, grad = torch.autograd.backward, torch.autograd.grad

    def watched_backward(tensors: Any, *options: Any, **named: Any) -> Any:
        record = _before(torch, seen, tensors)
        backward(tensors, *options, **named)
        if record is not None:
            _after(record, [leaf.grad for leaf in record["leaves"]])

    def watched_grad(outputs: Any, inputs: Any, *options: Any, **named: Any) -> Any:
        record = _before(torch, seen, outputs)
        found = grad(outputs, inputs, *options, **named)
        if record is not None:
            wanted = [inputs] if isinstance(inputs, torch.Tensor) else list(inputs)
            by_leaf = {id(leaf): each for leaf, each in zip(wanted, found, strict=True)}
            record["before"] = [None for _ in record["leaves"]]
            _after(record, [by_leaf.get(id(leaf)) for leaf in record["leaves"]])
        return found

    torch.autograd.backward, torch.autograd.grad = watched_backward, watched_grad


def _before(torch: Any, seen: dict[str, Any], tensors: Any) -> dict[str, Any] | None:
    loss: Any = tensors if hasattr(tensors, "grad_fn") else next(iter(tensors))
    seen["calls"] += 1
    nodes = list(_nodes(loss))
    leaves = _leaves(nodes)
    training = _training(seen, nodes, leaves)
    if training is None:
        return None
    number = training["calls"]
    training["calls"] += 1
    training["leaves"] = leaves
    if number >= _FIRST and number & (number - 1):
        return None
    record = {
        "number": number,
        "loss": loss.detach().double().sum().item(),
        "entries": loss.numel(),
        "nodes": [node.name() for node in nodes],
        "leaves": leaves,
        "values": [_array(leaf) for leaf in leaves],
        "before": [None if leaf.grad is None else _array(leaf.grad) for leaf in leaves],
        "data": _data(torch, seen, nodes),
    }
    training["records"].append(record)
    return record


def _training(seen: dict[str, Any], nodes: list[Any], leaves: list[Any]) -> Any:
    """Return what is known of the training that this is a step of, by its loss and its sizes."""
    sizes = tuple(tuple(leaf.shape) for leaf in leaves)
    key = (nodes[0].name() if nodes else "", sizes)
    if key not in seen["trainings"] and len(seen["trainings"]) >= _MOST_TRAININGS:
        return None
    return seen["trainings"].setdefault(key, {"calls": 0, "records": [], "leaves": []})


def _after(record: dict[str, Any], grads: list[Any]) -> None:
    record["after"] = [None if grad is None else _array(grad) for grad in grads]


def _nodes(loss: Any) -> Iterator[Any]:
    """Yield the nodes of the graph of a loss, from the loss on, each once."""
    waiting: list[Any] = [loss.grad_fn]
    known: set[Any] = set()
    while waiting and len(known) < _MOST_NODES:
        node = waiting.pop(0)
        if node is None or node in known:
            continue
        known.add(node)
        yield node
        waiting += [each for each, _ in node.next_functions]


def _leaves(nodes: list[Any]) -> list[Any]:
    found = [node.variable for node in nodes if hasattr(node, "variable")]
    return found[:_MOST_LEAVES]


def _array(tensor: Any) -> Any:
    return tensor.detach().double().clone().numpy()


def _data(torch: Any, seen: dict[str, Any], nodes: list[Any]) -> list[int]:
    """Return which of the tensors seen so far, without a gradient, the graph was fed with."""
    fed = []
    for node in nodes:
        for name in dir(node):
            if not name.startswith("_saved_"):
                continue
            value = getattr(node, name)
            plain = isinstance(value, torch.Tensor) and not value.requires_grad
            if plain and 2 <= value.numel() <= _MOST_ENTRIES and value.dim() in (1, 2):
                fed.append(_index(seen["data"], value))
    return sorted(set(fed))


def _index(data: list[Any], tensor: Any) -> int:
    for at, known in enumerate(data):
        if known.data_ptr() == tensor.data_ptr() and known.shape == tensor.shape:
            return at
    data.append(tensor)
    return len(data) - 1


def _told(torch: Any, seen: dict[str, Any], program: Any) -> dict[str, Any] | None:
    """Return what was seen, or None where nothing of PyTorch was written."""
    lacking = [each.message for each in program.troubles if each.hint == "module"]
    names = {word.partition(".")[0] for each in lacking for word in each.split("'")}
    missing = sorted(names & _FRAMEWORKS)
    found = list(_written(torch, program)) if torch is not None else []
    if not seen["calls"] and not found and not missing:
        return None
    keep = ("number", "loss", "entries", "nodes", "values", "before", "after", "data")
    return {
        "calls": seen["calls"],
        "trainings": [
            {
                "records": [
                    {key: record[key] for key in keep}
                    for record in training["records"]
                    if "after" in record
                ],
                "trained": [_array(leaf) for leaf in training["leaves"]] or _weights(torch, found),
            }
            for training in seen["trainings"].values()
        ],
        "data": [_array(each) for each in seen["data"]],
        "trained": _weights(torch, found),
        "written": bool(found),
        "missing": missing,
    }


def _written(torch: Any, program: Any) -> Iterator[tuple[str, Any]]:
    """Yield the tensors, networks and classes of networks that the files define."""
    for space in program.spaces.values():
        for name, value in list(space.items()):
            is_network = isinstance(value, type) and issubclass(value, torch.nn.Module)
            own = is_network and value.__module__ not in ("torch", "torch.nn")
            if isinstance(value, torch.Tensor | torch.nn.Module) or own:
                yield name, value


def _weights(torch: Any, found: list[tuple[str, Any]]) -> list[Any]:
    networks = [value for _, value in found if isinstance(value, torch.nn.Module)]
    for network in reversed(networks):
        if any(True for _ in network.parameters()):
            return [_array(each) for each in network.parameters()]
    named = {name: value for name, value in found if isinstance(value, torch.Tensor)}
    return [_array(named[name]) for name in ("W1", "b1", "W2", "b2") if name in named]
