"""Finds in a text the statement that answers, with the definitions that it needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from grader.errors import Unreadable
from grader.formula import functions, lefthand, prose
from grader.formula.derivatives import component, derivative_at
from grader.formula.notation import Notation, canonical_of
from grader.formula.outline import outline
from grader.formula.parser import Parsed, parse
from grader.formula.reading import NothingFound, Reading
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.statements import Slice, Statement
from grader.formula.terms import Definition, Open, Program
from grader.formula.tree import Node, rewrite
from grader.formula.vocabulary import Vocabulary


def read(
    text: str, notation: Notation, labels: Sequence[str] = (), others: Sequence[str] = ()
) -> Reading:
    """Return how a text is understood; raise Unreadable with the place where it is not.

    `labels` are the left-hand sides that the asked quantity may have; the last equation under
    one of them is the answer, else the last statement that defines nothing. Equations under one
    of `others` answer something else. Raises NothingFound where there is no formula at all.
    """
    return _read(text, notation, tuple(labels), tuple(others))


# In a class many an answer is written alike, and its reading is the same.
@lru_cache(maxsize=512)
def _read(
    text: str, notation: Notation, labels: tuple[str, ...], others: tuple[str, ...]
) -> Reading:
    try:
        return Reader(text, notation, labels, others).reading()
    except NothingFound as trouble:
        raise NothingFound(trouble.message, text=text, position=trouble.position) from trouble
    except Unreadable as trouble:
        raise Unreadable(trouble.message, text=text, position=trouble.position) from trouble


# Steps of a derivation define a letter once, those of an iteration a few times.
MAX_AGAIN = 24


class Reader:
    """Reads one text."""

    def __init__(
        self, text: str, notation: Notation, labels: Sequence[str], others: Sequence[str]
    ) -> None:
        seen = outline(text, notation, tuple(labels), tuple(others))
        self.text = text
        self.notation = notation
        self.labels = seen.labels
        self.others = seen.others
        self.source = seen.source
        self.defined = seen.defined
        self.numbered = seen.numbered
        self.heads = seen.heads
        self.vocabulary = seen.vocabulary
        self.statements = seen.statements
        self.definitions: dict[str, Definition] = {}
        self.notes: list[str] = []
        self.letters: frozenset[str] = frozenset()
        self.answering: Statement | None = None
        self.by_name: dict[str, list[Statement]] = {}
        self.asked_for: set[str] = set()
        self.own: frozenset[str] = frozenset()
        self.usual: tuple[Program | ShapeTrouble, Open] | None = None
        self.style = ("torch" if self.source.torch else "numpy") if self.source.code else ""

    # --- which statement answers

    def reading(self) -> Reading:
        """Return the reading of the statement that answers."""
        answer, left = self.answer()
        self.answering = answer
        for statement in self.statements:
            for name in self.names_of(statement):
                self.by_name.setdefault(name, []).append(statement)
        found = self.read_statement(answer, left)
        if len(self.statements) == 1 or not self.notation.define:
            return found
        from grader.formula import restated

        self.own = frozenset(self.asked_for)
        return found._replace(restated=restated.restated(self))

    def takes_as_own(self, name: str) -> bool:
        """Return whether the answer uses the student's definition of one of the question's."""
        return name in self.own

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
        used = self.used_names() if defining else set()
        others = [s for s in statements if id(s) not in defining or not (self.names_of(s) & used)]
        bare = [s for s in others if not s.is_equation and not self.is_aside(s)]
        labelled = [s for s in others if s.is_equation]
        if bare:
            self.refuse_choice(bare)
            return bare[-1], ""
        if labelled:
            told = [s for s in labelled if not prose.explains(s.before)] or labelled
            alike = [s for s in told if self.is_alike(s)] or told
            return alike[-1], self.left(alike[-1])
        if all(self.is_aside(s) for s in statements) and not _answers(statements[-1]):
            raise NothingFound("no formula was found", position=0)
        return statements[-1], self.left(statements[-1])

    def is_alike(self, statement: Statement) -> bool:
        """Return whether a left-hand side ends like what is asked: `gW` for the gradient by W."""
        key = self.left_key(statement.members[0])[0]
        wanted = {lefthand.variable(label) for label in self.labels} - {""}
        return any(key.endswith(name) and len(key) > len(name) for name in wanted)

    def is_aside(self, statement: Statement) -> bool:
        """Return whether a statement is a lone letter among words: `where x is ...`."""
        if len(statement.members[0]) > 1 or not (statement.before or statement.after):
            return False
        first = statement.members[0]
        return bool(first) and first[0].text not in self.defined

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
        letters = self.right_letters(statement)
        known = self.vocabulary.names
        keys += [component(k, letters)[0] for k in keys if lefthand.variable(k) not in known]
        return any(
            lefthand.same_label(key, label) or lefthand.same_label(key.lower(), label.lower())
            for key in keys
            if key
            for label in wanted
        )

    def right_letters(self, statement: Statement) -> set[str]:
        """Return the letters that stand as indices right of the first equals sign."""
        right = statement.members[1:]
        return set().union(*(lefthand.index_letters(m) | lefthand.selecting(m) for m in right))

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
        bare = lefthand.unsquared(member)
        if bare is not None and canonical_of(bare) in self.defined and key not in self.defined:
            return canonical_of(bare), f"{done}²"
        inner = lefthand.untransposed(member)
        if inner is not None and (not key or canonical_of(inner) in self.defined):
            key, done = canonical_of(inner), done + "T"
        return key, done if key else ""

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
        bare = (
            canonical_of(lefthand.labelled(member)) if member and member[0].kind == "word" else ""
        )
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
            for head, names in self.heads.items():
                if head in token.text:
                    found.update(names)
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
            statements = self.by_name.get(name, ())
            if len(statements) > MAX_AGAIN:
                where = statements[MAX_AGAIN].members[0][0].start
                raise Unreadable(f"'{name}' is defined too often", position=where)
            for statement in statements:
                if statement is not self.answering and not self.comes_too_late(name, statement):
                    waiting += self.mentioned(self.define_again(name, statement))

    def comes_too_late(self, name: str, statement: Statement) -> bool:
        """Return whether a letter of the question is updated only after the answer."""
        if name not in self.notation.symbols or self.answering is None:
            return False
        order = [id(each) for each in self.statements]
        return order.index(id(statement)) > order.index(id(self.answering))

    def mentioned(self, tree: Node) -> list[str]:
        """Return the student's own names that a formula holds, the δ_1, δ_2 of a bare δ too."""
        found: list[str] = []
        if not self.defined:
            return found
        for node in tree.walk():
            if node.op in ("name", "call"):
                value = str(node.value)
                found += (name for name in {value, value.rstrip("'")} if name in self.defined)
                found += self.numbered.get(f"{value.rstrip('*')}_", ())
        return found

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
        if "²" in self.left_key(left)[1]:
            tree = Node("call", (tree,), "sqrt", tree.start, tree.end)
        if "T" in self.left_key(left)[1]:
            tree = Node("transpose", (tree,), "T", tree.start, tree.end)
        negative = self.left_key(left)[1].startswith("-") and not statement.bullet
        tree = Node("neg", (tree,), None, tree.start, tree.end) if negative else tree
        if not whole:
            return tree
        earlier = self.definitions.get(name)
        if earlier is None and (name in self.notation.define or name in self.notation.symbols):
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
            definitions=dict(self.definitions),
            code=self.style,
            notes=tuple(self.notes),
            earlier=earlier,
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
            name = canonical_of(statement.members[0]) if statement.sign else ""
            if statement.sign in ("+", "-") and self.begins(name):
                tree = _signed(tree) if statement.sign == "-" else tree
            elif statement.sign:
                known = self.vocabulary.names.get(name, name)
                tree = _updated(Node("name", (), known), statement.sign, tree)
            if "T" in done:
                tree = Node("transpose", (tree,), "T", tree.start, tree.end)
            return _signed(tree) if done.startswith("-") else tree

        return apply

    def begins(self, name: str) -> bool:
        """Return whether `dW += ...` adds to nothing that the text or the question has."""
        earlier = [s for s in self.by_name.get(name, ()) if s is not self.answering]
        return not earlier and (name in self.defined or not self.vocabulary.knows(name))

    def meant(self, statement: Statement) -> str:
        """Return a word beside the answer that may change it, such as `summed`, if there is one.

        Raises Unreadable for words that do, such as `minus` or `half`.
        """
        words = [word for word in statement.after if word in prose.MEANT]
        if not statement.is_equation:
            words += [word for word in _announced(statement.before) if word in prose.MEANT]
            words += [word for word in statement.before[-1:] if word in functions.ALIASES]
            words += [word for word in self.word_before(statement) if word in prose.MEANT]
        for word in words:
            if word not in prose.CLARIFYING:
                where = re.search(rf"\b{word}\b", self.text, re.IGNORECASE)
                raise Unreadable(
                    f"'{word}' beside the formula changes it; write it as a formula",
                    position=where.start() if where else 0,
                )
        return words[0] if words else ""

    def word_before(self, statement: Statement) -> list[str]:
        """Return the `transpose` of `transpose of x y^T`, which is a function's name as well."""
        earlier = self.statements[: self.statements.index(statement)]
        if statement.before != ("of",) or not earlier or earlier[-1].line != statement.line:
            return []
        return [token.text.lower() for token in earlier[-1].members[-1][-1:]]

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
                letters = component(found[0], self.right_letters(statement))[1]
                return tuple(str(index.value) for index in found[1]) or tuple(letters)
        return ()


_POLICIES = ("tight-slash", "greedy-argument", "wide-sum", "narrow-sum")


_ANNOUNCING = frozenset({"is", "equals", "gives", "answer", "get", "obtain", "result", "yields"})


def _answers(statement: Statement) -> bool:
    """Return whether a lone sign is what the words before it announce, or a number."""
    token = statement.members[0][0]
    announced = set(statement.before[-1:]) & _ANNOUNCING
    return token.kind == "number" or bool(announced) or not (statement.before or statement.after)


def _announced(words: Sequence[str]) -> Sequence[str]:
    """Return the words that stand between `is`, `answer` or the like and a formula."""
    for i in range(len(words) - 1, -1, -1):
        if words[i] in _ANNOUNCING:
            return words[i + 1 :]
    return words


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
