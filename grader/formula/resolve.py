"""Settles what a tree means: which letters are matrices, what stands beside what."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from grader.errors import Unreadable
from grader.formula import functions, indices, products, ranges, shapes
from grader.formula.notation import Notation
from grader.formula.shapes import Axis, Dim, Dims, Free, ShapeTrouble, Sizes
from grader.formula.terms import NUMBER, Definition, Open, Program, Term
from grader.formula.tree import Node, renamed

# Bounds on one formula, against definitions that multiply each other.
MAX_WORK = 4_000
MAX_AXES = 6
MAX_NESTED = 40

_CONSTANTS: Mapping[str, float] = MappingProxyType({"e": math.e, "pi": math.pi, "inf": math.inf})


def resolve(
    tree: Node,
    notation: Notation,
    definitions: Mapping[str, Definition],
    taken: Mapping[str, int],
    *,
    code: str = "",
    letters: frozenset[str] = frozenset(),
) -> tuple[Program | ShapeTrouble, Open]:
    """Return the program that the tree means under the readings `taken`, and where it was open.

    Operands that do not fit each other are the student's own trouble and returned as such.
    Raises Unreadable for what has no meaning at all; its text is left to the caller.
    """
    resolver = Resolver(notation, definitions, Open(dict(taken)), code)
    resolver.asked = letters
    resolver.letters = letters | _index_letters(tree, definitions)
    try:
        root = resolver.term(tree)
        resolver.refuse_flat(root)
    except ShapeTrouble as trouble:
        return trouble, resolver.open
    if root.rank == 3:
        raise resolver.unreadable("an array with three axes is no matrix", tree)
    return resolver.program(root), resolver.open


@lru_cache(maxsize=4096)
def _defined_shape(notation: Notation, name: str) -> tuple[Dim, ...]:
    term = Resolver(notation, {}, Open({}), "").term(notation.define[name])
    dims = (shapes.known(term.dims[0]), shapes.known(term.dims[1]))
    return () if dims == (1, 1) and term.rank == 0 else dims


class Resolver:
    """One pass over a tree, under one set of readings."""

    def __init__(
        self,
        notation: Notation,
        definitions: Mapping[str, Definition],
        open_: Open,
        code: str,
    ) -> None:
        self.notation = notation
        self.definitions = definitions
        self.open = open_
        self.code = code
        self.sizes = Sizes()
        self.axes: list[Axis] = []
        self.scopes: list[dict[str, Axis]] = [{}]
        self.used: set[int] = set()
        self.implicit: Axis | None = None
        self.notes: dict[str, None] = {}
        self.resolved: dict[str, Term] = {}
        self.resolving: set[str] = set()
        self.work = 0
        self.stack: Axis | None = None
        self.letters: frozenset[str] = frozenset()
        self.asked: frozenset[str] = frozenset()
        self.flat: dict[int, tuple[Term, ShapeTrouble]] = {}

    # --- frame

    def program(self, root: Term) -> Program:
        for axis in self.axes:
            if isinstance(shapes.known(axis.size), Free):
                self.sizes.unify(axis.size, 1)
        return Program(
            root,
            tuple(self.axes),
            tuple(sorted(root.axes)),
            tuple(self.notes),
            tuple(sorted((key, self.open.taken.get(key, 0)) for key in self.open.seen)),
            self.work,
        )

    def refuse_flat(self, root: Term) -> None:
        """Raise the trouble of a column that was read as a flat array, unless it ends in a number.

        v @ A @ v is as good as v.T @ A @ v; v @ A would be a row where a column is declared.
        """
        waiting = [root] if self.flat else []
        while waiting:
            term = waiting.pop()
            if shapes.is_scalar(term.dims):
                continue
            if id(term) in self.flat:
                raise self.flat[id(term)][1]
            waiting.extend(term.args)

    def term(self, node: Node) -> Term:
        self.work += 1
        if self.work > MAX_WORK:
            raise Unreadable("the formula and its definitions are too long", position=node.start)
        rule = _RULES.get(node.op)
        if rule is None:
            raise Unreadable("this has no value", position=node.start)
        return rule(self, node)

    def note(self, text: str) -> None:
        self.notes[text] = None

    def trouble(self, message: str, node: Node) -> ShapeTrouble:
        return ShapeTrouble(message, node.start, node.end)

    def unreadable(self, message: str, node: Node) -> Unreadable:
        return Unreadable(message, position=node.start)

    def make(
        self,
        op: str,
        args: Sequence[Term],
        value: object,
        dims: Dims,
        rank: int = 2,
    ) -> Term:
        axes: frozenset[int] = frozenset()
        for arg in args:
            if arg.axes:
                axes = axes | arg.axes
        return Term(op, tuple(args), value, dims, axes, rank)

    # --- leaves

    def number(self, node: Node) -> Term:
        return Term("const", (), node.value, NUMBER, rank=0)

    def constant(self, value: float) -> Term:
        return Term("const", (), value, NUMBER, rank=0)

    def name(self, node: Node) -> Term:
        name = str(node.value)
        axis = self.find_axis(name)
        if axis is not None and name not in self.notation.symbols:
            self.used.add(axis.number)
            return Term("index", (), axis, NUMBER, frozenset({axis.number}), 0)
        return self.named(name, node)

    def named(self, name: str, node: Node) -> Term:
        again = name.startswith("=")
        name = name.removeprefix("=")
        if name in self.resolving and name not in self.notation.define and not again:
            raise self.unreadable(f"'{name}' is defined by itself", node)
        defined = None if again or name in self.resolving else self.definitions.get(name)
        if defined is not None and not defined.indices:
            return self.defined(defined, node)
        target = self.notation.target(name)
        if name in self.notation.loose and target != name:
            self.note(f"{name} was read as {target}")
        if target in self.notation.symbols:
            symbol = self.notation.symbols[target]
            return self.facing(name, self.leaf(target, symbol.shape))
        if target in self.notation.define:
            return self.leaf(target, self.defined_shape(target, node))
        if name in self.notation.families:
            raise self.unreadable(
                f"'{name[:-1]}' without a number or an index is not known here", node
            )
        if defined is not None:
            return indices.gathered(self, defined, node)
        return self.constant_name(name, node)

    def facing(self, name: str, term: Term) -> Term:
        """Return a row W that is written as w, which may also mean the column."""
        other_case = name.upper() == str(term.value).upper() and name.islower()
        loose = name in self.notation.loose and other_case and not self.code
        row = shapes.is_vector(term.dims) and shapes.known(term.dims[0]) == 1
        if loose and row and term.op == "leaf" and self.open.choose(f"side of {name}", 2):
            self.note(f"{name} was read as the column of {term.value}")
            return self.transposed(term)
        return term

    def constant_name(self, name: str, node: Node) -> Term:
        if name in _CONSTANTS:
            return self.constant(_CONSTANTS[name])
        if name in self.notation.sizes:
            return Term("size", (), name, NUMBER, rank=0)
        if name == "𝟏":
            way = self.open.choose("𝟏", 2)
            return Term("ones", (), None, (1, Free()) if way else (Free(), 1))
        if name == "I":
            size = Free()
            return Term("eye", (), size, (size, size))
        if name in self.letters:
            axis = self.axis(name, node)
            self.used.add(axis.number)
            return Term("index", (), axis, NUMBER, frozenset({axis.number}), 0)
        raise self.unreadable(f"'{name}' is not known here", node)

    def is_index(self, name: str) -> bool:
        return len(name) == 1 and name.isalpha()

    def leaf(self, name: str, shape: tuple[Dim, ...]) -> Term:
        dims: Dims = (shape[0], shape[1]) if shape else NUMBER
        term = Term("leaf", (), name, dims, rank=2 if shape else 0)
        if self.implicit is not None and self.notation.samples in dims:
            return indices.sample(self, term, self.implicit)
        return term

    def defined_shape(self, name: str, node: Node) -> tuple[Dim, ...]:
        """Return the shape of one of the question's own definitions."""
        return _defined_shape(self.notation, name)

    def defined(self, definition: Definition, node: Node) -> Term:
        """Return what the student's own definition stands for."""
        if definition.parameters:
            raise self.unreadable(
                f"'{definition.name}' is a function; its argument is missing", node
            )
        plain = self.implicit is None
        if plain and definition.name in self.resolved:
            return self.resolved[definition.name]
        self.enter(definition.name, node)
        scopes, self.scopes = self.scopes, self.scopes[:1]
        try:
            term = self.term(definition.tree)
        finally:
            self.scopes = scopes
        self.resolving.discard(definition.name)
        if plain:
            term = Term("let", (term,), definition.name, term.dims, term.axes, term.rank)
            self.resolved[definition.name] = term
        return term

    def enter(self, name: str, node: Node) -> None:
        """Begin to settle a definition; raise Unreadable where it has no end."""
        if name in self.resolving:
            raise self.unreadable(f"'{name}' is defined by itself", node)
        if len(self.resolving) >= MAX_NESTED:
            raise self.unreadable("the definitions build on each other too deeply", node)
        self.resolving.add(name)

    # --- indices

    def find_axis(self, name: str) -> Axis | None:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def axis(self, name: str, node: Node) -> Axis:
        """Return the index called `name`: that of the sum around, else a free one."""
        found = self.find_axis(name)
        if found is None:
            found = self.new_axis(name, node)
            self.scopes[0][name] = found
        return found

    def new_axis(self, name: str, node: Node) -> Axis:
        if len(self.axes) >= MAX_AXES:
            raise self.unreadable("too many indices", node)
        axis = Axis(len(self.axes), name, Free())
        if name in self.notation.indices:
            self.sizes.unify(axis.size, self.notation.indices[name])
        self.axes.append(axis)
        return axis

    def over(self, axis: Axis, dim: Dim, node: Node) -> None:
        """Let the index run over `dim`."""
        if not self.sizes.unify(axis.size, dim):
            sizes = [str(shapes.known(size)) for size in (axis.size, dim)]
            said = f" over {sizes[0]} in one place and over {sizes[1]} in another"
            how = "" if any(size.isdigit() for size in sizes) else said
            raise self.trouble(f"the index {axis.name} runs{how or ' over different sizes'}", node)

    # --- sums

    # --- arithmetic

    def add(self, node: Node) -> Term:
        total = self.term(node.args[0])
        for arg in node.args[1:]:
            total = self.plus(total, self.term(arg), node, arg)
        return total

    def plus(self, left: Term, right: Term, node: Node, arg: Node) -> Term:
        left, right = self.settle(left, right)
        left, right = self.flattened(left, right)
        dims = self.joint(left, right)
        if dims is None:
            raise self.trouble(
                f"{self.shape(left)} and {self.shape(right)} cannot be added",
                Node("add", (), None, node.start, arg.end),
            )
        return self.make("add", [left, right], None, dims, max(left.rank, right.rank))

    def flattened(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Return the column beside a flat array as flat, where that is what code means by it."""
        for flat, other in ((left, right), (right, left)):
            column = other.rank == 2 and shapes.known(other.dims[1]) == 1
            fits = shapes.known(flat.dims[1]) == shapes.known(other.dims[0]) != 1
            if flat.rank == 1 and column and fits and self.open.choose("flat column", 2):
                turned = self.transposed(other)
                turned = Term(turned.op, turned.args, turned.value, turned.dims, turned.axes, 1)
                return (turned, right) if other is left else (left, turned)
        return left, right

    def joint(self, left: Term, right: Term) -> Dims | None:
        """Return the shape of a sum: equal shapes, a number, or a line repeated."""
        if left.rank == 1 or right.rank == 1 or self.code:
            return shapes.broadcast(left.dims, right.dims)
        if shapes.is_scalar(left.dims):
            return right.dims
        if shapes.is_scalar(right.dims):
            return left.dims
        dims = shapes.broadcast(left.dims, right.dims)
        if dims is None or shapes.same(dims, left.dims) or shapes.same(dims, right.dims):
            return dims
        return None

    def settle(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Give ones and identities beside another operand their sizes."""
        if shapes.are_settled(*left.dims, *right.dims):
            return left, right
        for one, other in ((left, right), (right, left)):
            loose = [isinstance(shapes.known(dim), Free) for dim in one.dims]
            if not any(loose):
                continue
            if shapes.known(one.dims[0]) is shapes.known(one.dims[1]):
                if not shapes.is_scalar(other.dims):
                    self.sizes.unify(one.dims[0], other.dims[0])
            elif all(loose) or self.is_loose(other):
                for dim, meant in zip(one.dims, other.dims, strict=True):
                    self.sizes.unify(dim, meant)
            else:
                for dim, free in zip(one.dims, loose, strict=True):
                    if free:
                        self.sizes.unify(dim, 1)
        return left, right

    def is_loose(self, term: Term) -> bool:
        return any(isinstance(shapes.known(dim), Free) for dim in term.dims)

    def negated(self, node: Node) -> Term:
        term = self.term(node.args[0])
        return self.make("neg", [term], None, term.dims, term.rank)

    def shape(self, term: Term) -> str:
        return shapes.shown(term.dims, term.rank)

    # --- products

    def mismatch(
        self, left: Term, right: Term, where: Node, how: str = "multiplied"
    ) -> ShapeTrouble:
        return self.trouble(f"{self.shape(left)} and {self.shape(right)} cannot be {how}", where)

    def divide(self, node: Node) -> Term:
        top, bottom = self.term(node.args[0]), self.term(node.args[1])
        top, bottom = self.settle(top, bottom)
        dims = shapes.broadcast(top.dims, bottom.dims)
        plain = node.value == "./" or self.code
        by_matrix = shapes.is_square(bottom.dims) and not plain
        if by_matrix and (dims is None or self.open.choose("divided by a square", 2)):
            found = self.by_inverse(top, bottom, either=node.value == "frac")
            if found is not None:
                return found
        if dims is None:
            raise self.mismatch(top, bottom, node, "divided")
        return self.make("divide", [top, bottom], None, dims, max(top.rank, bottom.rank))

    def by_inverse(self, top: Term, bottom: Term, either: bool) -> Term | None:
        """Return a quotient by a matrix: A B⁻¹ where that fits, else B⁻¹ A under a line."""
        inverse = self.make("inv", [bottom], None, bottom.dims)
        if shapes.is_scalar(top.dims):
            found = self.make("times", [top, inverse], None, bottom.dims)
        elif shapes.known(top.dims[1]) == shapes.known(bottom.dims[0]):
            found = self.make("matmul", [top, inverse], None, (top.dims[0], bottom.dims[1]))
        elif either and shapes.known(top.dims[0]) == shapes.known(bottom.dims[1]):
            found = self.make("matmul", [inverse, top], None, (bottom.dims[0], top.dims[1]))
        else:
            return None
        self.note("a matrix in the denominator was read as its inverse")
        return found

    def power(self, node: Node) -> Term:
        base, exponent = self.term(node.args[0]), self.term(node.args[1])
        if base.op == "const" and base.value == math.e:
            return self.make("fn", [exponent], "exp", exponent.dims, exponent.rank)
        if node.value == "^" and base.rank == 2 and not shapes.is_scalar(base.dims):
            found = self.matrix_power(base, exponent, node)
            if found is not None:
                return found
        dims = shapes.broadcast(base.dims, exponent.dims)
        if dims is None:
            raise self.mismatch(base, exponent, node, "raised to each other")
        return self.make("power", [base, exponent], None, dims, max(base.rank, exponent.rank))

    def matrix_power(self, base: Term, exponent: Term, node: Node) -> Term | None:
        """Return the power of a square matrix; None where it is meant entry by entry."""
        value = self.const_of(exponent)
        square = shapes.is_square(base.dims)
        if value is None or value != int(value) or not square:
            if value is not None and not square:
                self.note("a power of a matrix that is not square was read entry by entry")
            return None
        if self.open.choose("power of a square", 2):
            self.note("a power was read entry by entry")
            return None
        if value == -1:
            return self.make("inv", [base], None, base.dims)
        if not 1 <= value <= 8:
            raise self.unreadable("this power of a matrix is not understood", node)
        total = base
        for _ in range(int(value) - 1):
            total = self.make("matmul", [total, base], None, base.dims)
        return total

    def const_of(self, term: Term) -> float | None:
        if term.op == "const" and isinstance(term.value, float):
            return term.value
        if term.op == "neg":
            inner = self.const_of(term.args[0])
            return None if inner is None else -inner
        return None

    def transpose(self, node: Node) -> Term:
        term = self.term(node.args[0])
        return term if term.rank == 1 else self.transposed(term)  # NumPy turns no flat array

    def transposed(self, term: Term) -> Term:
        if term.op == "T" and term.rank >= 2:
            return term.args[0]
        if shapes.is_scalar(term.dims):
            return term
        dims = (term.dims[1], term.dims[0])
        return Term("T", (term,), None, dims, term.axes, max(term.rank, 2))

    def prime(self, node: Node) -> Term:
        """Return what `'` makes of an operand: a transpose, or the derivative of an activation."""
        derivative = self.slope(node.args[0])
        term = self.term(node.args[0])
        compound = node.args[0].op in ("add", "mul", "div", "neg")
        if derivative is None and shapes.is_scalar(term.dims) and compound:
            return term  # MATLAB transposes numbers as well
        if derivative is None and shapes.is_scalar(term.dims):
            raise self.unreadable("what this prime means is not known", node)
        if derivative is None:
            self.note("' was read as a transpose")
            return term if term.rank == 1 else self.transposed(term)
        if shapes.is_scalar(term.dims) or self.open.choose("prime", 2):
            self.note("' was read as a derivative")
            return derivative
        self.note("' was read as a transpose")
        return self.transposed(term)

    def slope(self, node: Node) -> Term | None:
        """Return f'(u) for a letter that the question defines as f(u)."""
        call = self.activation(node)
        if call is None:
            return None
        return self.function(f"{call.value}'", (call.args[0],), call)

    def activation(self, node: Node) -> Node | None:
        """Return the call that a letter is defined as, if it is one of an activation."""
        seen = 0
        while node.op == "name" and seen < 8:
            target = self.notation.target(str(node.value))
            defined = self.definitions.get(str(node.value))
            if defined is not None and not defined.indices and not defined.parameters:
                node = defined.tree
            elif target in self.notation.define:
                node = self.notation.define[target]
            else:
                return None
            seen += 1
        if node.op == "call" and len(node.args) == 1:
            name = str(node.value)
            if name in self.notation.functions or f"{name}'" in functions.ELEMENTWISE:
                return node
        return None

    def dagger(self, node: Node) -> Term:
        """Return what a raised dagger or plus means: a pseudo-inverse, or a transpose."""
        term = self.term(node.args[0])
        if node.value == "†" and self.open.choose("†", 2):
            self.note("† was read as a transpose")
            return self.transposed(term)
        if shapes.is_scalar(term.dims):
            raise self.unreadable("what this mark means is not known", node)
        return self.make("pinv", [term], None, (term.dims[1], term.dims[0]))

    def derivative(self, node: Node) -> Term:
        """Return ∂a/∂z where a is defined as an activation of z."""
        top, _, bottom = str(node.value).partition("/")
        names = self.notation.vocabulary.names
        upper, lower = names.get(top[1:], top[1:]), names.get(bottom[1:], bottom[1:])
        call = self.activation(Node("name", (), upper, node.start, node.end))
        if call is not None:
            inner = call.args[0]
            if inner.op == "name" and self.notation.target(str(inner.value)) == (
                self.notation.target(lower)
            ):
                return self.function(f"{call.value}'", (inner,), node)
        shown = f"∂{top[1:]}/∂{bottom[1:]}"
        raise self.unreadable(f"{shown} is not worked out", node)

    # --- functions

    def call(self, node: Node) -> Term:
        return self.function(str(node.value), node.args, node)

    def function(self, name: str, args: Sequence[Node], node: Node) -> Term:
        plain = name.rstrip("'")
        if not args:
            return self.bare(name, node)
        if plain in self.notation.functions:
            ways = self.notation.functions[plain]
            way = ways[self.open.choose(f"function {plain}", len(ways))]
            if len(ways) > 1 and way != "general":
                self.note(f"{plain} was read as {way}")
            name = way + "'" * (len(name) - len(plain))
        else:
            macro = self.definitions.get(plain)
            if macro is not None and macro.parameters:
                return self.applied(macro, args, name, node)
        options = {str(a.value): a.args[0] for a in args if a.op == "option"}
        operands = [a for a in args if a.op != "option"]
        if name in functions.ELEMENTWISE and len(operands) == 1:
            term = self.term(operands[0])
            return self.make("fn", [term], name, term.dims, term.rank)
        from grader.formula import library

        rule = library.FUNCTIONS.get(name)
        if rule is None:
            raise self.unreadable(f"'{name}' is not understood here", node)
        return rule(self, library.Call(node, name, operands, options))

    def bare(self, name: str, node: Node) -> Term:
        """Return σ(z) for a bare σ, where the question applies σ to nothing but z."""
        plain = name.rstrip("'")
        calls = [each for each in self.notation.define.values() if each.op == "call"]
        found = [each.args for each in calls if each.value == plain]
        if not found or any(args != found[0] for args in found):
            raise self.unreadable(f"the argument of '{plain}' is missing", node)
        return self.function(name, found[0], node)

    def applied(self, macro: Definition, args: Sequence[Node], name: str, node: Node) -> Term:
        """Return a function that the student defines, at its arguments."""
        if len(args) != len(macro.parameters) or name != macro.name:
            raise self.unreadable(f"'{macro.name}' takes {len(macro.parameters)} arguments", node)
        tree = renamed(macro.tree, dict(zip(macro.parameters, args, strict=True)))
        self.enter(macro.name, node)
        term = self.term(tree)
        self.resolving.discard(macro.name)
        return term

    def slice(self, node: Node) -> Term:
        from grader.formula import selections

        return selections.read(self, node)

    def size(self, node: Node) -> Term:
        from grader.formula import selections

        return selections.size(self, node)

    def compare(self, node: Node) -> Term:
        left, right = node.args
        label = indices.label_test(self, left, right, node) or indices.label_test(
            self, right, left, node
        )
        if label is not None and node.value in ("==", "!="):
            if node.value == "==":
                return label
            return self.make("logic", [label], "not", label.dims, label.rank)
        one, other = self.term(left), self.term(right)
        self.match_indices(one, other)
        dims = shapes.broadcast(one.dims, other.dims)
        if dims is None:
            raise self.mismatch(one, other, node, "compared")
        return self.make("compare", [one, other], node.value, dims, max(one.rank, other.rank))

    def match_indices(self, one: Term, other: Term) -> None:
        """Let two indices that are compared run over one size, where one of them is unknown."""
        if one.op == "index" and other.op == "index":
            first, second = one.value, other.value
            if isinstance(first, Axis) and isinstance(second, Axis):
                self.sizes.unify(first.size, second.size)

    def logic(self, node: Node) -> Term:
        args = [self.term(arg) for arg in node.args]
        dims = args[0].dims
        for arg in args[1:]:
            joined = shapes.broadcast(dims, arg.dims)
            if joined is None:
                raise self.mismatch(args[0], arg, node, "combined")
            dims = joined
        return self.make("logic", args, node.value, dims, max(arg.rank for arg in args))

    def cases(self, node: Node) -> Term:
        """Return a value chosen by conditions; without an `else` it is not a number."""
        args = [self.term(arg) for arg in node.args]
        if len(args) % 2 == 0:
            args.append(self.constant(math.nan))
        return self.chosen(args, node)

    def chosen(self, args: Sequence[Term], node: Node) -> Term:
        total = args[-1]
        for i in range(len(args) - 3, -1, -2):
            value, condition = args[i], args[i + 1]
            dims = shapes.broadcast(condition.dims, value.dims)
            dims = None if dims is None else shapes.broadcast(dims, total.dims)
            if dims is None:
                raise self.mismatch(value, total, node, "chosen from")
            rank = max(value.rank, condition.rank, total.rank)
            total = self.make("where", [condition, value, total], None, dims, rank)
        return total

    def matrix(self, node: Node) -> Term:
        flat = [self.entry(entry) for row in node.args for entry in row.args]
        dims = (len(node.args), len(node.args[0].args))
        return self.make("stack", flat, dims, dims)

    def vector(self, node: Node) -> Term:
        """Return `(x, y)`, which says nothing of rows and columns."""
        dims = (1, len(node.args))
        return self.make("stack", [self.entry(entry) for entry in node.args], dims, dims, 1)

    def entry(self, node: Node) -> Term:
        found = self.term(node)
        if not shapes.is_scalar(found.dims):
            raise self.unreadable("expected a number as an entry", node)
        return found

    def bars(self, node: Node) -> Term:
        """Return what bars mean: an absolute value, a vector's length, a determinant."""
        term = self.term(node.args[0])
        if shapes.is_square(term.dims) and not self.open.choose("bars", 2):
            self.note("| | was read as a determinant")
            return self.make("det", [term], None, NUMBER, 0)
        if shapes.is_vector(term.dims) and self.open.choose("bars", 2):
            self.note("| | was read as a norm")
            return self.normed(term, "", node)
        return self.make("fn", [term], "abs", term.dims, term.rank)

    def norm(self, node: Node) -> Term:
        term = self.term(node.args[0])
        kind = str(node.value or "")
        return self.normed(term, kind, node)

    def normed(self, term: Term, kind: str, node: Node) -> Term:
        if kind in ("", "2", "F", "f", "fro"):
            if kind == "2" and not shapes.is_vector(term.dims) and not shapes.is_scalar(term.dims):
                self.note("the norm was read as Frobenius's")
            square = self.make("times", [term, term], None, term.dims)
            total = self.make("reduce", [square], ("sum", None), NUMBER, 0)
            return self.make("fn", [total], "sqrt", NUMBER, 0)
        size = self.make("fn", [term], "abs", term.dims)
        if kind == "1":
            return self.make("reduce", [size], ("sum", None), NUMBER, 0)
        if kind in ("inf", "infty"):
            return self.make("reduce", [size], ("max", None), NUMBER, 0)
        raise self.unreadable(f"a norm '{kind}' is not known", node)


def _index_letters(tree: Node, definitions: Mapping[str, Definition]) -> frozenset[str]:
    """Return the letters that stand as indices anywhere in a formula and its definitions."""
    found: set[str] = set()
    waiting = [tree, *(definition.tree for definition in definitions.values())]
    while waiting:
        node = waiting.pop()
        if node.op == "index":
            found.update(str(arg.value) for arg in node.args[1:] if arg.op == "name")
        if node.args:
            waiting.extend(node.args)
    return frozenset(name for name in found if len(name) == 1)


_RULES: Mapping[str, Callable[[Resolver, Node], Term]] = MappingProxyType(
    {
        "number": Resolver.number,
        "name": Resolver.name,
        "derivative": Resolver.derivative,
        "add": Resolver.add,
        "neg": Resolver.negated,
        "mul": products.read,
        "div": Resolver.divide,
        "power": Resolver.power,
        "transpose": Resolver.transpose,
        "prime": Resolver.prime,
        "dagger": Resolver.dagger,
        "index": indices.read,
        "call": Resolver.call,
        "sum": ranges.read,
        "prod": ranges.read,
        "average": ranges.average,
        "largest": ranges.extreme,
        "smallest": ranges.extreme,
        "compare": Resolver.compare,
        "logic": Resolver.logic,
        "cases": Resolver.cases,
        "matrix": Resolver.matrix,
        "vector": Resolver.vector,
        "norm": Resolver.norm,
        "bars": Resolver.bars,
        "slice": Resolver.slice,
        "size": Resolver.size,
    }
)
