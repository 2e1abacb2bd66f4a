"""From a student's text to the formula that answers: the right statement, with its definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.errors import Unreadable
from grader.formula import functions, prose
from grader.formula.lexer import Source, Token, lex
from grader.formula.notation import Notation, canonical_of, with_definitions
from grader.formula.parser import Parsed, Vocabulary, derivative_at, parse
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.statements import Slice, Statement, split
from grader.formula.terms import Definition, Program
from grader.formula.tree import Node, rewrite

# How many ways of reading one text are tried at most.
MAX_READINGS = 32
_POLICIES = ("tight-slash", "greedy-argument", "wide-sum", "narrow-sum")
_LAYOUT = re.compile(
    r"denominator[- ]layout|numerator[- ]layout|transposed?[- ]layout|layout[^.]{0,20}transpos"
    r"|transponiert|column layout|as a column|in transposed form",
    re.IGNORECASE,
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
    code: bool
    notes: tuple[str, ...] = ()
    earlier: tuple[Node, ...] = ()
    lone: frozenset[str] = frozenset()
    says_layout: bool = False
    shape: str = ""
    indices: tuple[str, ...] = ()
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
                program, open_ = resolve(tree, notation, self.definitions, taken, code=self.code)
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

    def unreadable(self, trouble: Unreadable) -> Unreadable:
        """Return the trouble with the student's text beside it."""
        return Unreadable(trouble.message, text=self.text, position=trouble.position)

    def first(self) -> Candidate:
        """Return the usual reading; raise Unreadable where it has no meaning."""
        return next(self.candidates())


def read(text: str, notation: Notation, labels: Sequence[str] = ()) -> Reading:
    """Return how a text is understood; raise Unreadable with the place where it is not.

    `labels` are the left-hand sides that the asked quantity may have; the last equation under
    one of them is the answer, else the last statement that defines nothing.
    """
    try:
        reading = _Reader(text, notation, labels).reading()
        reading.first()
    except Unreadable as trouble:
        raise Unreadable(trouble.message, text=text, position=trouble.position) from trouble
    return reading


def label_key(text: str) -> str:
    """Return the canonical form in which left-hand sides are compared."""
    tokens = lex(text).tokens[:-1]
    return canonical_of(tokens)


def same_label(left: str, right: str) -> bool:
    """Return whether two canonical left-hand sides name one quantity."""
    if left == right:
        return True
    one, other = _variable(left), _variable(right)
    return bool(one) and one == other and ("" in (_top(left), _top(right)))


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

    def __init__(self, text: str, notation: Notation, labels: Sequence[str]) -> None:
        self.text = text
        self.notation = notation
        self.labels = [key for key in (label_key(label) for label in labels) if key]
        self.source = lex(text)
        self.defined = self.candidates()
        self.vocabulary = with_definitions(notation, {n: n for n in self.defined})
        self.statements = split(self.source, self.known)
        self.definitions: dict[str, Definition] = {}
        self.notes: list[str] = []

    # --- names that the text defines

    def candidates(self) -> dict[str, None]:
        """Return the names that stand left of an equals sign and are the student's own."""
        found: dict[str, None] = {}
        tokens = self.source.tokens
        for i, token in enumerate(tokens):
            if token.kind == "rel" and token.text in ("=", "-=", "+="):
                for name in self.left_names(tokens, i):
                    found[name] = None
            elif token.kind == "sep" and token.text == ":" and i:
                for name in self.left_names(tokens, i):
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
        if "/" not in key and marks[0].kind == "word" and len(marks) > 1:
            bare = canonical_of(marks[:1])
            if bare:
                names.append(bare)
        return [name for name in names if self.may_define(name)]

    def may_define(self, name: str) -> bool:
        notation = self.notation
        if name in notation.loose:
            return True
        if notation.vocabulary.knows(name) or name in notation.symbols:
            return name in notation.sizes and name not in notation.symbols and False
        return functions.ALIASES.get(name) is None or len(name) == 1

    def known(self, token: Token) -> bool:
        """Return whether a word is mathematics here."""
        text = token.text
        if self.vocabulary.knows(text) or text in ("∂", "∇", "⊤", "ones", "inf", "pi", "e"):
            return True
        if text in prose.PLAIN or text.lower() in prose.PLAIN:
            return text in functions.ALIASES and text not in ("or", "and") and self.is_called(token)
        if text in functions.ALIASES or functions.derivative_name(text):
            return True
        if len(text) == 1 or text in ("sum", "Sum", "grad", "hat", "if", "else", "Sigma"):
            return True
        if text.startswith("d") and len(text) <= 4 and not text.islower():
            return True
        return self.is_product(text)

    def is_called(self, token: Token) -> bool:
        after = self.text[token.end : token.end + 1]
        return after in ("(", "_", "^", "{", "'")

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
        self.collect(answer)
        return self.read_statement(answer, left)

    def answer(self) -> tuple[Statement, str]:
        statements = self.statements
        if not statements:
            raise Unreadable("no formula was found", position=0)
        asked = [s for s in statements if s.is_equation and self.is_asked(s)]
        if asked:
            last = asked[-1]
            return last, self.left(last)
        defining = {id(s) for s in statements if self.defines(s)}
        used = self.used_names()
        others = [s for s in statements if id(s) not in defining or not (self.names_of(s) & used)]
        bare = [s for s in others if not s.is_equation and not _trivial(s)]
        labelled = [s for s in others if s.is_equation]
        if bare:
            self.refuse_choice(bare)
            return bare[-1], ""
        if labelled:
            return labelled[-1], self.left(labelled[-1])
        return statements[-1], self.left(statements[-1])

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

    def is_asked(self, statement: Statement) -> bool:
        keys = [self.left_key(member)[0] for member in statement.members[:-1]]
        return any(same_label(key, label) for key in keys if key for label in self.labels) or any(
            same_label(key.lower(), label.lower()) for key in keys if key for label in self.labels
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
            key = self.left_key(member)[0]
            for name in (key, key.partition("_")[0]):
                if name in self.defined:
                    names.add(name)
        return names

    def used_names(self) -> set[str]:
        """Return the student's own names that stand right of an equals sign."""
        used: set[str] = set()
        for statement in self.statements:
            for member in statement.members[1:] if statement.is_equation else statement.members:
                used |= self.mentioned(member)
        return used

    def mentioned(self, member: Slice) -> set[str]:
        found = set()
        tokens = [*member, *[member[-1]._replace(kind="eof", text="")] * 3] if member else []
        for i in range(len(member)):
            derivative = derivative_at(tokens, i)
            if derivative is not None and derivative[0] in self.defined:
                found.add(derivative[0])
            name = self.vocabulary.names.get(member[i].text) if member[i].kind == "word" else None
            if name is not None and name in self.defined:
                found.add(name)
            if member[i].kind == "word":
                for j in range(i + 1, min(i + 5, len(member)) + 1):
                    key = canonical_of(member[i:j])
                    if key in self.defined:
                        found.add(key)
        return found

    # --- definitions

    def collect(self, answer: Statement) -> None:
        """Parse the definitions that the answer needs, and those that these need."""
        waiting = [*self.mentioned(answer.members[-1])]
        for member in answer.members[1:-1]:
            waiting += self.mentioned(member)
        by_name: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for name in self.names_of(statement):
                by_name.setdefault(name, []).append(statement)
        done: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in done:
                continue
            done.add(name)
            for statement in by_name.get(name, ()):
                if statement is answer:
                    continue
                self.define(name, statement)
                waiting += self.mentioned(statement.members[-1])

    def define(self, name: str, statement: Statement) -> None:
        """Parse one definition; a second one of the same name builds on the first."""
        if not statement.members[-1]:
            raise Unreadable("the definition is empty", position=statement.members[0][0].start)
        left = next(
            member
            for member in statement.members[:-1]
            if name in (self.left_key(member)[0], self.left_key(member)[0].partition("_")[0])
        )
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
            return
        earlier = self.definitions.get(name)
        if earlier is not None:
            older = f"{name}#{len(self.definitions)}"
            self.definitions[older] = Definition(
                older, earlier.tree, earlier.indices, earlier.parameters
            )
            tree = _exchanged(tree, name, older)
        self.definitions[name] = Definition(name, tree, indices, parameters)

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
        del indices
        return parse(self.source, member, vocabulary or self.vocabulary)

    # --- the answer itself

    def read_statement(self, statement: Statement, left: str) -> Reading:
        taken, parsed, earlier = self.last_readable(statement)
        self.refuse_meaning(statement)
        key, done = self.left_key(statement.members[0]) if statement.is_equation else ("", "")
        del key
        change = self.change(statement, done)
        trees = [(change(parsed.tree), "")]
        trees += self.other_trees(taken, parsed, change)
        if statement.bullet and statement.is_equation and done.startswith("-"):
            trees = [
                *((_signed(tree), note) for tree, note in trees),
                *((tree, "the dash was read as a minus") for tree, note in trees),
            ]
        indices = self.left_indices(statement)
        start, end = taken[0].start, taken[-1].end
        return Reading(
            text=self.text,
            taken=self.text[start:end],
            start=start,
            tree=trees[0][0],
            left=left,
            notation=self.notation,
            definitions=self.definitions,
            code=self.source.code,
            notes=tuple(self.notes),
            earlier=earlier,
            says_layout=_LAYOUT.search(self.text) is not None,
            shape="".join(token.text for token in statement.shape),
            indices=indices,
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
        resolve(tree, self.notation, self.definitions, {}, code=self.source.code)

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
                    again = parse(self.source, taken, self.vocabulary, frozenset({policy}))
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

    def refuse_meaning(self, statement: Statement) -> None:
        """Refuse words beside the answer that change it: `minus`, `averaged over`, `half`."""
        trailing = [word for word in statement.after if word in prose.MEANT]
        leading = [word for word in statement.before[-1:] if word in prose.MEANT]
        for word in (*leading, *trailing):
            if statement.is_equation and word in leading:
                continue
            where = re.search(rf"\b{word}\b", self.text, re.IGNORECASE)
            if word in ("sum", "mean", "over", "average") and self.text.count("=") > 1:
                continue
            raise Unreadable(
                f"'{word}' beside the formula changes it; write it as a formula",
                position=where.start() if where else 0,
            )

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


def _trivial(statement: Statement) -> bool:
    """Return whether a bare statement is a lone sign, as in `where x is ...`."""
    return len(statement.members[0]) <= 1 and bool(statement.before or statement.after)


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
        if depth == 0:
            if token.kind in ("sep", "rel", "text") or (token.kind == "op"):
                if not (token.kind == "op" and token.text == "/"):
                    break
            if token.kind == "command" and token.text != "frac":
                return None
            if _begins_name(tokens, i):
                return i
        i -= 1
        if at - i > 24:
            return None
    return i + 1 if i + 1 < at else None


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
