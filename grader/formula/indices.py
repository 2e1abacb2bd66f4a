"""Entries, rows, columns and samples: what an index takes from an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.formula import shapes
from grader.formula.shapes import Axis, Dim
from grader.formula.terms import NUMBER, Definition, Term
from grader.formula.tree import Node, renamed

if TYPE_CHECKING:
    from grader.formula.resolve import Resolver


def read(r: Resolver, node: Node) -> Term:
    base, items = node.args[0], node.args[1:]
    kinds = node.value if isinstance(node.value, tuple) else ()
    if base.op == "name":
        macro = per_index(r, str(base.value), items)
        if macro is not None and macro.indices:
            return expanded(r, macro, items, node)
        if base.value == "delta" and macro is None and len(items) == 2:
            return kronecker(r, items, node)
        if base.value == "I" and macro is None and len(items) == 2:
            return kronecker(r, items, node)
        if base.value == "e" and macro is None and len(items) == 1 and is_label(r, items[0]):
            return r.term(items[0])
        if base.value in ("𝟏", "I") and len(items) == 1:
            return sized(r, str(base.value), items[0], node)
    if len(items) == 1 and is_shape(r, items[0]):
        return r.term(base)
    if any(item.value == "*" for item in items):
        items = tuple(item for item in items if item.value != "*")
        kinds = kinds[: len(items)]
        r.note("a mark * was taken for a part of a name")
        if not items:
            return r.term(base)
    term, family = index_base(r, base, items, node)
    if family == "whole":
        return term
    samples = [item for item, kind in zip(items, kinds, strict=True) if kind == "sample"]
    lowered = [item for item, kind in zip(items, kinds, strict=True) if kind != "sample"]
    for item in samples:
        term = sample(r, term, index_axis(r, item), node)
    if not lowered:
        return term
    name = family or (str(base.value) if base.op == "name" else "a bracket")
    return entry(r, term, lowered, name, node)


def is_shape(r: Resolver, item: Node) -> bool:
    """Tell the `1×n` that only says what shape a bracket has."""
    return item.op == "mul" and all(
        arg.op == "number" or (arg.op == "name" and arg.value in r.notation.sizes)
        for arg in item.args
    )


def per_index(r: Resolver, name: str, items: Sequence[Node]) -> Definition | None:
    """Return the definition of δ_k among those of δ_j and δ_k: the letters tell them apart."""
    letters = "".join(str(item.value) for item in items)
    exact = r.definitions.get(f"{name}@{letters}")
    if exact is not None:
        return exact
    several = [each for key, each in r.definitions.items() if key.startswith(f"{name}@")]
    for definition in several:
        if set(definition.indices) <= set(letters):
            return definition
    shared = sorted(several, key=lambda each: -len(set(each.indices) & set(letters)))
    if len(shared) > 1 and set(shared[0].indices) & set(letters):
        return shared[0]  # δ_{nj} is the δ_{ij}, not the δ_{ik}
    return r.definitions.get(name)


def index_base(r: Resolver, base: Node, items: Sequence[Node], node: Node) -> tuple[Term, str]:
    if base.op == "name" and is_family(r, str(base.value)):
        member = numbered(r, base, items)
        if member is not None:
            return member
        members = r.notation.families.get(str(base.value), ())
        if not members:
            raise r.unreadable(f"'{str(base.value)[:-1]}' needs a number here", node)
        letters = "".join(str(item.value) for item in items)
        key = f"which {base.value}{letters}"
        fitting = [m for m in members if could_hold(r, m, len(items), node)] or list(members)
        name = fitting[r.open.choose(key, len(fitting))]
        if len(fitting) > 1:
            r.note(f"{str(base.value)[:-1]}_{letters} was read as an entry of {name}")
        return r.named(name, base), name
    if base.value in ("𝟏", "delta") and base.value not in r.definitions:
        raise r.unreadable("this index is not understood", node)
    return r.term(base), ""


def is_family(r: Resolver, name: str) -> bool:
    """Return whether a letter stands for numbered ones: the δ of δ_1 and δ_2."""
    if name in r.notation.families:
        return True
    letter = name.rstrip("*")
    known = any(each.rstrip("0123456789") == f"{letter}_" for each in r.definitions)
    return known and letter not in r.definitions


def numbered(r: Resolver, base: Node, items: Sequence[Node]) -> tuple[Term, str] | None:
    """Return h_1 for h_k where k has become the number 1."""
    if len(items) != 1 or items[0].op != "number" or not isinstance(items[0].value, float):
        return None
    name = f"{str(base.value).rstrip('*')}_{items[0].value:g}"
    meant = name if name in r.definitions else r.notation.vocabulary.names.get(name)
    return None if meant is None else (r.named(meant, base), "whole")


def could_hold(r: Resolver, name: str, count: int, node: Node) -> bool:
    term = r.named(name, node)
    return count != 2 or not (shapes.is_vector(term.dims) or shapes.is_scalar(term.dims))


def index_axis(r: Resolver, item: Node) -> Axis:
    if item.op == "name" and r.is_index(str(item.value)):
        axis = r.axis(str(item.value), item)
        r.used.add(axis.number)
        return axis
    raise r.unreadable("this index is not understood", item)


def sample(r: Resolver, term: Term, axis: Axis, node: Node | None = None) -> Term:
    """Return sample i of a quantity that holds one per row or column, as a column."""
    many = r.notation.samples
    r.used.add(axis.number)
    if many is None or many not in term.dims:
        if node is None:
            return term
        if any(key.startswith("line of") for key in r.open.seen):
            raise r.trouble("there are no samples to number here", node)
        raise r.unreadable("there are no samples to number here", node)
    where = node or Node("name")
    r.over(axis, many, where)
    if term.dims[1] == many:
        return pick(r, term, None, axis)
    picked = pick(r, term, axis, None)
    return r.transposed(picked)


def pick(r: Resolver, term: Term, row: Axis | None, column: Axis | None) -> Term:
    dims = (1 if row else term.dims[0], 1 if column else term.dims[1])
    axes = term.axes | {axis.number for axis in (row, column) if axis is not None}
    return Term("pick", (term,), (row, column), dims, axes)


def entry(r: Resolver, term: Term, items: Sequence[Node], name: str, node: Node) -> Term:
    """Return an entry, a row or a column."""
    if len(items) == 1:
        return one_index(r, term, items[0], name, node)
    if len(items) != 2:
        raise r.unreadable("too many indices", node)
    rows, columns = term.dims
    if shapes.is_scalar(term.dims):
        raise r.trouble(f"{name} is a number and has no entries", node)
    fixed = any(item.op == "number" for item in items)
    swapped = False
    if not fixed:
        many = r.notation.samples
        group = "sample entries" if many in term.dims else f"entries of {name}"
        # A_{ij} is row i; weights w_{ij} are also written from i to j
        if many in term.dims or str(node.args[0].value).islower():
            swapped = bool(r.open.choose(f"order of {group}", 2))
    first, second = (items[1], items[0]) if swapped else (items[0], items[1])
    if swapped:
        r.note(f"the indices of {name} were read as (column, row)")
    del rows, columns
    return both(r, term, first, second, node)


def both(r: Resolver, term: Term, row: Node, column: Node, node: Node) -> Term:
    term = along(r, term, row, 0, node)
    return along(r, term, column, 1, node)


def along(r: Resolver, term: Term, item: Node, side: int, node: Node) -> Term:
    """Return the part of `term` at an index along its rows (0) or columns (1)."""
    dim = term.dims[side]
    if item.op == "number":
        return fixed(r, term, item, side, node)
    if is_label(r, item):
        return labelled(r, term, item, side, node)
    axis = index_axis(r, item)
    r.over(axis, dim, node)
    if shapes.known(dim) == 1:
        return term
    return pick(r, term, axis if side == 0 else None, axis if side == 1 else None)


def fixed(r: Resolver, term: Term, item: Node, side: int, node: Node) -> Term:
    """Return the part at a numbered place, counted from 1."""
    place = item.value
    if not isinstance(place, float) or place != int(place) or place < 1:
        raise r.unreadable("an index counts from 1", item)
    dim = shapes.known(term.dims[side])
    if isinstance(dim, int) and place > dim:
        raise r.trouble(f"there is no entry {int(place)} among {dim}", node)
    if place > 2 and not isinstance(dim, int):
        raise r.unreadable("only an index by letter is understood here", item)
    dims = (1, term.dims[1]) if side == 0 else (term.dims[0], 1)
    return r.make("take", [term], (side, int(place) - 1), dims)


def is_label(r: Resolver, item: Node) -> bool:
    """Tell the y_i of z_{i,y_i}: a label used as an index."""
    if item.op == "index" and item.args[0].op == "name":
        target = r.notation.target(str(item.args[0].value))
        symbol = r.notation.symbols.get(target)
        return symbol is not None and symbol.values == "one-hot"
    return False


def labelled(r: Resolver, term: Term, item: Node, side: int, node: Node) -> Term:
    label = r.term(item)
    if side == 1:
        term = r.transposed(term)
    if not r.sizes.unify(label.dims[0], term.dims[0]):
        raise r.trouble("the label does not number these entries", node)
    product = r.make("times", [term, label], None, term.dims)
    picked = r.make("reduce", [product], ("sum", 0), (1, term.dims[1]))
    return r.transposed(picked) if side == 1 else picked


def one_index(r: Resolver, term: Term, item: Node, name: str, node: Node) -> Term:
    rows, columns = shapes.known(term.dims[0]), shapes.known(term.dims[1])
    if rows == 1 and columns == 1:
        letter = str(item.value)
        unbound = r.is_index(letter) and r.find_axis(letter) is None and letter not in r.asked
        if item.op == "name" and (letter.isupper() or unbound):
            r.note(f"the mark {item.value} of {name} was taken for a part of its name")
            return term
        if name == "e":
            raise r.unreadable("which unit vector e is, is not known here", node)
        raise r.trouble(f"{name} is a number and has no entries", node)
    if may_be_mark(r, str(item.value)) and r.open.choose(f"mark {item.value}", 2):
        r.note(f"the mark {item.value} of {name} was taken for a part of its name")
        return term
    if rows == 1:
        return along(r, term, item, 1, node)
    if columns == 1:
        return along(r, term, item, 0, node)
    return line(r, term, item, name, node)


def may_be_mark(r: Resolver, letter: str) -> bool:
    """Return whether a letter that nothing binds is a mark of the question's own, as in c_t."""
    bound = r.find_axis(letter) is not None or letter in r.asked or letter in r.notation.indices
    return not bound and any(name.endswith(f"_{letter}") for name in r.notation.symbols)


def line(r: Resolver, term: Term, item: Node, name: str, node: Node) -> Term:
    """Return the row or column of a matrix that a single index means."""
    many = r.notation.samples
    if many in term.dims:
        return sample_line(r, term, item, name, node)
    way = r.open.choose(f"line of {name}", 3)
    words = ("a row", "a row, written as a column", "a column")
    r.note(f"{name} with one index was read as {words[way]}")
    if way == 2:
        return along(r, term, item, 1, node)
    picked = along(r, term, item, 0, node)
    return r.transposed(picked) if way == 1 else picked


def sample_line(r: Resolver, term: Term, item: Node, name: str, node: Node) -> Term:
    """Return sample i as a column; where samples are rows, X_i may also be the row itself."""
    side = 1 if term.dims[1] == r.notation.samples else 0
    way = r.open.choose(f"line of {name}", 2 + (side == 0))
    if way == 1:
        r.note(f"{name} with one index was read as one component over all samples")
        return along(r, term, item, 1 - side, node)
    picked = along(r, term, item, side, node)
    if side == 1:
        return picked
    if way == 2:
        r.note(f"{name} with one index was read as a row")
        return picked
    return r.transposed(picked)


def expanded(r: Resolver, macro: Definition, items: Sequence[Node], node: Node) -> Term:
    """Return a definition per index with this use's indices put in."""
    further = [item for item in items if item.value not in macro.indices]
    kinds = node.value if isinstance(node.value, tuple) else ()
    if len(items) == len(macro.indices) + 1 and (len(further) == 1 or kinds[-1] == "sample"):
        # the sample has been left out of the definition: δ_k = z_k − t_k, used as δ_{ik}
        over = further[0] if len(further) == 1 else items[-1]
        kept = tuple(item for item in items if item is not over)
        if len(further) == 1 and r.open.choose(f"further index of {macro.name}", 2):
            whole = expanded(r, macro, kept, node.with_args((node.args[0], *kept)))
            return entry(r, whole, [over], macro.name, node)  # a_{ik} is an entry of a_i
        axis = index_axis(r, over)
        outer, r.implicit = r.implicit, axis
        inner = expanded(r, macro, kept, node.with_args((node.args[0], *kept)))
        r.implicit = outer
        return inner if axis.number in inner.axes else sample(r, inner, axis, node)
    if len(items) != len(macro.indices):
        raise r.unreadable(f"'{macro.name}' is defined with {len(macro.indices)} indices", node)
    if any(item.op not in ("name", "number") for item in items):
        raise r.unreadable("this index is not understood", node)
    by_name = dict(zip(macro.indices, items, strict=True))
    bound = {
        n
        for each in macro.tree.walk()
        if each.op in ("sum", "prod")
        for n in (each.value if isinstance(each.value, tuple) else ())
    }
    clash = bound & {str(item.value) for item in items}
    tree = renamed(macro.tree, {name: Node("name", (), f"{name}′") for name in clash})
    tree = renamed(tree, by_name)
    r.enter(macro.name, node)
    term = r.term(tree)
    r.resolving.discard(macro.name)
    return term


def gathered(r: Resolver, macro: Definition, node: Node) -> Term:
    """Return the matrix Q whose entries a text defines, Q_{ij} = ..., or a vector of δ_k.

    A value per index that is a column makes a column of the matrix, a row a row.
    """
    if len(macro.indices) > 2 or macro.parameters:
        raise r.unreadable(f"'{macro.name}' is defined per index; the index is missing", node)
    axes = [r.new_axis(letter, node) for letter in macro.indices]
    scopes, implicit, used = r.scopes, r.implicit, r.used
    r.scopes = [scopes[0], dict(zip(macro.indices, axes, strict=True))]
    r.implicit, r.used = None, set()
    r.enter(macro.name, node)
    try:
        term = r.term(macro.tree)
    finally:
        r.scopes, r.implicit, r.used = scopes, implicit, used
    r.resolving.discard(macro.name)
    if any(axis.number not in term.axes for axis in axes):
        raise r.unreadable(f"'{macro.name}' is defined per index; the index is missing", node)
    found = laid_out(r, macro.name, term, axes, node)
    many = r.notation.samples
    if implicit is not None and any(shapes.known(dim) == many for dim in found.dims):
        return sample(r, found, implicit)
    return found


def laid_out(r: Resolver, name: str, term: Term, axes: Sequence[Axis], node: Node) -> Term:
    """Return the array that a value per index fills."""
    rows, columns = shapes.known(term.dims[0]), shapes.known(term.dims[1])
    if len(axes) == 1 and (rows, columns) != (1, 1):
        if rows != 1 and columns != 1:
            raise r.unreadable(f"'{name}' is a matrix per index", node)
        return gather(term, axes[0], 0 if rows == 1 else 1)
    if (rows, columns) != (1, 1):
        raise r.unreadable(f"'{name}' is no number per index", node)
    if len(axes) == 1:
        many = r.notation.samples
        in_rows = shapes.known(axes[0].size) == many and many is not None and samples_in_rows(r)
        turned = r.open.choose(f"side of {name}", 2)
        return gather(term, axes[0], int(in_rows != bool(turned)))
    first, second = axes
    if r.open.choose(f"order of {name}", 2):
        r.note(f"the indices of {name} were read as (column, row)")
        first, second = second, first
    return gather(gather(term, first, 0), second, 1)


def samples_in_rows(r: Resolver) -> bool:
    """Return whether the question numbers its samples along the rows: y of shape (1, m)."""
    many = r.notation.samples
    return any(symbol.shape[1:] == (many,) for symbol in r.notation.symbols.values())


def gather(term: Term, axis: Axis, side: int) -> Term:
    """Return a value per index laid out along the rows (0) or the columns (1)."""
    dims = (axis.size, term.dims[1]) if side == 0 else (term.dims[0], axis.size)
    return Term("gather", (term,), (axis, side), dims, term.axes - {axis.number}, 2)


def kronecker(r: Resolver, items: Sequence[Node], node: Node) -> Term:
    for one, other in (items, tuple(reversed(items))):
        label = label_test(r, one, other, node)
        if label is not None:
            return label
    left, right = (index_axis(r, item) for item in items)
    if not r.sizes.unify(left.size, right.size):
        raise r.trouble("the two indices of δ run over different sizes", node)
    args = [Term("index", (), axis, NUMBER, frozenset({axis.number}), 0) for axis in (left, right)]
    return r.make("compare", args, "==", NUMBER, 0)


def sized(r: Resolver, name: str, item: Node, node: Node) -> Term:
    """Return `1_m` or `I_n`."""
    size: Dim
    if item.op == "mul" and len({arg.value for arg in item.args}) == 1:
        item = item.args[0]  # the n × n of an identity
    if item.op == "number" and isinstance(item.value, float) and 1 <= item.value <= 64:
        size = int(item.value)
    elif item.op == "name" and item.value in r.notation.sizes:
        size = str(item.value)
    else:
        raise r.unreadable("expected a size as the index", item)
    if name == "I":
        return Term("eye", (), size, (size, size))
    return Term("ones", (), None, (size, 1))


def label_test(r: Resolver, letter: Node, label: Node, node: Node) -> Term | None:
    """Return `k = y_i` as the k-th entry of a one-hot label."""
    if letter.op != "name" or not r.is_index(str(letter.value)):
        return None
    base = label.args[0] if label.op == "index" else label
    if base.op != "name" or r.find_axis(str(base.value)) is not None:
        return None
    symbol = r.notation.symbols.get(r.notation.target(str(base.value)))
    if symbol is None or symbol.values != "one-hot":
        return None
    if str(letter.value) in r.notation.symbols:
        return None
    term = r.term(label)
    side = 0 if shapes.known(term.dims[1]) == 1 or term.dims[1] == r.notation.samples else 1
    return along(r, term, letter, side, node)
