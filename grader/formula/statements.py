"""Parts a student's text into statements: words, equations, definitions, lines of a derivation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from grader.errors import Unreadable
from grader.formula import asides, prose, remarks
from grader.formula.lexer import Source, Token

Slice: TypeAlias = tuple[Token, ...]

_INEQUALITIES = frozenset({"<", ">", "<=", ">=", "==", "!="})
_CONTINUING = frozenset({"+", "*", "·", "×", "@", "⊙", "⊗", "/", "./"})
_CONDITIONAL = frozenset({"if", "when", "for", "else", "otherwise", "and", "or", "elif"})
_LOGICAL = frozenset({"and", "or", "not"})
_OPENING = frozenset({"if", "when", "for"})


class Statement(NamedTuple):
    """One line of thought: `left = member = member`, or a bare formula (a single member).

    `before` and `after` are the words around it, `sign` the operator of `-=` and the like,
    `bullet` says that it starts with a dash that may be a list's, `line` where it stands.
    """

    members: tuple[Slice, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    sign: str = ""
    bullet: bool = False
    line: int = 0
    shape: Slice = ()

    @property
    def is_equation(self) -> bool:
        """Return whether something stands left of an equals sign."""
        return len(self.members) > 1


class _Segment(NamedTuple):
    """Tokens between two boundaries."""

    tokens: Slice
    before: tuple[str, ...]
    line: int
    joined: bool = False  # continues the statement before it


def split(
    source: Source,
    known: Callable[[Token, Token | None], bool],
    sizes: Collection[str] = (),
) -> list[Statement]:
    """Return the statements of a text.

    `known` tells which words are mathematics, from the word and what stands behind it; `sizes`
    are the names that a remark on a shape may hold.
    """
    tokens = [t for t in source.tokens if t.kind != "eof"]
    tokens = asides.spread(_unpacked(_unnumbered(_multiplied(tokens, known))), sizes)
    keywords = _conditionals(tokens) | _logical(tokens, known)
    behind = [*tokens[1:], None]
    meant = [
        t.kind == "word" and (i in keywords or (t.text.lower() != "not" and known(t, behind[i])))
        for i, t in enumerate(tokens)
    ]
    marks = prose.mark(tokens, meant)
    asides.unmark_factors(tokens, marks)
    depths = _depths(tokens)
    _unbracket(tokens, marks, depths)
    remarks.mark_shapes(tokens, marks, depths, sizes)
    remarks.mark_described(tokens, marks, depths, sizes)
    remarks.mark_quantifiers(tokens, marks, depths)
    asides.mark(source, tokens, marks, depths, sizes, meant.__getitem__)
    statements: list[Statement] = []
    for segment in _segments(tokens, marks, depths):
        _add(statements, segment, sizes)
    found = [s for s in statements if any(s.members)]
    domains = [s for s in found if s.shape and not s.is_equation and len(s.members[0]) == 1]
    return _without_reasons([s for s in found if s not in domains] or found)


def _without_reasons(statements: Sequence[Statement]) -> list[Statement]:
    """Return the statements without the formulas of `because a(1-a) cancels` and `not (y-a)x^T`.

    They stand behind the formula that they are about; only what is denied may stand before it.
    """
    kept: list[Statement] = []
    for statement in statements:
        last = kept[-1] if kept else None
        noted = statement.before[:1] in (("note",), ("because",), ("remark",))
        behind = last is not None and (last.line == statement.line or noted)
        reason = last is not None and prose.explains(last.before) and not last.is_equation
        if behind and reason and prose.concludes(statement.before):
            kept.pop()  # `because a(1-a) cancels we get ...`
        denied = statement.before[-1:] == ("not",) and len(statements) > 1
        aside = denied or (behind and prose.explains(statement.before))
        if aside and not statement.is_equation:
            kept[-1:] = [last._replace(after=())] if last is not None else []
        else:
            kept.append(statement)
    return kept or list(statements)


def _multiplied(tokens: list[Token], known: Callable[[Token, Token | None], bool]) -> list[Token]:
    """Return the tokens with the dots of `A . x` and `A.x` made products, those of stops kept."""
    if not any(token.text == "." for token in tokens):
        return tokens
    kept = list(tokens)
    for i in range(1, len(tokens) - 1):
        dot, before, after = tokens[i], tokens[i - 1], tokens[i + 1]
        if dot.kind != "sep" or dot.text != "." or dot.spaced != after.spaced:
            continue
        behind = tokens[i + 2] if i + 2 < len(tokens) else None
        defines = _starts_equation(tokens, i + 1)
        operand = after.text in ("(", "[") or (after.kind == "word" and known(after, behind))
        closed = before.kind in ("close", "attr", "prime", "number")
        closed = closed or (before.kind == "word" and known(before, dot))
        if operand and closed and not defines:
            kept[i] = dot._replace(kind="op", text="·")
    return kept


def _unnumbered(tokens: list[Token]) -> list[Token]:
    """Return the tokens without the numbers of a list: `1)`, `2.`, `(a)` at the start of lines."""
    ends = [i for i, t in enumerate(tokens) if t.kind == "sep" and t.text in ("\n", "$$")]
    if not any(_number_mark(tokens, i + 1) for i in (-1, *ends)):
        return tokens
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        begins = at == 0 or (tokens[at - 1].kind == "sep" and tokens[at - 1].text in ("\n", "$$"))
        size = _number_mark(tokens, at) if begins else 0
        at += size
        if at < len(tokens):
            kept.append(tokens[at])
        at += 1
    return kept


def _unpacked(tokens: list[Token]) -> list[Token]:
    """Return the tokens with `a, b = x, y` made two equations."""
    if not {",", "="} <= {token.text for token in tokens}:
        return tokens
    kept: list[Token] = []
    line: list[Token] = []
    for token in tokens:
        if token.kind == "sep" and token.text in ("\n", "$$", ";"):
            kept += [*_unpacked_line(line), token]
            line = []
        else:
            line.append(token)
    return [*kept, *_unpacked_line(line)]


def _unpacked_line(line: list[Token]) -> list[Token]:
    depths = _depths(line)
    equals = [i for i, t in enumerate(line) if t.kind == "rel" and t.text == "=" and not depths[i]]
    if len(equals) != 1 or not any(t.text == "," for t in line[: equals[0]]):
        return line
    sides = []
    for low, high in ((0, equals[0]), (equals[0] + 1, len(line))):
        parts: list[list[Token]] = [[]]
        for i in range(low, high):
            if line[i].text == "," and not depths[i]:
                parts.append([])
            else:
                parts[-1].append(line[i])
        sides.append(parts)
    names, values = sides
    if len(names) != len(values) or not all(len(name) in (1, 3) for name in names):
        return line
    found: list[Token] = []
    end = line[-1]
    for name, value in zip(names, values, strict=True):
        found += [*name, line[equals[0]], *value, end._replace(kind="sep", text="\n")]
    return found


def _number_mark(tokens: Sequence[Token], at: int) -> int:
    if at + 3 > len(tokens):
        return 0
    marks = [token.text for token in tokens[at : at + 3]]
    counts = tokens[at].kind == "number" or len(marks[0]) == 1
    if counts and marks[1] == ")" and tokens[at + 1].kind == "close":
        return 2
    if tokens[at].kind == "number" and _starts_equation(tokens, at + 1):
        return 1 if marks[0].endswith(".") else 0
    if tokens[at].kind == "number" and marks[1] == "." and _starts_equation(tokens, at + 2):
        return 2
    if marks[0] == "(" and marks[2] == ")" and _starts_equation(tokens, at + 3):
        return 3
    return 0


def _depths(tokens: Sequence[Token]) -> list[int]:
    """Return how deep each token stands in brackets; a bracket stands outside itself."""
    depths, depth = [], 0
    for token in tokens:
        kind = token.kind
        if kind == "close" or kind == "end":
            depth = max(depth - 1, 0)
        depths.append(depth)
        if kind == "open" or kind == "begin":
            depth += 1
    return depths


def _unbracket(tokens: Sequence[Token], marks: list[bool], depths: list[int]) -> None:
    """Lift a remark in brackets, `(where δ = ŷ − y)`, out of them."""
    if not any(marks):
        return
    for i, token in enumerate(tokens[:-1]):
        if token.kind != "open" or token.text not in ("(", "[") or depths[i] or not marks[i + 1]:
            continue
        end = next(
            (j for j in range(i + 1, len(tokens)) if depths[j] == 0 and tokens[j].kind == "close"),
            None,
        )
        if end is None:
            continue
        marks[i] = marks[end] = True
        remark = not any(tokens[j].text == "=" for j in range(i + 1, end))
        for j in range(i + 1, end):
            depths[j] -= 1
            marks[j] = marks[j] or remark
    for i, depth in enumerate(depths):
        marks[i] = marks[i] and depth == 0


def _conditionals(tokens: Sequence[Token]) -> set[int]:
    """Return where `if`, `otherwise` and `and` are mathematics: on lines that compare something."""
    found: set[int] = set()
    if _CONDITIONAL.isdisjoint(token.text for token in tokens):
        return found
    line: list[int] = []
    for i, token in enumerate((*tokens, None)):
        if token is not None and not (token.kind == "sep" and token.text in ("\n", "$$")):
            line.append(i)
            continue
        compares = any(tokens[j].kind == "rel" and tokens[j].text in _INEQUALITIES for j in line)
        chooses = any(tokens[j].text in ("otherwise", "else") for j in line)
        if compares or chooses or any(_tells_case(tokens, j) for j in line[1:]):
            found |= {j for j in line if _is_keyword(tokens, j)}
        line = []
    return found


def _tells_case(tokens: Sequence[Token], at: int) -> bool:
    """Return whether `if y = 1` stands at `at`, behind a value."""
    marks = [token.text for token in tokens[at : at + 4]]
    value = tokens[at - 1].kind in ("word", "number", "close", "prime")
    return value and marks[0] in _OPENING and marks[2:3] == ["="] and marks[-1].isdigit()


def _logical(tokens: Sequence[Token], known: Callable[[Token, Token | None], bool]) -> set[int]:
    """Return where `and`, `or`, `not` join what is true, on lines that hold no other words.

    In small letters, and with sums or products beside them, they join two formulas.
    """
    found: set[int] = set()
    if _LOGICAL.isdisjoint(token.text.lower() for token in tokens):
        return found
    line: list[int] = []
    ends = [*tokens[1:], None]
    for i, token in enumerate((*tokens, Token("sep", "\n", 0, 0))):
        if token.kind != "sep" or token.text not in ("\n", "$$"):
            line.append(i)
            continue
        words = [j for j in line if tokens[j].kind in ("word", "text")]
        logic = [j for j in words if tokens[j].text.lower() in _LOGICAL]
        others = [j for j in words if j not in logic]
        joins = any(tokens[j].text.lower() != "not" for j in logic)
        large = all(tokens[j].text.isupper() for j in logic)
        counts = any(tokens[j].kind in ("op", "sup", "prime", "attr", "command") for j in line)
        ours = all(known(tokens[j], ends[j]) for j in others)
        equations = any(_starts_equation(tokens, j + 1) for j in logic)
        if joins and ours and (large or not counts) and not equations:
            found.update(logic)
        line = []
    return found


def _is_keyword(tokens: Sequence[Token], at: int) -> bool:
    word = tokens[at].text
    if tokens[at].kind != "word" or word not in _CONDITIONAL:
        return False
    return word not in ("and", "or") or not _starts_equation(tokens, at + 1)


def _starts_equation(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a name and an equals sign stand at `at`."""
    if at >= len(tokens) or tokens[at].kind not in ("word", "command"):
        return False
    depth = 0
    for token in tokens[at : at + 24]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and token.kind == "rel":
            return token.text in ("=", "-=", "+=")
        if depth == 0 and (token.kind in ("sep", "text") or token.text in "+*@"):
            return False
        if depth == 0 and token.kind == "word" and token.text in _OPENING:
            return False
    return False


def _segments(
    tokens: Sequence[Token], marks: Sequence[bool], depths: Sequence[int]
) -> Iterator[_Segment]:
    """Yield the runs of mathematics with the words that stand before each."""
    current: list[Token] = []
    words: list[str] = []
    pending: tuple[str, ...] = ()
    line, joined = 0, False
    choosing = False
    for i, token in enumerate(tokens):
        if marks[i]:
            if current:
                yield _Segment(tuple(current), pending, line, joined)
                current, joined = [], False
                words = []
            if prose.is_word(token):
                words.append(token.text.lower())
            continue
        boundary = depths[i] == 0 and token.kind == "sep"
        if boundary and token.text == "&":
            continue
        if boundary and not _continues(tokens, i, current, choosing):
            if current:
                yield _Segment(tuple(current), pending, line, joined)
                current, words, joined = [], [], False
            choosing = False
            joined = token.text in ("=>", ":") or (joined and token.text in ("\n", "$$"))
            line += token.text in ("\n", "$$", "\\\\")
            if token.text in (".", ";", "$$"):
                words = words if token.text == "$$" else []
            continue
        if boundary:
            if token.text in (",", ";", ":") and current:
                current.append(token)
            continue
        if not current:
            pending, words = tuple(words), []
        if token.kind == "word" and depths[i] == 0:
            choosing = (choosing or token.text in _OPENING) and token.text not in (
                "else",
                "otherwise",
            )
        current.append(token)
    if current:
        yield _Segment(tuple(current), pending, line, joined)
    elif words:
        yield _Segment((), tuple(words), line, False)


def _continues(tokens: Sequence[Token], at: int, current: Sequence[Token], choosing: bool) -> bool:
    """Return whether the formula goes on behind a line end or a comma."""
    token = tokens[at]
    after = _next(tokens, at)
    if not current or after is None:
        return False
    if token.text in ("\n", "$$") and _continues_display(tokens, at, current):
        return True
    if token.text == ":":
        return any(each.text == "?" for each in current)
    if token.text in (",", ";"):
        return choosing and not _starts_equation(tokens, at + 1)
    if token.text in ("\n", "\\\\"):
        last = current[-1]
        if last.kind in ("op", "rel", "sup", "sub") and last.text not in ("!", "%"):
            return True
        if after.kind == "op" and after.text in _CONTINUING:
            return not _is_list_item(tokens, at)
        if after.kind == "rel" and after.text in _INEQUALITIES:
            return True
        if after.kind == "op" and after.text == "-":
            return not _line_has_equation(tokens, at + 1)
        if token.text == "\n" and _is_broken(tokens, at, current):
            return True
        return choosing
    return False


_GAP = 8  # line ends between two displays


def _continues_display(tokens: Sequence[Token], at: int, current: Sequence[Token]) -> bool:
    """Return whether the next display begins with a sign, and goes on with this one's sum."""
    first = last = at
    while first and at - first < _GAP and tokens[first - 1].kind == "sep":
        first -= 1
    while last < len(tokens) and last - at < _GAP and tokens[last].kind == "sep":
        last += 1
    displays = [token.text for token in tokens[first:last]].count("$$")
    if displays < 2 or last + 1 >= len(tokens) or tokens[last].text not in ("+", "-"):
        return False
    operand = tokens[last + 1]
    plain = operand.kind != "text" and (operand.kind != "word" or len(operand.text) <= 5)
    equation = any(token.kind == "rel" and token.text == "=" for token in current)
    return equation and plain and not _line_has_equation(tokens, last)


# A line that only holds the rest of a formula is short.
_REST = 8


def _is_broken(tokens: Sequence[Token], at: int, current: Sequence[Token]) -> bool:
    """Return whether the next line is the last factor of an equation: `x^T` alone."""
    line: list[Token] = []
    for token in tokens[at + 1 :]:
        if token.kind == "sep" and token.text in ("\n", "$$", "\\\\"):
            break
        line.append(token)
    if (len(line) > 1 and line[1].text == "(") or [each.text for each in line] == [current[0].text]:
        return False
    equation = any(each.kind == "rel" and each.text == "=" for each in current)
    letters = all(each.kind in ("word", "sup", "sub", "open", "close", "prime") for each in line)
    return equation and letters and 0 < len(line) <= _REST and line[0].kind == "word"


def _is_list_item(tokens: Sequence[Token], at: int) -> bool:
    after = _next(tokens, at)
    return after is not None and after.text in "*+" and _line_has_equation(tokens, at + 1)


def _next(tokens: Sequence[Token], at: int) -> Token | None:
    for token in tokens[at + 1 :]:
        if not (token.kind == "sep" and token.text in ("&", "\n")):
            return token
    return None


def _line_has_equation(tokens: Sequence[Token], at: int) -> bool:
    depth = 0
    seen = False
    for token in tokens[at:]:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.kind == "sep" and token.text in ("\n", "\\\\", "$$"):
            if seen:
                return False
            continue
        if depth == 0 and token.kind == "rel" and token.text == "=":
            return seen
        seen = seen or token.kind in ("word", "command", "close")
    return False


def _add(statements: list[Statement], segment: _Segment, sizes: Collection[str]) -> None:
    """Put a segment behind the others: a statement of its own, or more of the last one."""
    statement = _statement(segment)
    last = statements[-1] if statements else None
    if last is not None and segment.before:
        last = statements[-1] = last._replace(after=segment.before)
    if not segment.tokens:
        return
    if last is not None and any(last.members) and remarks.is_shape(segment.tokens, sizes):
        statements[-1] = last._replace(shape=segment.tokens, after=())
        return
    if last is not None and any(last.members) and _goes_on(last, statement, segment):
        members = statement.members if statement.members[0] else statement.members[1:]
        statements[-1] = last._replace(
            members=last.members + members, shape=statement.shape or last.shape, after=()
        )
        return
    statements.append(statement)


def _goes_on(last: Statement, statement: Statement, segment: _Segment) -> bool:
    if statement.is_equation and not statement.members[0]:
        return True
    if statement.is_equation:
        return False
    if prose.equates(segment.before) or (_is_quantity(last) and prose.announces(segment.before)):
        return True
    if segment.joined and not segment.before:
        return last.is_equation or is_name(last.members[0])
    return False


def _is_quantity(statement: Statement) -> bool:
    """Return whether a statement is nothing but a derivative's name."""
    from grader.formula.notation import canonical_of

    return not statement.is_equation and "/" in canonical_of(statement.members[0])


def is_name(tokens: Slice) -> bool:
    """Return whether the tokens could be the left-hand side that a colon ends."""
    from grader.formula.notation import canonical_of

    return bool(canonical_of(tokens))


def _statement(segment: _Segment) -> Statement:
    members: list[list[Token]] = [[]]
    shape: Slice = ()
    sign = ""
    tokens = _stripped(segment.tokens)
    depth = 0
    conditional = False
    for i, token in enumerate(tokens):
        if token.kind in ("close", "end"):
            depth -= 1
        if depth == 0 and token.kind == "word" and token.text in _OPENING:
            conditional = True
        if depth == 0 and token.kind == "rel" and not conditional:
            if token.text == "in":
                shape = tuple(tokens[i + 1 :])
                break
            if token.text == "∝":
                raise Unreadable("'∝' leaves a factor open", position=token.start)
            if token.text in ("=", "->", "-=", "+=", "*=", "/="):
                sign = token.text[0] if len(token.text) == 2 and token.text != "->" else sign
                members.append([])
                continue
        members[-1].append(token)
        if token.kind in ("open", "begin"):
            depth += 1
    first = tokens[0] if tokens else None
    bullet = (
        first is not None
        and first.kind == "op"
        and first.text == "-"
        and len(tokens) > 1
        and tokens[1].spaced
    )
    return Statement(
        tuple(tuple(_trimmed(member)) for member in members),
        segment.before,
        (),
        sign,
        bullet,
        segment.line,
        shape,
    )


def _stripped(tokens: Slice) -> Slice:
    """Return the tokens without the stars of Markdown's emphasis and bullets."""
    while tokens and tokens[0].kind == "op" and tokens[0].text in ("**", "*", "+"):
        tokens = tokens[1:]
    while tokens and tokens[-1].kind == "op" and tokens[-1].text == "**":
        tokens = tokens[:-1]
    return tokens


def _trimmed(member: list[Token]) -> list[Token]:
    if member and member[0].text == "**":
        member = member[1:]
    if member and member[-1].text == "**":
        member = member[:-1]
    while member and member[-1].kind == "sep":
        member = member[:-1]
    while member and member[0].kind == "sep":
        member = member[1:]
    return member
