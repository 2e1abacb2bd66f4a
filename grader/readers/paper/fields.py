"""Tells the fields of an answer apart by what stands left of `=` or `:`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from grader import lazy
from grader.formula import spelling
from grader.model import Answer, Part, Place, Question
from grader.readers.paper.kept import per_question

# A longer text is an essay or junk; labels are looked for in this much of it.
_READ_CHARS = 60_000
_LABEL_CHARS = 120
_NESTING = 3  # fractions within fractions within fractions

_MOST_HITS = 200
_MOST_SIGNS = 2_000
_MOST_ROWS = 400


class Passage(NamedTuple):
    """A stretch of a student's text, with the line of the file that each of its lines had."""

    text: str
    file: str
    lines: Sequence[int]

    def answer(self, text: str, start: int) -> Answer:
        """Return `text`, which begins at `start` of this passage, as an answer."""
        index = self.text.count("\n", 0, start)
        line = self.lines[min(index, len(self.lines) - 1)] if self.lines else None
        return Answer(text, text, Place(self.file, line))


class Labels(NamedTuple):
    """The spellings under which a question's fields may stand, and a looser lookup."""

    exact: Mapping[str, str]
    loose: Mapping[str, str]  # without case, where that leaves them different

    def field(self, label: str) -> str | None:
        """Return the field that a label names, or None."""
        spelled = key(label)
        return self._lookup(spelled) or self._lookup(_without_arguments(spelled))

    def _lookup(self, spelled: str) -> str | None:
        return self.exact.get(spelled) or self.loose.get(spelled.casefold())


@per_question
def names(question: Question) -> Sequence[str]:
    """Return the names of a question's fields, in the order of its checks."""
    return tuple(question.fields)


@per_question
def labels(question: Question) -> Labels:
    """Return the labels of a question's fields."""
    exact: dict[str, str] = {}
    for name, others in question.fields.items():
        for label in (name, *others):
            exact.setdefault(key(label), name)
    for label, name in _usual(question):
        exact.setdefault(key(label), name)
    folded: dict[str, set[str]] = {}
    for spelled, name in exact.items():
        folded.setdefault(spelled.casefold(), set()).add(name)
    loose = {spelled: names.pop() for spelled, names in folded.items() if len(names) == 1}
    return Labels(exact, loose)


# What the only choice and the only text of a question are called, whatever the rubric calls them.
_CHOICE = ("verdict", "decision", "choice", "true/false", "t/f", "true or false", "yes/no")
_TEXT = (
    *("reason", "reasons", "reasoning", "explanation", "explain", "justification", "because"),
    *("why", "rationale", "begründung", "razón", "raison"),
)


def _usual(question: Question) -> Iterator[tuple[str, str]]:
    """Yield the usual labels of a verdict and its reason, as (label, field)."""
    by_kind: dict[str, list[str]] = {}
    for check in question.checks:
        by_kind.setdefault(check.kind, []).append(check.field)
    if {kind: len(names) for kind, names in by_kind.items()} == {"choice": 1, "text": 1}:
        yield from ((label, by_kind["choice"][0]) for label in _CHOICE)
        yield from ((label, by_kind["text"][0]) for label in _TEXT)


# --- spelling --------------------------------------------------------------------------------

_FRACTION = lazy.pattern(r"\\[dtc]?frac\s*(?:\{([^{}]*)\}|(\w))\s*(?:\{([^{}]*)\}|(\w))")
_ACCENT = lazy.pattern(rf"\\({'|'.join(spelling.ACCENTS)})\s*(?:\{{([^{{}}]*)\}}|(\\?[A-Za-z]+))")
_FONT = lazy.pattern(rf"\\(?:{'|'.join(map(re.escape, spelling.FONTS))})\s*\{{([^{{}}]*)\}}")
_COMMAND = lazy.pattern(r"\\([A-Za-z]+\*?|.)")
_SILENT = lazy.pattern(r"[\s{}_^$*`|&~\"-]+")
_SIGNS = {"∂": "d", "𝜕": "d", "∇": "nabla", "′": "'", "’": "'", "ⅆ": "d"}
_WORDS = {"partial": "d", "nabla": "nabla", "prime": "'", "cdot": "", "mid": ""}
_ARGUMENTS = lazy.pattern(r"\((?!\d+,\d+\))[^()]*\)$")  # A(1,2) is an entry


@lru_cache(maxsize=4096)
def key(label: str) -> str:
    """Return what all spellings of a label have in common.

    LaTeX, Unicode and keyboard spellings of one name have one key: `\\frac{\\partial L}{\\partial
    W}`, `∂L/∂W` and `dL/dW`; `\\hat{y}`, `ŷ` and `y_hat`; `h_{11}`, `h₁₁` and `h11`.
    """
    for _ in range(_NESTING if "\\" in label else 0):
        label = _ACCENT.sub(_accented, _FONT.sub(r"\1", label))
        label = _FRACTION.sub(r"\1\2/\3\4", label)
    label = _COMMAND.sub(_command, label)
    if not label.isascii():
        label = "".join(_letter(char) for char in unicodedata.normalize("NFKD", label))
    return _SILENT.sub("", label)


def _accented(found: re.Match[str]) -> str:
    return f"{found[2] or found[3]}{spelling.ACCENTS[found[1]]}"


def _command(found: re.Match[str]) -> str:
    name = found[1]
    if not name[0].isalpha() or name in spelling.FONTS or name in spelling.SILENT:
        return ""
    return _WORDS.get(name, name)


def _letter(char: str) -> str:
    if unicodedata.combining(char):
        return spelling.COMBINING.get(char, "")
    return _SIGNS.get(char) or spelling.GREEK.get(char, char)


def _without_arguments(spelled: str) -> str:
    """Return the name of what is written as a function: `f11(x1)` is `f11`."""
    return _ARGUMENTS.sub("", spelled)


# --- finding labels --------------------------------------------------------------------------

_TOKEN = lazy.pattern(
    r"""
      (?P<wall>\n|\\\\|\$\$?|\\[][()]|\\q?quad\b|\\(?:begin|end)\{[a-z]+\*?\}|\\f?box(?:ed)?\{|[,;|]|&(?!\s*=)
        |[.!?](?=\s)|\b(?:and|where|with|und|et)\b)
    | (?P<sign>:=|≔|←|<-|\\(?:leftarrow|gets|coloneqq)\b|(?<![<>!=])[=＝](?![=>])|[:：])
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    """,
    re.VERBOSE,
)
_SIGN = lazy.pattern(r"[=＝:：≔←]|<-|\\(?:left|gets|colon)")
_ENUMERATOR = r"(?:[-*+•‣◦]|\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})[.)])[ \t]+"
_LEAD = lazy.pattern(
    rf"[ \t>]*(?:{_ENUMERATOR}){{0,3}}(?P<mark>[*_`]{{0,3}})[ \t]*(?:\$\$?|\\[\[(])?[ \t]*"
)


# "hence A = ...", "we get the matrix A = ...", but not "det A = ...".
_AFTER_WORDS = lazy.pattern(
    r"[ \t]*(?:(?!(?:det|tr|rank|dim|log|ln|exp|diag|max|min|grad|vec|inv)\b)"
    r"[^\W\d_]{2,20}[ \t]+){1,8}"
)


class Hit(NamedTuple):
    """A label that was found: its field, where it begins, and where its value does."""

    field: str
    start: int
    value: int
    is_equation: bool
    begins_line: bool = True
    mark: str = ""  # the emphasis that opens before the label
    is_chained: bool = False  # in `A = B = ...` the label B, whose value is A's as well


def hits(text: str, known: Labels) -> Iterator[Hit]:
    """Yield the labels of a text: at the start of a line, or between commas on one line."""
    finder = _Finder(text, known)
    signs = 0
    before: Hit | None = None
    for token in _TOKEN.finditer(text, 0, min(len(text), _READ_CHARS)):
        if token.lastgroup == "sign":
            signs += 1
            hit = finder.chained(token, before) or finder.hit(token)
            if hit is not None:
                before = hit
                yield hit
        else:
            finder.pass_by(token)
        if signs > _MOST_SIGNS:
            return


class _Finder:
    """Goes through a text and knows where the label would begin that a sign may end."""

    def __init__(self, text: str, known: Labels) -> None:
        self.text = text
        self.known = known
        self.depth = 0
        self.wall = 0, 0  # what a label stands behind, from and to
        self.last_wall = 0, 0

    def pass_by(self, token: re.Match[str]) -> None:
        """Take note of a bracket, or of what separates one thing from the next."""
        if token.lastgroup == "open":
            self.depth += 1
        elif token.lastgroup == "close":
            self.depth = max(0, self.depth - 1)
        elif self.depth == 0 or token[0] == "\n":
            if self.text.startswith("\n\n", token.start()):
                self.depth = 0  # a bracket that is never closed ends with its paragraph
            self.last_wall, self.wall = self.wall, token.span()

    def hit(self, sign: re.Match[str]) -> Hit | None:
        """Return the label that ends at a sign, or None where there is none."""
        from_, start = self.wall
        if not self.text[start : sign.start()].strip() and self.text[from_:start] in ("$", "$$"):
            from_, start = self.last_wall  # $A$ = ...
        if sign.start() - start > _LABEL_CHARS:
            return None
        line = self.text.rfind("\n", 0, start) + 1
        lead = _LEAD.match(self.text, line)
        begins_line = lead is not None and start <= lead.end()
        name = max(start, lead.end()) if lead and begins_line else start
        is_equation = sign[0] not in (":", "：")
        label = self.text[name : sign.start()]
        field = self.known.field(label)
        if field is None and is_equation and (words := _AFTER_WORDS.match(label)):
            field = self.known.field(label[words.end() :])
        if field is None or (self.depth and not begins_line):
            return None
        self.depth = 0
        # Of `W -= g` the whole is kept: the right side alone is not what W becomes.
        is_update = sign[0] == "=" and self.text[sign.start() - 1] in "+-*/"
        return Hit(
            field,
            line if begins_line else self._without_opener(start),
            name if is_update else sign.end(),
            is_equation,
            begins_line,
            lead["mark"] if lead and begins_line else "",
        )

    def chained(self, sign: re.Match[str], before: Hit | None) -> Hit | None:
        """Return the second label of `A = B = ...`, which ends at a sign."""
        if before is None or not before.is_equation or sign.start() - before.value > _LABEL_CHARS:
            return None
        label = self.text[before.value : sign.start()]
        field = None if "\n" in label else self.known.field(label)
        if field is None:
            return None
        return Hit(field, before.value, sign.end(), True, is_chained=True)

    def _without_opener(self, start: int) -> int:
        """Return where an inline label begins: before the signs that open its formula."""
        before = self.text[max(0, start - _OPENER_CHARS) : start]
        opener = _OPENER.search(before)
        return start - (len(before) - opener.start()) if opener else start


_OPENER_CHARS = 24
_OPENER = lazy.pattern(r"(?:\$\$?|\\[(\[]|\\f?box(?:ed)?\{|[ \t])+\Z")


# --- values ----------------------------------------------------------------------------------

_FENCE = lazy.pattern(r"(`{3,}|~{3,})[^\n`]*\n")
_BARE = lazy.pattern(
    rf"[ \t]*+(?:{_ENUMERATOR})?(?P<mark>[*_]{{0,3}})"
    r"(?:(?:my|final)[ \t]+)?"
    r"(?:answers?|ans|solution|sol|response|réponse|antwort|lösung|respuesta)\b"
    r"[*_]{0,3}[ \t]*[:：](?:(?P=mark))?",
    re.IGNORECASE,
)
_SEPARATORS = (
    *("\\\\", "\\quad", "\\qquad", "\\;", "\\,", "\\!", "\\:"),
    *("\\text{and}", "\\text{ and }", " and", " und", " et"),
)
_CLOSERS = (("$$", "$$"), ("$", "$"), ("\\[", "\\]"), ("\\(", "\\)"))
_END = lazy.pattern(r"\\end\{([a-z]{1,12}\*?)\}\Z")


def split(passage: Passage, question: Question) -> Part:
    """Return the whole of an answer and the fields told apart in it.

    A field that is labelled with `:` in several places is joined; of several equations with the
    same left side the last stands. A label without a value is no answer.
    """
    known = names(question)
    label = _BARE.match(passage.text) if _says_answer(passage.text) else None
    single = len(known) == 1
    if label and not single and "answer" not in known:
        return split(_from(passage, label.end()), question)
    passage = _redrawn(_without_braces(passage))
    signs = _SIGN.search(passage.text)
    found = list(islice(hits(passage.text, labels(question)), _MOST_HITS)) if signs else []
    told = _told(passage, found, only_equations=bool(label and single))
    told |= {} if single else _spaced(passage, question, told)
    before = passage.text[: found[0].start] if found else passage.text
    body = None
    if label and single:
        hit = Hit("", 0, label.end(), False, mark=label["mark"])
        body = _value(passage, hit, len(passage.text))
    elif told or before.strip():
        body = _value(passage, Hit("", 0, 0, False), len(passage.text))
    return Part(body, {name: told[name] for name in known if name in told})


# How the words for an answer begin; what begins with none of them needs no second look.
_ANSWERS = ("ans", "antw", "sol", "resp", "rép", "lös")


def _says_answer(text: str) -> bool:
    """Return whether a text may begin with a word for an answer, as `_BARE` has it."""
    start = text.partition("\n")[0].casefold()
    return any(word in start for word in _ANSWERS)


def _without_braces(passage: Passage) -> Passage:
    """Return `{A: 1, B: 2}` without its braces, everything else where it was."""
    text = passage.text.rstrip()
    start = len(text) - len(text.lstrip())
    if text.startswith("{", start) and text.endswith("}") and text.find("}") == len(text) - 1:
        bare = f"{text[:start]} {text[start + 1 : -1]} "
        return Passage(bare, passage.file, passage.lines)
    return passage


_NUMBERS_ROW = r"[ \t]*[|\[(⎡-⎦][-+−\d.,/ \t]{1,200}[|\])⎡-⎦][ \t]*"
_DRAWN = lazy.pattern(
    rf"^(?P<above>(?:{_NUMBERS_ROW}\n){{1,8}})"
    rf"(?P<name>[ \t]*[^\s=|\[(\d][^=|\[(\n]{{0,24}}=)(?P<row>{_NUMBERS_ROW})$",
    re.MULTILINE,
)
_BEGUN = lazy.pattern(rf"(?:={_NUMBERS_ROW}\n|[=:(\[{{][ \t]*\n\s*)\Z")


def _redrawn(passage: Passage) -> Passage:
    """Return a passage whose drawn matrices have their names in front of the first row."""
    if "=" not in passage.text or len(passage.text) > _READ_CHARS:
        return passage
    return passage._replace(text=_DRAWN.sub(_named_first, passage.text))


def _named_first(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - _LABEL_CHARS) : found.start()]
    if _BEGUN.search(before):
        return found[0]  # the rows above are those of the matrix before
    return f"{found['name']} {found['above'].lstrip()}{found['row']}"


def _from(passage: Passage, start: int) -> Passage:
    skipped = passage.text.count("\n", 0, start)
    return Passage(passage.text[start:], passage.file, passage.lines[skipped:])


def _told(passage: Passage, found: Sequence[Hit], *, only_equations: bool) -> dict[str, Answer]:
    joined: dict[str, list[Answer]] = {}
    equations: dict[str, Answer] = {}
    for hit, answer in zip(found, _values(passage, found), strict=True):
        if answer is not None and hit.is_equation:
            equations[hit.field] = answer
        elif answer is not None and not only_equations:
            joined.setdefault(hit.field, []).append(answer)
    return {name: _join(answers) for name, answers in joined.items()} | equations


# `mean 0.5, var sqrt(1/20) = 0.2236`, also where some have a sign and some have none
_CLAUSE = lazy.pattern(
    r"(?:the[ \t]+)?(?P<name>[^\W\d_][^\s=:,;]{1,40}?)(?:[ \t]*[=:≈][ \t]*|[ \t]+(?:is|of)?[ \t]*)"
    r"(?P<value>(?:\$|√|sqrt|[-+−(.]|\\[d]?frac|\\sqrt){0,3}[ \t]*[\d({].*)"
)
_BETWEEN = lazy.pattern(r"(?:[,;]|[ \t]and|[ \t]und)(?=[ \t]+[^\W\d_]{2})|\n")
_MOST_CLAUSES = 20


def _spaced(
    passage: Passage, question: Question, told: Mapping[str, Answer]
) -> Mapping[str, Answer]:
    """Return the fields of a text that only lists them all, each before its number."""
    text = passage.text[: _LABEL_CHARS * _MOST_CLAUSES]
    if len(text) < len(passage.text) or len(told) == len(names(question)):
        return {}
    found: dict[str, Answer] = {}
    for start, end in _clauses(text):
        clause = _CLAUSE.fullmatch(text, start, end)
        field = labels(question).field(clause["name"]) if clause else None
        if clause is None or field is None or field in found:
            return {}
        found[field] = passage.answer(clause["value"].rstrip(" \t."), clause.start("value"))
    return found if len(found) == len(names(question)) else {}


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where the clauses of a list stand."""
    start = 0
    for end, following in [*(each.span() for each in _BETWEEN.finditer(text)), (len(text),) * 2]:
        clause = text[start:end]
        if clause.strip():
            begin = start + len(clause) - len(clause.lstrip())
            yield begin, begin + len(clause.strip())
        start = following


def _values(passage: Passage, found: Sequence[Hit]) -> list[Answer | None]:
    """Return what each label stands before; two of one chain stand before the same."""
    values: list[Answer | None] = []
    following: Hit | None = None
    for hit in reversed(found):
        answer = _value(passage, hit, following.start if following else len(passage.text))
        if answer is not None and following and not following.begins_line:
            answer = _without_comma(answer)
        if following and following.is_chained:
            answer = values[-1]
        values.append(answer)
        following = hit
    return values[::-1]


def _without_comma(answer: Answer) -> Answer:
    text = answer.text.rstrip(" \t\n,;").removesuffix(" and").rstrip()
    return Answer(text, text, answer.place)


def _value(passage: Passage, hit: Hit, end: int) -> Answer | None:
    raw = passage.text[hit.value : end]
    text = _equation(_first_statement(raw)) if hit.is_equation else raw.strip()
    if hit.mark:
        text = _without_mark(text, hit.mark)
    start = hit.value + len(raw) - len(raw.lstrip())
    if (inside := _unfenced(text)) is not None:
        text = inside
        start = passage.text.index("\n", start) + 1
    return passage.answer(text, start) if text.strip() else None


def _unfenced(text: str) -> str | None:
    """Return what stands in a code block, where the text is one and nothing else."""
    fence = _FENCE.match(text)
    if fence is None:
        return None
    lines = text[fence.end() :].split("\n")
    closing = [index for index, line in enumerate(lines) if _closes(line, fence[1])]
    return "\n".join(lines[:-1]) if closing == [len(lines) - 1] else None


def _closes(line: str, fence: str) -> bool:
    line = line.strip()
    return line.startswith(fence) and not line.strip(fence[0])


def _without_mark(text: str, mark: str) -> str:
    """Return a value without the end of an emphasis that opened before its label."""
    if text.startswith(mark):
        return text[len(mark) :].lstrip()
    if text.endswith(mark) and text.count(mark) % 2:
        return text[: -len(mark)].rstrip()
    return text


# With these a line goes on with the formula before it, or is a row of its matrix.
_GOES_ON = lazy.pattern(
    r"[ \t]*(?:[=≈+*/·×|&)\]}^_$]|\\(?:approx|cdot|times|frac|begin|end|left|right|\\|\])"
    r"|-(?![ \t]+[^\W\d_]{2})|[-\d.,;+ \te&\\]+$|[\[(⎡-⎦][-\d.,;+ \te/]+[\])⎡-⎦][,;]?[ \t]*$)"
)
_UNFINISHED = lazy.pattern(r"(?:[=+*/·×(\[{,&-]|\\\\)[ \t]*\Z")


def _first_statement(raw: str) -> str:
    """Return an equation's right side up to where prose follows it."""
    lines = [line for line in raw.lstrip().split("\n", _MOST_ROWS) if line.strip()]
    depth = 0
    for index, line in enumerate(lines):
        depth += sum(map(line.count, _OPENING)) - sum(map(line.count, _CLOSING))
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if depth <= 0 and not _UNFINISHED.search(line) and not _GOES_ON.match(following):
            return "\n".join(lines[: index + 1])
    return raw


_OPENING = ("(", "[", "{", "\\begin")
_CLOSING = (")", "]", "}", "\\end")


def _equation(raw: str) -> str:
    """Return the right side of an equation without what separates it from the next."""
    text = raw.strip()
    for _ in range(8):  # more separators do not follow each other
        shorter = text.rstrip(" \t\n,;&")
        if shorter.endswith("|") and shorter.count("|") % 2:
            shorter = shorter[:-1]
        if shorter.endswith(("$.", ").", "].", "}.")):
            shorter = shorter[:-1]
        for separator in _SEPARATORS:
            shorter = shorter.removesuffix(separator)
        shorter = _without_closer(shorter)
        if shorter == text:
            break
        text = shorter
    return text


def _without_closer(text: str) -> str:
    """Return a formula without an end that was opened before its label."""
    lines = text.split("\n")
    while len(lines) > 1 and lines[-1].strip() in ("$$", "\\[", "\\]", ""):
        lines.pop()
    text = "\n".join(lines)
    for opener, closer in _CLOSERS:
        if opener != closer:
            unbalanced = text.count(closer) > text.count(opener)
        else:
            others = 2 * text.count("$$") if opener == "$" else 0
            unbalanced = (text.count(closer) - others) % 2 == 1
        if unbalanced and text.endswith(closer):
            return text[: -len(closer)].rstrip()
        if unbalanced and text.startswith(opener):
            return text[len(opener) :].lstrip()
        if unbalanced and opener == closer:
            return opener + text  # it closes in the middle: "$c = 1$, as shown"
    for opener, closer in ("{}", "()", "[]"):  # of \boxed{A = ...}, (A = ...)
        if text.endswith(closer) and text.count(closer) > text.count(opener):
            return text[:-1].rstrip()
    end = _END.search(text, max(0, len(text) - 24))
    if end and text.count(f"\\begin{{{end[1]}}}") < text.count(end[0]):
        return text[: end.start()].rstrip()
    return text


def _join(answers: list[Answer]) -> Answer:
    text = "\n".join(answer.text for answer in answers)
    return Answer(text, text, answers[0].place)
