"""From a student's text to the formula that answers: the right statement, with its definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from grader.errors import Unreadable
from grader.formula import functions, prose, shapes, spelling
from grader.formula.derivatives import derivative_at
from grader.formula.evaluate import Array, Batch, evaluate
from grader.formula.lexer import Source, Token, lex
from grader.formula.notation import Notation, canonical_of, with_definitions
from grader.formula.parser import Parsed, parse
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.statements import Slice, Statement, split
from grader.formula.terms import Definition, Open, Program
from grader.formula.tree import Node, rewrite
from grader.formula.vocabulary import Vocabulary

# How many ways of reading one text are tried at most.
MAX_READINGS = 32
_POLICIES = ("tight-slash", "greedy-argument", "wide-sum", "narrow-sum")
_ANNOUNCING = frozenset({"is", "equals", "gives", "answer", "get", "obtain", "result", "yields"})
_LAYOUT = re.compile(
    r"denominator[- ]layout|numerator[- ]layout|transposed?[- ]layout|layout[^.]{0,20}transpos"
    r"|transponiert|column layout|as a column|in transposed form",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"\b([A-Z])\b\$?\s*(?:is|denotes|being|:)\s*(?:an?\s+|the\s+)?(?:\w+\s*[x×]\s*\w+\s+)?"
    r"(?:identity|unit\s+matrix)"
)
# An equation between one step and the next, told by its left-hand side.
_STEPPED = re.compile(
    r"[A-Za-z}]\s*[_^]\s*\{?\s*[(\[]?\s*(?:([a-z])\s*\+\s*1|(?:\\\w+\{)?(?:new|next))\b"
    r"[^=←]{0,12}(?:=|←|\\leftarrow|\\gets)"
    r"|[A-Za-z]\s*\(\s*([a-z])\s*\+\s*1\s*\)\s*(?:=|←)"
    r"|=[^=]*[A-Za-z}]\s*_\s*\{?\s*([a-z])\s*-\s*1\s*\}?"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way of reading the answer: a program, or operands that do not fit."""

    program: Program | ShapeTrouble
    tree: Node
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text that has been understood.

    `taken` is what of the text was taken for the answer, `tree` the usual reading of it, and
    `left` the left-hand side under which it stood. `earlier` are the steps before it.
    """

    text: str
    taken: str
    start: int
    tree: Node
    left: str
    notation: Notation
    definitions: Mapping[str, Definition]
    code: str
    notes: tuple[str, ...] = ()
    earlier: tuple[Node, ...] = ()
    lone: frozenset[str] = frozenset()
    says_layout: bool = False
    shape: str = ""
    indices: tuple[str, ...] = ()
    meant: str = ""
    usual: tuple[Program | ShapeTrouble, Open] | None = field(default=None, compare=False)
    variants: tuple[tuple[Node, str], ...] = field(default_factory=tuple)

    def candidates(self, notation: Notation | None = None) -> Iterator[Candidate]:
        """Yield the ways of reading the answer, the usual one first."""
        count = 0
        for tree, note in ((self.tree, ""), *self.variants):
            for program in self._programs(tree, notation or self.notation):
                count += 1
                if count > MAX_READINGS:
                    return
                found = program.notes if isinstance(program, Program) else ()
                said = (*self.notes, *([note] if note else []), *found)
                yield Candidate(program, tree, said)

    def _programs(self, tree: Node, notation: Notation) -> Iterator[Program | ShapeTrouble]:
        waiting: list[dict[str, int]] = [{}]
        seen: set[frozenset[tuple[str, int]]] = {frozenset()}
        while waiting:
            taken = waiting.pop(0)
            try:
                program, open_ = self._resolved(tree, notation, taken)
            except Unreadable as trouble:
                if not taken:
                    raise self.unreadable(trouble) from trouble
                continue
            yield program
            for key, count in open_.seen.items():
                for way in range(1, count):
                    if key in taken:
                        continue
                    further = {**taken, key: way}
                    mark = frozenset(further.items())
                    if mark not in seen and len(further) <= 3:
                        seen.add(mark)
                        waiting.append(further)

    def _resolved(
        self, tree: Node, notation: Notation, taken: Mapping[str, int]
    ) -> tuple[Program | ShapeTrouble, Open]:
        known = tree is self.tree and notation is self.notation and not taken
        if known and self.usual is not None:
            return self.usual
        return resolve(
            tree, notation, self.definitions, taken, code=self.code, letters=self.letters
        )

    def unreadable(self, trouble: Unreadable) -> Unreadable:
        """Return the trouble with the student's text beside it."""
        return Unreadable(trouble.message, text=self.text, position=trouble.position)

    @property
    def letters(self) -> frozenset[str]:
        """Return the indices of the left-hand side."""
        return frozenset(self.indices)

    def over(self, values: Mapping[str, Array | float]) -> Array:
        """Return the formula's value at many points at once, one array of numbers per symbol.

        Raises Unreadable where the formula is no number at each point.
        """
        candidate = self.first()
        program = candidate.program
        if isinstance(program, ShapeTrouble):
            raise Unreadable(program.message, text=self.text, position=program.start)
        if program.free or not shapes.is_scalar(program.root.dims):
            raise Unreadable("expected a number", text=self.text, position=self.start)
        batch = points(self.notation, values)
        with np.errstate(all="ignore"):
            found = np.asarray(evaluate(program, batch), dtype=np.float64)
        return np.broadcast_to(found.reshape(found.shape[0], -1)[:, 0], batch.count)

    def first(self, notation: Notation | None = None) -> Candidate:
        """Return the first reading whose operands fit, else the usual one.

        Raises Unreadable where the formula has no meaning.
        """
        usual: Candidate | None = None
        for candidate in self.candidates(notation):
            if isinstance(candidate.program, Program):
                return candidate
            usual = usual or candidate
        assert usual is not None
        return usual


class NothingFound(Unreadable):
    """A text that holds no formula for what is asked."""


def read(
    text: str, notation: Notation, labels: Sequence[str] = (), others: Sequence[str] = ()
) -> Reading:
    """Return how a text is understood; raise Unreadable with the place where it is not.

    `labels` are the left-hand sides that the asked quantity may have; the last equation under
    one of them is the answer, else the last statement that defines nothing. Equations under one
    of `others` answer something else. Raises NothingFound where there is no formula at all.
    """
    try:
        return _Reader(text, notation, labels, others).reading()
    except NothingFound as trouble:
        raise NothingFound(trouble.message, text=text, position=trouble.position) from trouble
    except Unreadable as trouble:
        raise Unreadable(trouble.message, text=text, position=trouble.position) from trouble


def points(notation: Notation, values: Mapping[str, Array | float]) -> Batch:
    """Return a batch of numbers, one sample per point, with the question's definitions."""
    arrays = {
        name: np.asarray(value, dtype=np.float64).reshape(-1) for name, value in values.items()
    }
    count = max((len(array) for array in arrays.values()), default=1)
    leaves = {name: np.broadcast_to(array, count)[:, None, None] for name, array in arrays.items()}
    batch = Batch({}, leaves, count)
    with np.errstate(all="ignore"):
        for name, tree in notation.define.items():
            program, _ = resolve(tree, notation, {}, {})
            if isinstance(program, Program):
                found = np.asarray(evaluate(program, batch))
                leaves[name] = np.broadcast_to(found.reshape(-1, 1, 1), (count, 1, 1))
    return batch


@lru_cache(maxsize=4096)
def label_key(text: str) -> str:
    """Return the canonical form in which left-hand sides are compared."""
    tokens = lex(text).tokens[:-1]
    return canonical_of(tokens)


def same_label(left: str, right: str) -> bool:
    """Return whether two canonical left-hand sides name one quantity.

    `dW`, `W.grad` and the gradient of anything that could be called a loss are one.
    """
    if left == right:
        return True
    one, other = _variable(left), _variable(right)
    if not one or one != other:
        return False
    tops = {_top(left), _top(right)}
    return "" in tops and tops <= _LOSSES


_LOSSES = frozenset({"", "L", "J", "E", "C", "F", "l", "j", "Loss", "loss", "cost", "Cost", "ℓ"})


def _variable(key: str) -> str:
    """Return the W of `dL/dW`, `d/dW` and `dW`."""
    top, slash, bottom = key.partition("/")
    if slash and bottom.startswith("d"):
        return bottom[1:]
    if not slash and len(top) > 1 and top.startswith("d") and top[1:2].isalpha():
        return top[1:]
    return ""


def _top(key: str) -> str:
    top, slash, _ = key.partition("/")
    return top[1:] if slash else ""


class _Reader:
    """Reads one text."""

    def __init__(
        self, text: str, notation: Notation, labels: Sequence[str], others: Sequence[str]
    ) -> None:
        self.text = text
        self.notation = notation
        self.labels = [key for key in (label_key(label) for label in labels) if key]
        self.others = [key for key in (label_key(label) for label in others) if key]
        self.source = _functions_of_code(lex(text))
        self.called: set[str] = set()
        self.identities = set(_IDENTITY.findall(text))
        self.defined = self.candidates()
        self.vocabulary = with_definitions(notation, {n: n for n in self.defined}, self.called)
        if self.identities:
            identities = {n: "I" for n in self.identities if n not in notation.symbols}
            self.vocabulary = self.vocabulary.with_names(identities)
        self.statements = split(self._stepless(), self.known)
        self.definitions: dict[str, Definition] = {}
        self.notes: list[str] = []
        self.letters: frozenset[str] = frozenset()
        self.answering: Statement | None = None
        self.by_name: dict[str, list[Statement]] = {}
        self.asked_for: set[str] = set()
        self.usual: tuple[Program | ShapeTrouble, Open] | None = None
        self.style = ("torch" if self.source.torch else "numpy") if self.source.code else ""

    def _stepless(self) -> Source:
        """Return the tokens with the steps taken off: `W^{(t+1)} = W^{(t)} - ...` updates W."""
        source = self.source
        stepped = _STEPPED.search(self.text)
        if stepped is None:
            return source
        letter = next((group for group in stepped.groups() if group), "t")
        tokens = _without_steps(source.tokens, letter)
        return Source(source.text, tokens, source.code, source.latex, source.torch)

    # --- names that the text defines

    def candidates(self) -> dict[str, None]:
        """Return the names that stand left of an equals sign and are the student's own."""
        found: dict[str, None] = {}
        tokens = self.source.tokens
        for i, token in enumerate(tokens):
            equals = token.kind == "rel" and token.text in ("=", "-=", "+=")
            colon = token.kind == "sep" and token.text == ":" and i > 0
            if equals or colon:
                for name in self.left_names(tokens, i):
                    if equals or _looks_mathematical(name):
                        found[name] = None
        return found

    def left_names(self, tokens: Sequence[Token], at: int) -> list[str]:
        """Return the name before `at`, whole and without its indices."""
        start = _name_start(tokens, at)
        if start is None:
            return []
        marks = tokens[start:at]
        key = canonical_of(marks)
        if not key:
            return []
        names = [key]
        if _in_condition(tokens, start):
            return []
        if _takes_arguments(marks) and "/" not in key and not key.endswith("'"):
            if key not in self.notation.symbols and key not in self.notation.define:
                self.called.add(key)
                return [key]
            return []
        if len(marks) > 2 and marks[1].text == "[":
            return [name for name in [canonical_of(marks[:1])] if self.may_define(name)]
        if "/" not in key and marks[0].kind == "word" and len(marks) > 1:
            letters = _index_letters(marks[1:])
            bare = canonical_of(marks[:1])
            right = _index_letters(_until_boundary(tokens, at + 1))
            if letters & right and self.notation.vocabulary.knows(bare):
                return []  # says again what the question's own letter is, entry by entry
            if letters and letters <= right:
                bare = canonical_of(_labelled(marks))
                names = [bare]
        return [name for name in names if name and self.may_define(name)]

    def may_define(self, name: str) -> bool:
        notation = self.notation
        if name in notation.loose:
            return True
        if name in notation.define:
            return True
        if name in notation.symbols or name in notation.aliases:
            return False
        return name in notation.sizes or not notation.vocabulary.knows(name)

    def known(self, token: Token, after: Token | None) -> bool:
        """Return whether a word is mathematics here, from what stands behind it."""
        text = token.text
        if self.vocabulary.knows(text) or text in ("∂", "∇", "⊤", "ones", "inf", "pi", "e"):
            return True
        if text in prose.PLAIN or text.lower() in prose.PLAIN:
            return text in functions.ALIASES and _is_applied(text, after)
        if text in functions.ALIASES or functions.derivative_name(text):
            return True
        if len(text) == 1 or text in ("sum", "Sum", "grad", "hat", "if", "else", "Sigma"):
            return True
        if text.startswith("d") and len(text) <= 4 and not text.islower():
            return True
        return self.is_product(text)

    def is_product(self, text: str) -> bool:
        """Return whether a run of letters is made of known names."""
        names = self.vocabulary.names
        if len(text) > 8:
            return False
        reachable = {0}
        for end in range(1, len(text) + 1):
            if any(start in reachable and text[start:end] in names for start in range(end)):
                reachable.add(end)
        return len(text) in reachable

    # --- which statement answers

    def reading(self) -> Reading:
        """Return the reading of the statement that answers."""
        answer, left = self.answer()
        self.answering = answer
        for statement in self.statements:
            for name in self.names_of(statement):
                self.by_name.setdefault(name, []).append(statement)
        return self.read_statement(answer, left)

    def answer(self) -> tuple[Statement, str]:
        statements = self.statements
        if not statements:
            raise NothingFound("no formula was found", position=0)
        asked = [s for s in statements if s.is_equation and self.is_asked(s)]
        if asked:
            last = asked[-1]
            return last, self.left(last)
        statements = [s for s in statements if not self.is_asked(s, self.others)]
        if not statements:
            raise NothingFound("no formula was found for what is asked", position=0)
        defining = {id(s) for s in statements if self.defines(s)}
        used = self.used_names()
        others = [s for s in statements if id(s) not in defining or not (self.names_of(s) & used)]
        bare = [s for s in others if not s.is_equation and not self.is_aside(s)]
        labelled = [s for s in others if s.is_equation]
        if bare:
            self.refuse_choice(bare)
            return bare[-1], ""
        if labelled:
            return labelled[-1], self.left(labelled[-1])
        if all(self.is_aside(s) for s in statements) and not _answers(statements[-1]):
            raise NothingFound("no formula was found", position=0)
        return statements[-1], self.left(statements[-1])

    def is_aside(self, statement: Statement) -> bool:
        """Return whether a statement is a lone letter among words: `where x is ...`."""
        if len(statement.members[0]) > 1 or not (statement.before or statement.after):
            return False
        return statement.members[0][0].text not in self.defined

    def refuse_choice(self, bare: Sequence[Statement]) -> None:
        """Refuse two formulas on one line: which is the answer is not for us to choose."""
        last = bare[-1]
        for other in bare[:-1]:
            if other.line == last.line:
                raise Unreadable(
                    "two formulas stand here; which of them is the answer?",
                    position=last.members[0][0].start,
                )
        if len(bare) > 1:
            self.notes.append("of several formulas the last was taken")

    def is_asked(self, statement: Statement, labels: Sequence[str] | None = None) -> bool:
        """Return whether a statement stands under one of the labels, in whatever case."""
        wanted = self.labels if labels is None else labels
        keys = [self.left_key(member)[0] for member in statement.members[:-1]]
        return any(
            same_label(key, label) or same_label(key.lower(), label.lower())
            for key in keys
            if key
            for label in wanted
        )

    def left(self, statement: Statement) -> str:
        if not statement.is_equation or not statement.members[0]:
            return ""
        first, last = statement.members[0][0], statement.members[0][-1]
        return self.text[first.start : last.end]

    def left_key(self, member: Slice) -> tuple[str, str]:
        """Return the canonical left-hand side, and what was done to it: `-`, `T` or nothing."""
        if not member:
            return "", ""
        done = ""
        if member[0].kind == "op" and member[0].text == "-":
            done, member = "-", member[1:]
        key = canonical_of(member)
        if not key:
            inner = _untransposed(member)
            if inner is not None:
                return canonical_of(inner), done + "T"
        return key, done

    def defines(self, statement: Statement) -> bool:
        return statement.is_equation and bool(self.names_of(statement))

    def names_of(self, statement: Statement) -> set[str]:
        """Return the student's own names that a statement defines."""
        names = set()
        for member in statement.members[:-1]:
            name = self.defined_by(member)
            if name:
                names.add(name)
        return names

    def defined_by(self, member: Slice) -> str:
        """Return the student's own name that a left-hand side defines, or nothing."""
        key = self.left_key(member)[0]
        if key in self.defined:
            return key
        if len(member) > 2 and member[1].text == "[":
            bare = canonical_of(member[:1])
            return bare if bare in self.defined else ""
        bare = canonical_of(_labelled(member)) if member and member[0].kind == "word" else ""
        return bare if bare in self.defined else ""

    def used_names(self) -> set[str]:
        """Return the student's own names that seem to stand right of an equals sign."""
        used: set[str] = set()
        for statement in self.statements:
            for member in statement.members[1:] if statement.is_equation else statement.members:
                used |= self.seen_in(member)
        return used

    def seen_in(self, member: Slice) -> set[str]:
        """Return the student's own names that the letters of a member could spell."""
        found = set()
        tokens = [*member, *[member[-1]._replace(kind="eof", text="")] * 3] if member else []
        for i, token in enumerate(member):
            derivative = derivative_at(tokens, i)
            if derivative is not None and derivative[0] in self.defined:
                found.add(derivative[0])
            if token.kind != "word":
                continue
            for name in self.defined:
                if name.partition("_")[0] in token.text:
                    found.add(name)
        return found

    # --- definitions

    def require(self, tree: Node) -> None:
        """Parse the definitions that a formula needs, and those that these need."""
        waiting = self.mentioned(tree)
        while waiting:
            name = waiting.pop()
            if name in self.asked_for:
                continue
            self.asked_for.add(name)
            for statement in self.by_name.get(name, ()):
                if statement is not self.answering:
                    waiting += self.mentioned(self.define_again(name, statement))

    def mentioned(self, tree: Node) -> list[str]:
        return [
            str(node.value).rstrip("'")
            for node in tree.walk()
            if node.op in ("name", "call") and str(node.value).rstrip("'") in self.defined
        ]

    def define_again(self, name: str, statement: Statement) -> Node:
        """Parse one definition; what the question defines itself needs none that is readable."""
        try:
            return self.define(name, statement)
        except Unreadable:
            if name not in self.notation.define:
                raise
            return Node("none")

    def define(self, name: str, statement: Statement) -> Node:
        """Parse one definition; a second one of the same name builds on the first."""
        if not statement.members[-1]:
            raise Unreadable("the definition is empty", position=statement.members[0][0].start)
        left = next(member for member in statement.members[:-1] if self.defined_by(member) == name)
        if len(left) > 2 and left[1].text == "[":
            return self.define_part(name, left, statement)
        indices, parameters, whole = self.parameters(name, left)
        vocabulary = self.vocabulary
        if parameters:
            vocabulary = vocabulary.with_names({p: p for p in parameters})
        tree = self.parse(statement.members[-1], vocabulary, indices).tree
        if statement.sign:
            tree = _updated(Node("name", (), name), statement.sign, tree)
        negative = self.left_key(left)[1].startswith("-") and not statement.bullet
        tree = Node("neg", (tree,), None, tree.start, tree.end) if negative else tree
        if not whole:
            return tree
        earlier = self.definitions.get(name)
        if earlier is None and name in self.notation.define:
            tree = _exchanged(tree, name, f"={name}")
        if earlier is not None and earlier.indices and earlier.indices != indices:
            for each, letters in ((earlier.tree, earlier.indices), (tree, indices)):
                key = f"{name}@{''.join(letters)}"
                self.definitions[key] = Definition(key, each, letters)
            return tree
        if earlier is not None:
            older = f"{name}#{len(self.definitions)}"
            self.definitions[older] = Definition(
                older, earlier.tree, earlier.indices, earlier.parameters
            )
            tree = _exchanged(tree, name, older)
        self.definitions[name] = Definition(name, tree, indices, parameters)
        return tree

    def define_part(self, name: str, left: Slice, statement: Statement) -> Node:
        """Parse `g[z <= 0] = 0`, which changes a part of what is defined before."""
        earlier = self.definitions.get(name)
        if earlier is None or earlier.indices or earlier.parameters:
            raise Unreadable(f"'{name}' is changed before it is defined", position=left[0].start)
        condition = self.parse(left[2:-1]).tree
        value = self.parse(statement.members[-1]).tree
        tree = Node("cases", (value, condition, earlier.tree), None, left[0].start, left[-1].end)
        self.definitions[name] = Definition(name, tree)
        return tree

    def parameters(self, name: str, left: Slice) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
        """Return the indices and arguments of a left-hand side, and whether it defines `name`."""
        key = self.left_key(left)[0]
        if "/" in key:
            return (), (), key == name
        if any(token.text == "(" for token in left) and not any(t.kind == "sup" for t in left):
            inner = [t.text for t in left[1:] if t.kind == "word"]
            return (), tuple(inner), key == name
        if key == name:
            return (), (), True
        letters = "".join(t.text for t in left[1:] if t.kind == "word")
        return tuple(letters), (), letters.isalpha() and len(letters) <= 3

    def parse(
        self, member: Slice, vocabulary: Vocabulary | None = None, indices: Sequence[str] = ()
    ) -> Parsed:
        letters = self.letters | frozenset(indices)
        return parse(self.source, member, vocabulary or self.vocabulary, letters=letters)

    # --- the answer itself

    def read_statement(self, statement: Statement, left: str) -> Reading:
        indices = self.left_indices(statement)
        self.letters = frozenset(indices)
        done = self.left_key(statement.members[0])[1] if statement.is_equation else ""
        change = self.change(statement, done)
        taken, parsed, earlier = self.last_readable(statement)
        if statement.sign:
            self.require(change(parsed.tree))
        meant = self.meant(statement)
        trees = [(change(parsed.tree), "")]
        trees += self.other_trees(taken, parsed, change)
        if statement.bullet and statement.is_equation and done.startswith("-"):
            trees = [
                *((_signed(tree), note) for tree, note in trees),
                *((tree, "the dash was read as a minus") for tree, note in trees),
            ]
        start, end = taken[0].start, taken[-1].end
        return Reading(
            text=self.text,
            taken=self.text[start:end],
            start=start,
            tree=trees[0][0],
            left=left,
            notation=self.notation,
            definitions=self.definitions,
            code=self.style,
            notes=tuple(self.notes),
            earlier=earlier,
            says_layout=_LAYOUT.search(self.text) is not None,
            shape="".join(token.text for token in statement.shape),
            indices=indices,
            meant=meant,
            usual=self.usual if trees[0][0] is parsed.tree else None,
            variants=tuple(trees[1:]),
        )

    def last_readable(self, statement: Statement) -> tuple[Slice, Parsed, tuple[Node, ...]]:
        """Return the last member that can be read, and the trees of those before it."""
        members = statement.members[1:] if statement.is_equation else statement.members
        trouble: Unreadable | None = None
        for at in range(len(members) - 1, -1, -1):
            member = members[at]
            if not member:
                where = statement.members[0][-1].end if statement.members[0] else 0
                trouble = trouble or Unreadable("the formula is missing", position=where)
                continue
            try:
                parsed = self.parse(member)
                self.require(parsed.tree)
                self.meaning(parsed.tree)
            except Unreadable as found:
                trouble = trouble or found
                continue
            if trouble is not None:
                self.notes.append("the last step could not be read; the one before it was taken")
            return member, parsed, self.steps(members[:at])
        assert trouble is not None
        raise trouble

    def meaning(self, tree: Node) -> None:
        """Settle the usual meaning of a formula; raise Unreadable where it has none."""
        self.usual = resolve(
            tree, self.notation, self.definitions, {}, code=self.style, letters=self.letters
        )

    def steps(self, members: Sequence[Slice]) -> tuple[Node, ...]:
        found = []
        for member in members:
            try:
                found.append(self.parse(member).tree)
            except Unreadable:
                continue
        return tuple(found)

    def other_trees(
        self, taken: Slice, parsed: Parsed, change: Callable[[Node], Node]
    ) -> list[tuple[Node, str]]:
        """Return the trees under the less usual readings that the notation leaves open."""
        words = {
            "tight-slash": "all letters behind the slash were read as its denominator",
            "greedy-argument": "all letters behind the function were read as its argument",
            "wide-sum": "all terms behind the sum sign were read as parts of it",
            "narrow-sum": "only the term behind the sum sign was read as part of it",
        }
        found = []
        for policy in _POLICIES:
            if policy in parsed.open:
                try:
                    again = parse(
                        self.source, taken, self.vocabulary, frozenset({policy}), self.letters
                    )
                except Unreadable:
                    continue
                found.append((change(again.tree), words[policy]))
        return found

    def change(self, statement: Statement, done: str) -> Callable[[Node], Node]:
        """Return what makes the answer of a right-hand side: `-L = ...` is turned about."""

        def apply(tree: Node) -> Node:
            if statement.sign:
                name = canonical_of(statement.members[0])
                known = self.vocabulary.names.get(name, name)
                tree = _updated(Node("name", (), known), statement.sign, tree)
            if "T" in done:
                tree = Node("transpose", (tree,), "T", tree.start, tree.end)
            return _signed(tree) if done.startswith("-") else tree

        return apply

    def meant(self, statement: Statement) -> str:
        """Return a word beside the answer that may change it, such as `summed`, if there is one.

        Raises Unreadable for words that do, such as `minus` or `half`.
        """
        words = [word for word in statement.after if word in prose.MEANT]
        if not statement.is_equation:
            words += [
                word
                for word in statement.before[-1:]
                if word in prose.MEANT or word in functions.ALIASES
            ]
        for word in words:
            if word not in prose.CLARIFYING:
                where = re.search(rf"\b{word}\b", self.text, re.IGNORECASE)
                raise Unreadable(
                    f"'{word}' beside the formula changes it; write it as a formula",
                    position=where.start() if where else 0,
                )
        return words[0] if words else ""

    def left_indices(self, statement: Statement) -> tuple[str, ...]:
        """Return the k and j of `∂J/∂w_{kj} = ...`, in their order."""
        if not statement.is_equation:
            return ()
        for member in statement.members[:-1]:
            if not member:
                continue
            end = member[-1]._replace(kind="eof", text="")
            found = derivative_at([*member, end, end, end], 0)
            if found is not None:
                return tuple(str(index.value) for index in found[1])
        return ()


def _answers(statement: Statement) -> bool:
    """Return whether a lone sign is what the words before it announce, or a number."""
    token = statement.members[0][0]
    announced = set(statement.before[-1:]) & _ANNOUNCING
    return token.kind == "number" or bool(announced) or not (statement.before or statement.after)


def _looks_mathematical(name: str) -> bool:
    """Tell a name before a colon from a word of a sentence."""
    base = name.partition("_")[0].rstrip("'")
    return len(base) <= 2 or "/" in name or base in spelling.GREEK_NAMES


def _is_applied(word: str, after: Token | None) -> bool:
    """Tell the function from the word of a sentence: softmax(z), but `where (a - y)`."""
    if after is None or word in ("or", "and"):
        return False
    if after.kind in ("sub", "sup", "prime"):
        return True
    bracket = after.kind == "open" and after.text in ("(", "[", "\\{")
    mathematical = functions.ALIASES[word] in functions.ELEMENTWISE or word == "softmax"
    return bracket and (mathematical or not after.spaced)


def _signed(tree: Node) -> Node:
    return Node("neg", (tree,), None, tree.start, tree.end)


def _updated(name: Node, sign: str, tree: Node) -> Node:
    """Return `W - (...)` for `W -= ...`."""
    if sign == "-":
        tree = _signed(tree)
    if sign in "+-":
        return Node("add", (name, tree), None, tree.start, tree.end)
    if sign == "*":
        return Node("mul", (name, tree), ("⊙",), tree.start, tree.end)
    return Node("div", (name, tree), "/", tree.start, tree.end)


def _exchanged(tree: Node, old: str, new: str) -> Node:
    return rewrite(
        tree,
        lambda n: (
            Node("name", (), new, n.start, n.end) if n.op == "name" and n.value == old else None
        ),
    )


def _index_letters(tokens: Sequence[Token]) -> set[str]:
    """Return the letters that stand as subscripts or raised in brackets."""
    found: set[str] = set()
    depth = 0
    for i, token in enumerate(tokens):
        if token.kind in ("sub", "sup") and i + 1 < len(tokens):
            following = tokens[i + 1]
            if following.kind == "word" and (token.kind == "sub" or len(following.text) == 1):
                found |= set(following.text) if len(following.text) <= 3 else set()
            if following.kind == "open":
                depth = 1
                for inner in tokens[i + 2 :]:
                    depth += (inner.kind == "open") - (inner.kind == "close")
                    if depth == 0:
                        break
                    if inner.kind == "word" and len(inner.text) <= 3 and inner.text.isalpha():
                        found |= set(inner.text)
    return found - {"T", "⊤"}


def _without_steps(tokens: Sequence[Token], letter: str) -> tuple[Token, ...]:
    """Return the tokens without marks such as `^{(t)}`, `_{t+1}`, `_new` and `^{old}`."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind in ("sub", "sup"):
            end = at + 2
            if tokens[at + 1].kind == "open":
                depth, end = 0, at + 1
                while end < len(tokens) - 1:
                    depth += (tokens[end].kind == "open") - (tokens[end].kind == "close")
                    end += 1
                    if depth == 0:
                        break
            inner = "".join(t.text for t in tokens[at + 1 : end]).strip("{}()[]")
            if inner in (letter, f"{letter}+1", "new", "old", "next", "prev", f"{letter}-1"):
                at = end
                continue
        marked = at > 0 and tokens[at - 1].kind == "word" and token.text == "("
        inside = "".join(t.text for t in tokens[at + 1 : at + 4])
        if marked and tokens[at + 1].text == letter and tokens[at + 2].text == ")":
            at += 3
            continue
        if marked and inside in (f"{letter}+1", f"{letter}-1") and tokens[at + 4].text == ")":
            at += 5
            continue
        kept.append(token)
        at += 1
    return tuple(kept)


def _takes_arguments(marks: Sequence[Token]) -> bool:
    """Tell `f(x)` among left-hand sides."""
    at = 3 if len(marks) > 4 and marks[1].kind == "sub" and marks[2].kind != "open" else 1
    return len(marks) > at + 2 and marks[at].text == "(" and marks[-1].text == ")"


_CODE_WORDS = frozenset({"def", "return", "lambda"})


def _is_lambda(tokens: Sequence[Token], i: int) -> bool:
    """Tell `f = lambda t: ...` from the letter λ."""
    return i > 0 and tokens[i - 1].text == "=" and tokens[i + 2].text == ":"


def _conditional_returns(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens with `if c: return a ... return b` made `a if c else b`."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        found = _branch(tokens, at) if tokens[at].text == "if" else None
        if found is None:
            kept.append(tokens[at])
            at += 1
        else:
            made, at = found
            kept += made
    return kept


def _branch(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """Return `a if c else b` for the block that begins at `at`, and where it ends."""
    colon = _find(tokens, at + 1, (":", "\n"))
    if colon is None or tokens[colon].text != ":":
        return None
    start = _past_lines(tokens, colon + 1)
    if tokens[start].text != "return":
        return None
    end = _find(tokens, start + 1, ("\n", "")) or len(tokens) - 1
    value, condition = list(tokens[start + 1 : end]), list(tokens[at + 1 : colon])
    following = _past_lines(tokens, end)
    word = tokens[at]._replace(kind="word", text="if", spaced=True)
    otherwise = word._replace(text="else")
    if tokens[following].text == "elif":
        rest = _branch(tokens, following)
        return None if rest is None else ([*value, word, *condition, otherwise, *rest[0]], rest[1])
    if tokens[following].text == "else" and tokens[following + 1].text == ":":
        following = _past_lines(tokens, following + 2)
    if tokens[following].text != "return":
        return None
    last = _find(tokens, following + 1, ("\n", "")) or len(tokens) - 1
    rest_value = list(tokens[following + 1 : last])
    return [*value, word, *condition, otherwise, *rest_value], last


def _find(tokens: Sequence[Token], at: int, texts: Sequence[str]) -> int | None:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth == 0 and tokens[i].kind in ("sep", "eof") and tokens[i].text in texts:
            return i
    return None


def _past_lines(tokens: Sequence[Token], at: int) -> int:
    while tokens[at].kind == "sep" and tokens[at].text == "\n":
        at += 1
    return at


def _functions_of_code(source: Source) -> Source:
    """Return the tokens with `def f(x): return ...` made `f(x) = ...`."""
    tokens = source.tokens
    if not any(token.kind == "word" and token.text in _CODE_WORDS for token in tokens):
        return source
    tokens = tuple(_conditional_returns(tokens))
    kept: list[Token] = []
    defining = equals = False
    skipped: set[int] = set()
    for i, token in enumerate(tokens):
        if token.kind == "word" and token.text == "def":
            defining = True
        elif token.kind == "word" and token.text == "return":
            continue
        elif token.text == "lambda" and _is_lambda(tokens, i):
            kept[-1:] = [tokens[i + 1]._replace(kind="open", text="("), tokens[i + 1]]
            kept.append(token._replace(kind="close", text=")"))
            skipped = {i + 1}
            equals = True
        elif i in skipped:
            continue
        elif equals and token.text == ":":
            kept.append(token._replace(kind="rel", text="="))
            equals = False
        elif defining and token.kind == "sep" and token.text == ":":
            kept.append(token._replace(kind="rel", text="="))
        elif defining and token.text == "\n":
            # only what follows the header is its value
            if not (kept and kept[-1].text == "="):
                kept.append(token)
                defining = False
        else:
            kept.append(token)
    return Source(source.text, tuple(kept), source.code, source.latex, source.torch)


def _in_condition(tokens: Sequence[Token], start: int) -> bool:
    """Return whether the name at `start` stands in a condition: `1 if y_i = k`."""
    before = tokens[start - 1] if start else None
    return before is not None and before.kind == "word" and before.text in ("if", "when", "for")


def _labelled(marks: Sequence[Token]) -> list[Token]:
    """Return a name with its numbers but without its letters: z_1 of z_{1,i}."""
    numbers = [token for token in marks[1:] if token.kind == "number"]
    if not numbers:
        return [*marks[:1]]
    label = numbers[0]._replace(text=numbers[0].text.rstrip(","))
    return [marks[0], Token("sub", "_", label.start, label.start), label]


def _until_boundary(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth <= 0 and tokens[i].kind in ("eof", "text"):
            return tokens[at:i]
        if depth <= 0 and tokens[i].kind == "sep" and tokens[i].text in ("\n", "$$", ";", ","):
            return tokens[at:i]
    return tokens[at:]


def _name_start(tokens: Sequence[Token], at: int) -> int | None:
    """Return where the name begins that ends before `at`, or None where it is no name."""
    i = at - 1
    depth = 0
    while i >= 0:
        token = tokens[i]
        if token.kind == "close":
            depth += 1
        elif token.kind == "open":
            depth -= 1
            if depth < 0:
                return None
            if depth == 0 and token.text == "{" and _stands_alone(tokens, i):
                return i
        if depth == 0:
            divides = token.kind == "op" and token.text == "/"
            if token.kind in ("sep", "rel", "text", "op") and not divides:
                break
            if token.kind == "command" and token.text != "frac":
                return None
            if _begins_name(tokens, i):
                return i
        i -= 1
        if at - i > 24:
            return None
    return i + 1 if i + 1 < at else None


def _stands_alone(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a braced letter begins at `i`, rather than an index or an argument."""
    before = tokens[i - 1] if i else None
    return before is None or (
        before.kind not in ("sub", "sup", "command", "close") and not before.text.startswith("∂")
    )


def _begins_name(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a name may begin at `i`: a word with a space or a boundary before it."""
    token = tokens[i]
    if token.kind not in ("word", "command"):
        return False
    if i == 0:
        return True
    before = tokens[i - 1]
    if before.kind in ("sub", "sup") or before.text in ("∂", "∇", "{", "/"):
        return False
    if before.kind == "word" and before.text in ("d", "Delta"):
        return False
    return before.kind in ("word", "sep", "rel", "text", "op", "close", "number") or token.spaced


def _untransposed(member: Slice) -> Slice | None:
    """Return what a left-hand side `(...)^T` transposes."""
    texts = [token.text for token in member]
    for mark in (["^", "T"], ["^", "{", "T", "}"], ["^", "⊤"], ["^", "{", "⊤", "}"], ["T"]):
        if texts[-len(mark) :] == mark and len(texts) > len(mark):
            inner = member[: -len(mark)]
            if inner[0].text == "(" and inner[-1].text == ")":
                inner = inner[1:-1]
            return inner
    return None
