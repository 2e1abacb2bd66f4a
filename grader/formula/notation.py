"""The notation of a question: which letters are known, their shapes, and what they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from grader import lazy
from grader.errors import Unreadable
from grader.formula import display, functions, spelling
from grader.formula.derivatives import derivative_at
from grader.formula.lexer import Token, lex
from grader.formula.parser import parse
from grader.formula.tree import Node
from grader.formula.vocabulary import Vocabulary, spellings

VALUES = ("real", "positive", "binary", "probability", "one-hot", "integer", "function")
_VALUE_WORDS = {"onehot": "one-hot", "one_hot": "one-hot", "label": "binary", "unit": "probability"}

_SHAPE = {
    "type": "array",
    "description": "Rows and columns, each a number or the name of a size; [] for a number.",
    "items": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]},
}

SYMBOLS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "The letters of the question with their shapes.",
    "additionalProperties": {
        "title": "a shape such as [n, d], or [] for one number",
        "anyOf": [
            _SHAPE,
            {"type": "string", "enum": ["function", "number"]},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "shape": _SHAPE,
                    "values": {
                        "type": "string",
                        "enum": [*VALUES, *_VALUE_WORDS],
                        "description": "What the entries may be; real numbers if not said.",
                    },
                    "same": {"type": "string", "description": "The symbol that it equals."},
                    "also": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Further spellings.",
                    },
                },
            },
        ],
    },
}

DEFINE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "Letters that stand for a formula in the symbols, such as z: W x + b.",
    "additionalProperties": {"type": "string"},
}

NOTATION_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "How the letters are written: what counts samples, functions, indices.",
    "additionalProperties": False,
    "properties": {
        "samples": {
            "type": "string",
            "description": "The size that counts the samples: x_i is then sample i of x.",
        },
        "functions": {
            "type": "object",
            "description": (
                "Functions with names of the question's own: a usual function, `any` for a "
                "general differentiable one, or a list of which each is accepted."
            ),
            "additionalProperties": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                ]
            },
        },
        "indices": {
            "type": "object",
            "description": "Letters that always index one size, such as k: c.",
            "additionalProperties": {"type": "string"},
        },
        "read_as": {
            "type": "object",
            "description": (
                "What a letter is read as that a student uses without saying what it is, such as "
                "y_hat: [p, h]; the sheet does not offer these."
            ),
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


class Symbol(NamedTuple):
    """A letter with its shape, () for a number, and what its entries may be."""

    name: str
    shape: tuple[int | str, ...]
    values: str = "real"


class Notation(NamedTuple):
    """What the formulas of a question are written in; equal to nothing but itself.

    `aliases` maps further names to symbols and definitions, `families` a bare letter such as `w`
    to the matrices that its entries may belong to. `define` is in the order of dependence.
    """

    symbols: Mapping[str, Symbol]
    aliases: Mapping[str, str]
    families: Mapping[str, tuple[str, ...]]
    define: Mapping[str, Node]
    functions: Mapping[str, tuple[str, ...]]
    samples: str | None
    indices: Mapping[str, str]
    vocabulary: Vocabulary
    sizes: tuple[str, ...]
    loose: frozenset[str] = frozenset()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def target(self, name: str) -> str:
        """Return the symbol or definition that a canonical name stands for."""
        return self.aliases.get(name, name)


def notation(
    symbols: Mapping[str, Any] | None = None,
    define: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Notation:
    """Return the notation that a question's `symbols`, `define` and `notation` declare.

    Raises ValueError with a sentence that names the symbol.
    """
    try:
        key = json.dumps([symbols or {}, define or {}, options or {}])
    except (TypeError, ValueError) as trouble:
        raise ValueError(f"symbols, define and notation have to be plain data: {trouble}") from None
    return _notation(key)


@lru_cache(maxsize=512)
def _notation(key: str) -> Notation:
    symbols, define, options = json.loads(key)
    return _Declarations(symbols, define, options).notation()


class _Declarations:
    """Collects what a question declares, and complains by name."""

    def __init__(
        self,
        symbols: Mapping[str, Any],
        define: Mapping[str, str],
        options: Mapping[str, Any],
    ) -> None:
        self.given = symbols
        self.definitions = define
        self.options = options
        self.symbols: dict[str, Symbol] = {}
        self.aliases: dict[str, str] = {}
        self.spelled: dict[str, str] = {}
        self.functions: dict[str, tuple[str, ...]] = {}
        self.loose: set[str] = set()
        self.usual: set[str] = set()

    def notation(self) -> Notation:
        """Return the whole notation."""
        for name, declared in self.given.items():
            self._symbol(name, declared)
        for name, meant in (self.options.get("functions") or {}).items():
            self._function(name, meant)
        sizes = self._sizes()
        samples = self.options.get("samples")
        if samples is not None and samples not in sizes:
            raise ValueError(f"notation: samples: no symbol has the size '{samples}'")
        indices = dict(self.options.get("indices") or {})
        for letter, size in indices.items():
            if size not in sizes:
                raise ValueError(f"notation: indices: {letter}: no symbol has the size '{size}'")
        defined = {self._new_name(name, "define"): text for name, text in self.definitions.items()}
        self._resolve_same(defined)
        for name in (*self.symbols, *self.aliases, *defined):
            self._spell(name)
        for size in sizes:
            self.spelled.setdefault(size, size)
        families = self._families(defined)
        self._other_case(defined)
        self._sample_count(samples, sizes)
        self._usual_names(defined)
        declared = [*self.symbols, *(n for n in self.aliases if n not in self.loose), *defined]
        shown = [display.letter(name) for name in declared if "/" not in name]
        vocabulary = Vocabulary(
            self.spelled,
            {name: name for name in self.functions},
            tuple(dict.fromkeys([*shown, *self.functions, *sizes])),
        )
        trees = _ordered(self._trees(defined, vocabulary))
        usual = frozenset(way for way, name in self.spelled.items() if name in self.usual)
        vocabulary = vocabulary._replace(depends=self._dependences(trees), usual=usual)
        return Notation(
            symbols=self.symbols,
            aliases=self.aliases,
            families=families,
            define=trees,
            functions=self.functions,
            samples=samples,
            indices=indices,
            vocabulary=vocabulary,
            sizes=sizes,
            loose=frozenset(self.loose),
        )

    def _symbol(self, name: str, declared: Any) -> None:
        if isinstance(declared, str):
            if declared not in ("function", "number"):
                raise ValueError(f"symbols: {name}: expected a shape such as [n, m]")
            if declared == "function":
                self._function(name, "any")
                return
            declared = []
        word = {"shape": declared} if isinstance(declared, list) else declared
        if not isinstance(word, dict):
            raise ValueError(f"symbols: {name}: expected a shape such as [n, m]")
        if word.get("values") == "function":
            self._function(name, "any")
            return
        canonical = self._new_name(name, "symbols")
        for other in word.get("also") or ():
            self.aliases[self._new_name(other, "symbols")] = canonical
        if "same" in word:
            self.aliases[canonical] = canonical_name(word["same"])
            return
        values = word.get("values", "real")
        values = _VALUE_WORDS.get(values, values)
        if values not in VALUES:
            raise ValueError(f"symbols: {name}: values: expected one of {', '.join(VALUES)}")
        if "shape" not in word:
            raise ValueError(
                f"symbols: {name}: expected a shape such as [n, m], or [] for a number"
            )
        self.symbols[canonical] = Symbol(
            canonical, self._shape(name, word.get("shape", [])), values
        )

    def _shape(self, name: str, shape: Any) -> tuple[int | str, ...]:
        sizes = all(
            (isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 64)
            or (isinstance(size, str) and re.fullmatch(r"[A-Za-z]\w*", size))
            for size in shape
        )
        if not isinstance(shape, list) or len(shape) not in (0, 1, 2) or not sizes:
            raise ValueError(f"symbols: {name}: expected a shape such as [n, m] or [1, 3] or []")
        return (shape[0], 1) if len(shape) == 1 else tuple(shape)

    def _function(self, name: str, meant: Any) -> None:
        found = []
        for word in [meant] if isinstance(meant, str) else meant:
            known = "general" if word == "any" else functions.ALIASES.get(word)
            if known is None or (known not in functions.ELEMENTWISE and known != "softmax"):
                raise ValueError(f"notation: functions: {name}: no function is called '{word}'")
            found.append("identity" if word == "identity" else known)
        self.functions[canonical_name(name)] = tuple(found)

    def _sizes(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for symbol in self.symbols.values():
            found.update((size, None) for size in symbol.shape if isinstance(size, str))
        return tuple(found)

    def _new_name(self, name: str, where: str) -> str:
        canonical = canonical_name(name)
        if not canonical:
            raise ValueError(f"{where}: '{name}' is no name")
        taken = {**self.symbols, **self.aliases, **dict.fromkeys(self.functions)}
        if canonical in taken:
            raise ValueError(f"{where}: '{name}' is declared twice")
        return canonical

    def _resolve_same(self, defined: Mapping[str, str]) -> None:
        for name in self.aliases:
            seen, target = {name}, self.aliases[name]
            while target in self.aliases and target not in seen:
                seen.add(target)
                target = self.aliases[target]
            if target not in self.symbols and target not in defined:
                raise ValueError(f"symbols: {name}: same: '{self.aliases[name]}' is not declared")
            self.aliases[name] = target

    def _spell(self, name: str) -> None:
        for way in spellings(name):
            self.spelled.setdefault(way, name)
        for other, meant in spelling.SAME_NAME.items():
            if name == meant or name.startswith(f"{meant}_"):
                for way in spellings(other + name[len(meant) :]):
                    self.spelled.setdefault(way, name)

    def _families(self, defined: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Let `w_{kj}` and `W_{kj}` stand for an entry of any declared W_1, W_2, ..."""
        families: dict[str, list[str]] = {}
        for name in (*self.symbols, *defined):
            letter, label, _ = name.partition("_")
            if label and len(letter) == 1 and label not in spelling.ACCENTS.values():
                families.setdefault(letter, []).append(name)
        found: dict[str, tuple[str, ...]] = {}
        for letter, members in families.items():
            for way in sorted({letter, letter.lower()}):
                if letter not in self.symbols and way not in self.spelled:
                    self.spelled[way] = f"{way}*"
                    found[f"{way}*"] = tuple(members)
        return found

    def _other_case(self, defined: Mapping[str, str]) -> None:
        """Let `x` be read as X, and `Y` as y, where only one of the two is declared."""
        for name in (*self.symbols, *defined, *list(self.aliases)):
            letter, label, rest = name.partition("_")
            if len(letter) != 1 or letter in ("e", "i", "I") or "/" in name:
                continue
            other = letter.swapcase() + label + rest
            if other in ("E", "I", "e", "d", "O"):
                continue
            fresh = [way for way in spellings(other) if way not in self.spelled]
            if other in fresh:
                self.aliases[other] = self.aliases.get(name, name)
                self.loose.add(other)
                self.spelled.update((way, other) for way in fresh)

    def _sample_count(self, samples: str | None, sizes: Iterable[str]) -> None:
        """Let N, m or M count the samples where they mean nothing else."""
        for way in ("N", "m", "M", "n") if samples else ():
            if way not in self.spelled and samples is not None and way not in sizes:
                if way in ("M", "n"):
                    continue
                self.spelled[way] = samples
                self.loose.add(way)

    def _usual_names(self, defined: Mapping[str, str]) -> None:
        """Let further letters be read as declared ones, and `y_pred` and `target` as ŷ and y."""
        declared = {*self.symbols, *self.aliases, *defined}
        for name, others in (self.options.get("read_as") or {}).items():
            target = canonical_name(name)
            if target not in declared:
                raise ValueError(f"notation: read_as: '{name}' is not declared")
            for other in others:
                self._loosely(canonical_name(other), target)
        own = (*self.symbols, *defined)
        estimated = [n for n in own if n.endswith("_hat") and n[:-4] in declared]
        for name in estimated:
            for label in spelling.ESTIMATED:
                self._loosely(f"{name[:-4]}_{label}", name)
            for label in spelling.OBSERVED:
                self._loosely(f"{name[:-4]}_{label}", name[:-4])
        if len(estimated) == 1:
            for label in spelling.ESTIMATED:
                self._loosely(label, estimated[0])
            for label in spelling.OBSERVED:
                self._loosely(label, estimated[0][:-4])

    def _loosely(self, way: str, target: str) -> None:
        """Let `way` be read as a declared name, unless a student defines it."""
        fresh = [each for each in spellings(way) if each not in self.spelled]
        if way in fresh:
            self.aliases[way] = self.aliases.get(target, target)
            self.loose.add(way)
            self.usual.add(way)
            self.spelled.update((each, way) for each in fresh)

    def _dependences(self, trees: Mapping[str, Node]) -> dict[str, frozenset[str]]:
        """Return the names that each definition is made of, under every spelling of either."""
        made: dict[str, frozenset[str]] = {}
        for name, tree in trees.items():
            direct = {str(node.value) for node in tree.walk() if node.op == "name"}
            made[name] = frozenset(direct.union(*(made.get(each, ()) for each in direct)))
        for other, target in self.aliases.items():
            if target in made:
                made[other] = made[target]
        for name, parts in made.items():
            others = {other for other, target in self.aliases.items() if target in parts}
            made[name] = parts | others
        return made

    def _trees(self, defined: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, Node]:
        trees = {}
        for name, text in defined.items():
            if not isinstance(text, str):
                raise ValueError(f"define: {name}: expected a formula as text")
            source = lex(text)
            try:
                trees[name] = parse(source, source.tokens[:-1], vocabulary).tree
            except Unreadable as trouble:
                raise ValueError(f"define: {name}: {trouble.message}") from trouble
        return trees


def _ordered(trees: Mapping[str, Node]) -> dict[str, Node]:
    """Return the definitions, each after those that it uses."""
    ordered: dict[str, Node] = {}
    waiting = dict(trees)
    while waiting:
        ready = [
            name
            for name, tree in waiting.items()
            if not any(n.op == "name" and n.value in waiting for n in tree.walk())
        ]
        if not ready:
            raise ValueError(f"define: {next(iter(waiting))}: it is defined by itself")
        for name in ready:
            ordered[name] = waiting.pop(name)
    return ordered


_ACCENTED = lazy.pattern(r"([A-Za-z])(hat|tilde|bar)")


def canonical_name(text: str) -> str:
    """Return the one spelling of a name: `ŷ`, `\\hat{y}` and `yhat` are all `y_hat`.

    A derivative is named by its letters: `∂L/∂W` and `\\nabla_W L` are `dL/dW`. Returns "" for
    what is no name.
    """
    try:
        tokens = lex(text).tokens
    except Unreadable:
        return ""
    return canonical_of(tokens)


def canonical_of(tokens: Iterable[Token]) -> str:
    """Return the one spelling of the name that the tokens spell, as `canonical_name` does."""
    marks = [t for t in tokens if t.kind != "eof" and not (t.kind == "sep" and t.text != ",")]
    if not marks:
        return ""
    end = marks[-1]._replace(kind="eof", text="")
    if len(marks) > 1 and marks[-1].kind == "attr" and marks[-1].text == "grad":
        return f"d/d{_joined(marks[:-1])}"
    if len(marks) > 1 and marks[-1].kind == "attr" and marks[-1].text == "data":
        marks = marks[:-1]
    derivative = derivative_at([*marks, end, end, end], 0)
    if derivative is not None and derivative[2] >= len(marks):
        return derivative[0]
    return _joined(marks)


def _joined(marks: list[Token]) -> str:
    name, raised, bracket = "", False, 0
    fresh = True
    for token in marks:
        if token.kind in ("sub", "sup"):
            raised = token.kind == "sup"
            fresh = False
        elif token.kind in ("open", "close"):
            if token.text == "(" and not raised and fresh and name:
                break  # the arguments of f(x) are no part of its name
            bracket += token.kind == "open"
        elif token.kind == "prime":
            name += token.text
        elif token.kind in ("word", "number", "op", "rel", "text", "attr"):
            text = token.text.replace(",", "")
            if not name:
                accented = _ACCENTED.fullmatch(text)
                name = f"{accented[1]}_{accented[2]}" if accented else text
                name = spelling.SAME_NAME.get(name, name)
                digits = re.fullmatch(r"([A-Za-z]+)(\d+)", name)
                name = f"{digits[1]}_{digits[2]}" if digits else name
                continue
            if token.kind in ("op", "rel") and not raised and not bracket:
                return ""
            plain = raised and bracket == 0 and token.kind == "number"
            name += ("^" if plain else "" if fresh else "_") + text
            fresh = True
        elif token.kind == "sep":
            continue
        else:
            return ""
    return name


def with_definitions(
    base: Notation, names: Mapping[str, str], called: Iterable[str] = ()
) -> Vocabulary:
    """Return the vocabulary of a question with the names that a student defines on top.

    `names` maps each canonical name to itself. Letters that the question declares keep their
    meaning; those that it only tolerates (another case, a count of samples) give way. `called`
    are names of functions.
    """
    if not names:
        return base.vocabulary
    kept = {
        way: name
        for way, name in base.vocabulary.names.items()
        if not (name in base.loose or way in base.loose or name in base.families)
        or way not in names
    }
    for name in names:
        for way in spellings(name):
            kept.setdefault(way, name)
    for name in names:
        letter, label, rest = name.partition("_")
        if label and rest.isdigit():
            kept.setdefault(letter, f"{letter}*")
        if len(letter) == 1 and letter.isupper() and letter not in "EIJKLMN":
            for way in spellings(letter.lower() + label + rest):
                kept.setdefault(way, name)
    for name in called:
        for way in spellings(name):
            kept.pop(way, None)
    functions_ = {**base.vocabulary.functions, **{w: n for n in called for w in spellings(n)}}
    usual = base.vocabulary.usual - names.keys()
    return base.vocabulary._replace(names=kept, functions=functions_, usual=usual)
