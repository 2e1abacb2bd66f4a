"""YAML and JSON as a tree of plain values that knows where each of them stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import yaml

from grader import lazy
from grader.errors import Unreadable
from grader.values import Plain

MAX_CHARS = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 30_000
# Python refuses to read an integer of more digits than some four thousand.
_MAX_DIGITS = 400

# The C scanner is ten times faster. Of the C code only the scanner is used: its composer ends
# the process on deep nesting, and expands aliases without end.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(NamedTuple):
    """A leaf: its text as typed (quotes and escapes resolved), and where it stands.

    `start` and `end` count characters of the source, here and below.
    """

    text: str
    quoted: bool  # also in the block styles `|` and `>`
    start: int
    end: int


class Items(NamedTuple):
    """A list and where it stands."""

    items: tuple[Node, ...]
    start: int
    end: int


class Entries(NamedTuple):
    """A mapping and where it stands; a key may be there twice where that was asked for."""

    entries: tuple[tuple[Scalar, Node], ...]
    start: int
    end: int


Node: TypeAlias = Scalar | Items | Entries
Path: TypeAlias = Sequence[str | int]


class Document(NamedTuple):
    """A parsed text; `root` is None where it holds nothing."""

    root: Node | None
    source: str

    def typed(self) -> Plain:
        """Return the values with every scalar as the text that was typed, and nothing as None."""
        return None if self.root is None else typed(self.root)

    def resolved(self) -> Any:
        """Return the values with scalars read as YAML 1.2 reads them (its core schema)."""
        return None if self.root is None else resolved(self.root, self.source)

    def place(self, path: Path) -> tuple[int, int]:
        """Return line and column, from 1, of what lies at `path`: of the key in a mapping.

        Where nothing lies there, the place is that of the nearest thing around it.
        """
        node: Node | None = self.root
        position = node.start if node else 0
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            position, node = found
        return line_and_column(self.source, position)


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return the line and the column, from 1, of a position in a text."""
    line_start = text.rfind("\n", 0, position) + 1
    return text.count("\n", 0, position) + 1, position - line_start + 1


def _step(node: Node | None, step: str | int) -> tuple[int, Node] | None:
    if isinstance(node, Entries):
        for key, value in node.entries:
            if key.text == step:
                return key.start, value
    if isinstance(node, Items) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step].start, node.items[step]
    return None


# --- values ----------------------------------------------------------------------------------

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_BOOLEANS = _TRUE | {"false", "False", "FALSE"}
_BEGINS = frozenset("+-.0123456789")  # what a number begins with
_INTEGER = lazy.pattern(r"(?P<decimal>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)")
_FLOAT = lazy.pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = lazy.pattern(r"(?P<inf>[-+]?\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)")
_BASES = {"decimal": 10, "octal": 8, "hex": 16}


def typed(node: Node) -> Plain:
    """Return a node's value with every scalar as the text that was typed, and nothing as None."""
    if isinstance(node, Scalar):
        return None if not node.quoted and node.text in _NULL else node.text
    if isinstance(node, Items):
        return [typed(item) for item in node.items]
    return {key.text: typed(value) for key, value in node.entries}


def resolved(node: Node, source: str) -> Any:
    """Return a node's value with scalars read by the core schema of YAML 1.2; keys stay text."""
    if isinstance(node, Scalar):
        return node.text if node.quoted else _resolve(node, source)
    if isinstance(node, Items):
        return [resolved(item, source) for item in node.items]
    return {key.text: resolved(value, source) for key, value in node.entries}


def _resolve(node: Scalar, source: str) -> bool | int | float | str | None:
    text = node.text
    if len(text) > _MAX_DIGITS and _FLOAT.fullmatch(text):
        raise Unreadable(
            f"expected a number of at most {_MAX_DIGITS} digits, found {len(text)}",
            text=source,
            position=node.start,
        )
    return _plain(text)


def _plain(text: str) -> bool | int | float | str | None:
    """Return what a plain scalar stands for."""
    if text in _NULL:
        return None
    if text[0] not in _BEGINS:
        return text if text not in _BOOLEANS else text in _TRUE
    if found := _INTEGER.fullmatch(text):
        kind = str(found.lastgroup)
        return int(found[kind], _BASES[kind])
    if _FLOAT.fullmatch(text):
        return float(text)
    if found := _SPECIAL.fullmatch(text):
        return float(text.replace(".", "") if found["inf"] else "nan")
    return text


# --- composing -------------------------------------------------------------------------------


class _Open(NamedTuple):
    """A list or mapping whose end has not come yet."""

    is_mapping: bool
    start: int
    nodes: list[Node]  # in a mapping, keys and values by turns


class _Composer:
    """Makes the tree, without recursion, from what a scanner reports piece by piece."""

    def __init__(self, source: str, *, repeats: bool) -> None:
        self.source = source
        self.repeats = repeats
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.count = 0

    def begin(self, is_mapping: bool, start: int) -> None:
        """Open a list or a mapping."""
        if len(self.open) >= MAX_DEPTH:
            raise self.trouble(f"nested more than {MAX_DEPTH} levels deep", start)
        if self.open and self.open[-1].is_mapping and len(self.open[-1].nodes) % 2 == 0:
            raise self.trouble("expected a plain word as key, found a list or mapping", start)
        self.open.append(_Open(is_mapping, start, []))

    def end(self, end: int) -> None:
        """Close what was opened last."""
        last = self.open.pop()
        if not last.is_mapping:
            self.add(Items(tuple(last.nodes), last.start, end))
            return
        pairs = zip(last.nodes[0::2], last.nodes[1::2], strict=True)
        entries = tuple((key, value) for key, value in pairs if isinstance(key, Scalar))
        if not self.repeats:
            self._refuse_repeats(entries)
        self.add(Entries(entries, last.start, end))

    def add(self, node: Node) -> None:
        """Put a finished node where it belongs."""
        self.count += 1
        if self.count > MAX_NODES:
            raise self.trouble(f"holds more than {MAX_NODES:,} values", node.start)
        if self.open:
            self.open[-1].nodes.append(node)
        else:
            self.root = node

    def trouble(self, message: str, position: int) -> Unreadable:
        """Return the complaint, to be raised."""
        return Unreadable(message, text=self.source, position=position)

    def _refuse_repeats(self, entries: tuple[tuple[Scalar, Node], ...]) -> None:
        if len({key.text for key, _ in entries}) == len(entries):
            return
        for key, first in repeated(entries):
            line = line_and_column(self.source, first.start)[0]
            message = f"the key '{key.text[:80]}' is there twice (first on line {line})"
            raise self.trouble(message, key.start)


def repeated(entries: Sequence[tuple[Scalar, Node]]) -> Iterator[tuple[Scalar, Scalar]]:
    """Yield each key that was there before, and where it was first."""
    seen: dict[str, Scalar] = {}
    for key, _ in entries:
        if key.text in seen:
            yield key, seen[key.text]
        seen.setdefault(key.text, key)


# --- YAML ------------------------------------------------------------------------------------


def load(text: str) -> Any:
    """Return what `parse(text).resolved()` does, in half the time: the places are left out."""
    quick = _without_places(text)
    return parse(text).resolved() if quick is None else quick[0]


def _without_places(text: str) -> tuple[Any] | None:
    """Return the value of a text, or None where anything in it needs a second look."""
    if len(text) > MAX_CHARS or "\ufeff" in text:
        return None
    nodes: list[Any] = []  # of the list or mapping that is open; in a mapping, keys and values
    around: list[tuple[list[Any], bool]] = []
    is_mapping = False
    count = 0
    try:
        for event in iter(_Loader(text).get_event, None):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    return None
                value = event.value
                if not event.implicit[0] or (is_mapping and not len(nodes) % 2):
                    nodes.append(value)
                elif len(value) > _MAX_DIGITS and value[0] in _BEGINS:
                    return None
                else:
                    nodes.append(_plain(value))
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                is_key = is_mapping and not len(nodes) % 2
                if is_key or event.anchor is not None or event.tag is not None:
                    return None
                around.append((nodes, is_mapping))
                if len(around) > MAX_DEPTH:
                    return None
                nodes, is_mapping = [], kind is yaml.MappingStartEvent
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                count += len(nodes)
                done: Any = nodes
                if is_mapping:
                    done = dict(zip(nodes[0::2], nodes[1::2], strict=True))
                    if 2 * len(done) < len(nodes):
                        return None  # a key is there twice
                nodes, is_mapping = around.pop()
                nodes.append(done)
            elif kind is yaml.AliasEvent:
                return None
    except (yaml.YAMLError, UnicodeEncodeError):
        return None
    return (nodes[0] if nodes else None,) if count < MAX_NODES and len(nodes) < 2 else None


# Characters that no YAML may hold; looked for first, because scanners count them differently.
FORBIDDEN = lazy.pattern(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)


def forbidden(text: str) -> re.Match[str] | None:
    """Return the first character that no YAML may hold; most texts hold none at all."""
    if text.replace("\n", "").isprintable():
        return None
    return FORBIDDEN.search(text)


def parse(text: str, *, repeats: bool = False) -> Document:
    """Return the tree of a YAML text; Unreadable, with the position, where it cannot be had.

    One document without anchors, aliases and tags, bounded in size and depth. Keys that are there
    twice are refused unless `repeats` asks to keep them all.
    """
    composer = _Composer(text, repeats=repeats)
    if len(text) > MAX_CHARS:
        raise composer.trouble(f"holds more than {MAX_CHARS:,} characters", MAX_CHARS)
    if found := forbidden(text):
        message = f"the character U+{ord(found[0]):04X} may not stand in YAML"
        raise composer.trouble(message, found.start())
    if (quick := _composed(text, repeats=repeats)) is not None:
        return quick
    try:
        for event in iter(_Loader(text).get_event, None):
            _take(event, composer)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = _plain_words(error.problem or error.context or "cannot be read")
        raise composer.trouble(message, min(mark.index, len(text)) if mark else 0) from error
    return Document(composer.root, text)


def _composed(text: str, *, repeats: bool) -> Document | None:
    """Return the tree of a text, or None where anything in it has to be told of."""
    nodes: list[Node] = []  # of the list or mapping that is open; in a mapping, keys and values
    around: list[tuple[list[Node], bool, int]] = []
    is_mapping = False
    count = 0
    try:
        for event in iter(_Loader(text).get_event, None):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    return None
                start, end = event.start_mark.index, event.end_mark.index
                nodes.append(Scalar(event.value, not event.implicit[0], start, end))
                if len(nodes) > MAX_NODES:
                    return None
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                is_key = is_mapping and not len(nodes) % 2
                if is_key or event.anchor is not None or event.tag is not None:
                    return None
                around.append((nodes, is_mapping, event.start_mark.index))
                if len(around) > MAX_DEPTH:
                    return None
                nodes, is_mapping = [], kind is yaml.MappingStartEvent
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                count += len(nodes)
                if count > MAX_NODES:
                    return None
                done: Node
                if is_mapping:
                    keys = cast("list[Scalar]", nodes[0::2])
                    if not repeats and len({key.text for key in keys}) < len(keys):
                        return None
                    pairs = tuple(zip(keys, nodes[1::2], strict=True))
                    done = Entries(pairs, around[-1][2], event.end_mark.index)
                else:
                    done = Items(tuple(nodes), around[-1][2], event.end_mark.index)
                nodes, is_mapping, _ = around.pop()
                nodes.append(done)
            elif kind is yaml.AliasEvent or (kind is yaml.DocumentStartEvent and nodes):
                return None
    except (yaml.YAMLError, UnicodeEncodeError):
        return None
    return Document(nodes[0] if nodes else None, text) if count < MAX_NODES else None


def _take(event: Any, composer: _Composer) -> None:
    kind = type(event)
    start = event.start_mark.index
    if kind is yaml.ScalarEvent:
        if event.anchor is not None or event.tag is not None:
            raise _not_used(event, composer)
        composer.add(Scalar(event.value, not event.implicit[0], start, event.end_mark.index))
    elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
        if event.anchor is not None or event.tag is not None:
            raise _not_used(event, composer)
        composer.begin(kind is yaml.MappingStartEvent, start)
    elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
        composer.end(event.end_mark.index)
    elif kind is yaml.AliasEvent:
        message = f"the alias '*{event.anchor}' is not followed: put text with a * between quotes"
        raise composer.trouble(message, start)
    elif kind is yaml.DocumentStartEvent and composer.count:
        raise composer.trouble("expected one document, found a second", start)


def _not_used(event: Any, composer: _Composer) -> Unreadable:
    message = "a tag is not used: put text with a ! between quotes"
    if event.anchor is not None:
        message = f"the anchor '&{event.anchor}' is not used: put text with an & between quotes"
    return composer.trouble(message, event.start_mark.index)


# What the scanner says, and what helps somebody who types an answer sheet.
_WORDS = (
    ("mapping values are not allowed", "a second ':' on the line: put the text between quotes"),
    ("cannot start any token", "text cannot begin with this character: put it between quotes"),
    ("did not find expected key", "expected a key here: is the text before it quoted and closed?"),
    ("could not find expected ':'", "expected 'key: value' here"),
    ("unexpected end of stream", "a quote is opened here or before and never closed"),
    ("unknown escape character", "in double quotes a backslash is typed twice; use single quotes"),
    ("found a tab character", "a tab cannot indent here: use spaces"),
    ("expected ',' or", "expected a comma or the closing bracket"),
    ("expected the node content", "expected a value here"),
    ("did not find expected node content", "expected a value here"),
)


def _plain_words(problem: str) -> str:
    return next((words for sign, words in _WORDS if sign in problem), problem)


# --- JSON ------------------------------------------------------------------------------------

_TOKEN = lazy.pattern(
    r"""[ \t\n\r]*(?:
      (?P<punctuation>[][{}:,])
    | (?P<string>"(?:[^"\\\x00-\x1f]++|\\.)*+")
    | (?P<word>[-+.\w]++)
    )""",
    re.VERBOSE,
)
# What may come next in JSON, in the words of a complaint.
_VALUE = "a value"
_VALUE_OR_END = "a value or ']'"
_KEY = 'a key in "double quotes"'
_KEY_OR_END = "a key in \"double quotes\" or '}'"
_COLON = "':'"
_COMMA = "a comma or the closing bracket"
_END = "the end"
_JSON_WORD = lazy.pattern(
    r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|NaN|-?Infinity"
)


def parse_json(text: str, *, repeats: bool = False) -> Document:
    """Return the tree of a JSON text, of the same shape and within the same bounds."""
    composer = _Composer(text, repeats=repeats)
    if len(text) > MAX_CHARS:
        raise composer.trouble(f"holds more than {MAX_CHARS:,} characters", MAX_CHARS)
    _JsonReader(text, composer).run()
    return Document(composer.root, text)


class _JsonReader:
    """Reads JSON without recursion; `expect` names what may come next."""

    def __init__(self, text: str, composer: _Composer) -> None:
        self.text = text
        self.composer = composer
        self.expect = _VALUE

    def run(self) -> None:
        """Read the text to its end."""
        position = 0
        while found := _TOKEN.match(self.text, position):
            kind = str(found.lastgroup)
            self._take(kind, found[kind], found.start(kind))
            position = found.end()
        position = len(self.text) - len(self.text[position:].lstrip(" \t\n\r"))
        if position < len(self.text) or self.expect != _END:
            raise self._unexpected(position)

    def _take(self, kind: str, token: str, start: int) -> None:
        if self.expect == _COLON:
            self._demand(token == ":", start)
            self.expect = _VALUE
        elif self.expect == _COMMA and token == ",":
            self.expect = _KEY if self.composer.open[-1].is_mapping else _VALUE
        elif token in ("}", "]") and self.expect in (_COMMA, _KEY_OR_END, _VALUE_OR_END):
            self._demand((token == "}") == self.composer.open[-1].is_mapping, start)
            self.composer.end(start + 1)
            self._after_value()
        elif self.expect in (_KEY, _KEY_OR_END):
            self._demand(kind == "string", start)
            self._scalar(kind, token, start)
            self.expect = _COLON
        else:
            self._demand(self.expect in (_VALUE, _VALUE_OR_END), start)
            self._value(kind, token, start)

    def _value(self, kind: str, token: str, start: int) -> None:
        if token in ("{", "["):
            self.composer.begin(token == "{", start)
            self.expect = _KEY_OR_END if token == "{" else _VALUE_OR_END
            return
        self._demand(kind == "string" or bool(_JSON_WORD.fullmatch(token)), start)
        self._scalar(kind, token, start)
        self._after_value()

    def _after_value(self) -> None:
        self.expect = _COMMA if self.composer.open else _END

    def _scalar(self, kind: str, token: str, start: int) -> None:
        quoted = kind == "string"
        text = self._unescaped(token, start) if quoted else token
        self.composer.add(Scalar(text, quoted, start, start + len(token)))

    def _unescaped(self, token: str, start: int) -> str:
        try:
            # Half of a surrogate pair would fail wherever the text is written.
            return str(json.loads(token)).encode("utf-8", "replace").decode()
        except ValueError as error:
            raise self.composer.trouble("a wrong escape in this text", start) from error

    def _demand(self, claim: bool, position: int) -> None:
        if not claim:
            raise self._unexpected(position)

    def _unexpected(self, position: int) -> Unreadable:
        found = f"'{self.text[position]}'" if position < len(self.text) else "the end"
        return self.composer.trouble(f"expected {self.expect}, found {found}", position)
