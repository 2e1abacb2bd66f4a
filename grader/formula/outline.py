"""A text parted into statements, with the names that it defines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from grader import lazy
from grader.formula import asides, functions, lefthand, prose, remarks, spoken
from grader.formula.lexer import Source, Token, lex
from grader.formula.notation import Notation, canonical_of, with_definitions
from grader.formula.statements import split
from grader.formula.words import MOST_LETTERS


@lru_cache(maxsize=8)
def outline(
    text: str, notation: Notation, labels: tuple[str, ...], others: tuple[str, ...]
) -> Outline:
    """Return the outline of a text; an answer is looked at more than once."""
    return Outline(text, notation, labels, others)


# A question that may be answered in several notations has its answers read in each.
@lru_cache(maxsize=8)
def _lexed(text: str) -> Source:
    """Return the tokens of a text as formulas have them, without what is said beside them."""
    lexed = _without_functions(lex(text))
    tokens = asides.named_braces(asides.unwrapped(lexed.tokens))
    tokens = spoken.written(remarks.without_ranges(tokens), lexed.code)
    return lexed._replace(tokens=tuple(tokens))


class Outline:
    """What is seen of a text before any formula in it is read; nothing here changes later."""

    def __init__(
        self, text: str, notation: Notation, labels: Sequence[str], others: Sequence[str]
    ) -> None:
        self.text = text
        self.notation = notation
        self.labels = [key for key in (lefthand.label_key(label) for label in labels) if key]
        self.others = [key for key in (lefthand.label_key(label) for label in others) if key]
        self.source = self._stepless(_lexed(text))
        self.called: set[str] = set()
        self.identities = _identities(text)
        self.defined = self.candidates()
        self.numbered: dict[str, list[str]] = {}
        self.heads: dict[str, list[str]] = {}
        for name in self.defined:
            self.numbered.setdefault(name.rstrip("0123456789"), []).append(name)
            self.heads.setdefault(name.partition("_")[0], []).append(name)
        self.vocabulary = with_definitions(notation, {n: n for n in self.defined}, self.called)
        if self.identities:
            identities = {n: "I" for n in self.identities if n not in notation.symbols}
            self.vocabulary = self.vocabulary.with_names(identities)
        self.statements = split(self.source, self.known, notation.sizes)

    def _stepless(self, source: Source) -> Source:
        """Return the tokens with the steps taken off: `W^{(t+1)} = W^{(t)} - ...` updates W."""
        sampled = self.notation.samples is not None
        hinted = any(hint in source.text for hint in _STEPS)
        if not hinted and (sampled or "t" not in source.text):
            return source
        from grader.formula.steps import without_steps

        asked = {key.partition("_")[0].rstrip("'") for key in self.labels}
        known = self.notation.vocabulary.knows
        return source._replace(tokens=tuple(without_steps(source, asked, known, sampled)))

    # --- names that the text defines

    def candidates(self) -> dict[str, None]:
        """Return the names that stand left of an equals sign and are the student's own."""
        found: dict[str, None] = {}
        tokens = self.source.tokens
        inside = 0  # of a case distinction or a matrix, where an equals sign compares
        for i, token in enumerate(tokens):
            inside += (token.kind == "begin") - (token.kind == "end")
            if inside:
                continue
            equals = token.kind == "rel" and token.text in ("=", "-=", "+=")
            colon = token.kind == "sep" and token.text == ":" and i > 0
            if equals or colon:
                for name in self.left_names(tokens, i):
                    if equals or lefthand.looks_mathematical(name):
                        found[name] = None
        return found

    def left_names(self, tokens: Sequence[Token], at: int) -> list[str]:
        """Return the name before `at`, whole and without its indices."""
        while at and tokens[at - 1].text == "&":
            at -= 1
        start = lefthand.name_start(tokens, at)
        if start is None:
            return []
        marks = tokens[start:at]
        if lefthand.ends_in_remark(marks):
            return []
        plain = lefthand.unsquared(tuple(marks))
        if plain is not None and not self.is_label(canonical_of(marks)):
            marks = plain
        key = canonical_of(marks)
        if not key:
            return []
        inner = lefthand.untransposed(tuple(marks))
        if inner is not None and len(inner) == 1 and self.may_define(canonical_of(inner)):
            return [canonical_of(inner)]
        names = [key]
        if lefthand.in_condition(tokens, start):
            return []
        if key in self.notation.symbols and self.updates(key, marks, tokens, at):
            return [key]
        if lefthand.takes_arguments(marks) and "/" not in key and not key.endswith("'"):
            if key not in self.notation.symbols and key not in self.notation.define:
                self.called.add(key)
                return [key]
            return []
        if len(marks) > 2 and marks[1].text == "[":
            return [name for name in [canonical_of(marks[:1])] if self.may_define(name)]
        if "/" not in key and marks[0].kind == "word" and len(marks) > 1:
            letters = lefthand.index_letters(marks[1:])
            bare = canonical_of(marks[:1])
            right = lefthand.index_letters(lefthand.until_boundary(tokens, at + 1))
            if letters & right and self.notation.vocabulary.knows(bare):
                return []  # says again what the question's own letter is, entry by entry
            if letters and letters <= right:
                bare = canonical_of(lefthand.labelled(marks))
                names = [bare]
        return [name for name in names if name and self.may_define(name)]

    def is_label(self, key: str) -> bool:
        return any(lefthand.same_label(key, label) for label in (*self.labels, *self.others))

    def updates(self, name: str, marks: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
        """Tell `v = β v + g`, after which v is the new one, from what is said of a letter."""
        if any(lefthand.same_label(name, label) for label in self.labels):
            return False
        right = lefthand.until_boundary(tokens, at + 1)
        if tokens[at].text != "=":
            return True
        return len(right) > 3 and lefthand.holds(right, marks)

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
        if text in self.notation.loose and text in prose.PLAIN and text not in self.defined:
            return False  # `the label`, in a sentence; an operand is told from that elsewhere
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
        if len(text) > 8 or (len(text) > MOST_LETTERS and text.islower()):
            return False
        reachable = {0}
        for end in range(1, len(text) + 1):
            if any(start in reachable and text[start:end] in names for start in range(end)):
                reachable.add(end)
        return len(text) in reachable


# Without one of these a text holds no function of Python's and no loop.
_PYTHON = frozenset({"def", "return", "lambda", "print", "range", "while", "for"})


def _without_functions(source: Source) -> Source:
    """Return the tokens with Python's functions made equations, where there are any."""
    if _PYTHON.isdisjoint(token.text for token in source.tokens):
        return source
    from grader.formula.python import functions_of_code

    return functions_of_code(source)


# Without one of these nothing in a text is a step; most texts have none, and need no search.
_STEPS = ("1", "new", "next", "old", "prev")


def _identities(text: str) -> frozenset[str]:
    """Return the letters that a text says to be the identity matrix."""
    lower = text.lower()
    if "identity" not in lower and "unit" not in lower:
        return frozenset()
    return frozenset(_IDENTITY.findall(text))


_IDENTITY = lazy.pattern(
    r"\b([A-Z])\b\$?\s*(?:is|denotes|being|:)\s*(?:an?\s+|the\s+)?(?:\w+\s*[x×]\s*\w+\s+)?"
    r"(?:identity|unit\s+matrix)"
)


def _is_applied(word: str, after: Token | None) -> bool:
    """Tell the function from the word of a sentence: softmax(z), but `where (a - y)`."""
    if after is None or word in ("or", "and"):
        return False
    if after.kind in ("sub", "sup", "prime"):
        return True
    bracket = after.kind == "open" and after.text in ("(", "[", "\\{")
    mathematical = functions.ALIASES[word] in functions.ELEMENTWISE or word == "softmax"
    return bracket and (mathematical or not after.spaced)
