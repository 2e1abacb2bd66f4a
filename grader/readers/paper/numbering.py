"""Question numbers as people write them, read against the ids of a rubric."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.model import Rubric

_ID = lazy.pattern(r"([A-Za-z]*)(\d+)[._-]?(.*)")

# The words before a number that announce a question, besides the letters of the rubric's ids.
_WORDS = """
questions? quest ques qn qu q problems? prob pb exercises? ex exo tasks? items? answers? ans
solutions? sol aufgabe frage übung exercice problème pregunta problema ejercicio esercizio
domanda opgave vraag questão вопрос задача задание 第 問題 问题 题目 問 题 que ejerc aufg
문제 문항 zadanie pytanie úloha otázka feladat soru uppgift fråga tehtävä câu bài soal θέμα άσκηση
питання завдання
"""
# Where one of these follows a number, a sentence goes on: "Q2 is like Q1".
_GOES_ON = lazy.pattern(
    r"(?:is|was|are|were|asks?|asked|says?|said|states?|has|had|and|or|to|in|of|on|at|from|for|with"
    r"|above|below|shows?|that|which|but|does|did|can|could|will|would|should|also|about|we|you|it"
    r"|then|again|except|contains?|requires?|wants?|uses?|used|seems?|refers?|gives?|gave)\b"
)
_PART_WORD = (
    r"(?:sub-?question|subpart|sub-?task|sub|part|partie|parte|teil(?:aufgabe)?|inciso|apartado"
    r"|literal|пункт|часть|item|alinéa|alínea|lettre|letra|ad|小题|小問|小问)"
)
# What a sheet is called, in front of the number of a question: `HW1 Q1.2`, `Midterm, question 3`.
_SHEET = lazy.pattern(
    r"(?P<mark>[*_`]{0,3})[\[(]?(?:hw|home-?work|assignment|(?:problem|exercise)[ -]s(?:et|heet)"
    r"|pset|ps|mid-?term|exam|final[ \t]+exam|quiz|test|lab|hausaufgabe|übungsblatt|blatt|hausübung"
    r"|devoir|tp|td|tarea|hoja|examen|klausur|作业|作業|期中)(?:[ \t]{1,4}exam)?[ \t]{0,4}"
    r"(?:no\.?[ \t]{0,4})?[#-]?\d{0,2}[\])]?[ \t:,;.–—|/-]{0,8}(?=[^\W\d_])",
    re.IGNORECASE,
)
_PART = r"(?P<part>[A-Za-z]|[ivxIVX]{2,4}|\d{1,2})"
_MARK = r"(?P<mark>[*_`]{0,3})[ \t]*"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_IN_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
_CHINESE = "一二三四五六七八九十"
# A number in words is one where nothing goes on behind it: "Question I found hard" has none.
_SPELLED = rf"(?:(?-i:[IVX]{{1,4}}|l)|{'|'.join(_IN_WORDS)})(?=[ \t]*(?:$|[.:)(*_,;–—-]))"


class Head(NamedTuple):
    """A numbered question: an id of its own, or parts with ids, or both."""

    prefix: str
    number: int
    own: str | None
    parts: Sequence[str]
    ids: Sequence[str]

    @property
    def is_lettered(self) -> bool:
        """Whether the ids themselves name the parts by letters."""
        return any(part.isalpha() for part in self.parts)

    def readings(self, written: str) -> Iterator[tuple[str, int]]:
        """Yield which part may be meant, as (family of numbering, index): (i) may be one or i."""
        written = written.lower()
        if written in self.parts:
            yield ("letter" if written.isalpha() else "digit"), self.parts.index(written)
        elif written.isdigit() and self.is_lettered and 1 <= int(written) <= len(self.parts):
            yield "digit", int(written) - 1
        elif len(written) == 1 and "a" <= written <= "z" and not self.is_lettered:
            index = ord(written) - ord("a")
            if index < len(self.parts):
                yield "letter", index
        if written in _ROMAN and _ROMAN.index(written) < len(self.parts):
            yield "roman", _ROMAN.index(written)

    def part(self, written: str) -> int | None:
        """Return the index of the part that is most likely meant, or None."""
        return next((index for _, index in self.readings(written)), None)


UNKNOWN = -1


class HeadLabel(NamedTuple):
    """The number of a question at the start of a line; `head` is None where there is no such.

    `part` is the index of the part that is named with it, and UNKNOWN where there is no such.
    """

    head: Head | None
    part: int | None
    form: str
    rest: str  # what follows on the line
    written: str

    @property
    def is_weak(self) -> bool:
        """Whether only others like it make this a label."""
        return self.form.startswith("~")


class PartLabel(NamedTuple):
    """The label of a part at the start of a line, in one of its readings."""

    family: str
    part: int
    form: str
    rest: str


class Numbering(NamedTuple):
    """The questions of a rubric by number."""

    heads: Sequence[Head]
    literal: re.Pattern[str]
    worded: re.Pattern[str]
    inline: re.Pattern[str]  # matches nothing, where a label may begin within a line
    ids: Mapping[str, str]  # by their small letters
    places: Mapping[str, tuple[Head, int | None]]  # of the ids, also by their small letters

    def head(self, word: str, number: int) -> Head | None:
        """Return the question with a number; its word decides where several share the number."""
        same = [head for head in self.heads if head.number == number]
        for head in same:
            if head.prefix and word.lower().startswith(head.prefix):
                return head
        return same[0] if same else None

    def worded_label(self, body: str) -> HeadLabel | None:
        """Return the label that a line begins with, such as `Question 2 (a)` or `q2.a`."""
        if not _SOME_NUMBER.match(body) and not _SOME_WORD.match(body):
            return None
        if (sheet := _SHEET.match(body)) is not None:
            body = sheet["mark"] + body[sheet.end() :]
        if (found := self.literal.match(body)) is not None:
            head, part = self.places[found["id"].lower()]
            if part is None and not _may_follow(body[found.end() :]):
                return None
            rest = _rest(body, found.end(), found["mark"])
            return HeadLabel(head, part, "word", rest, body[: found.end()].strip())
        return self._worded_label(body)

    def _worded_label(self, body: str) -> HeadLabel | None:
        found = self.worded.match(body)
        if found is None or not (found["word"] or found["lead"] or found["answer"]):
            return None
        if found["word"] and _ANSWER_LABEL.fullmatch(
            body, found.start("word"), found.start("number")
        ):
            return None
        number = _number(found["number"])
        head = self.head(found["word"] or "", number) if number else None
        part, end = _part_after(body, found.end(), head)
        if part is None and (_DECIMAL.match(body, end) or not _may_follow(body[end:])):
            return None
        if found["lead"] and not _ANNOUNCED.match(body, end):
            return None  # "For question 2 we need", not "For question 2:"
        return HeadLabel(head, part, "word", _rest(body, end, found["mark"]), body[:end].strip())

    def bare_label(self, body: str, *, heading: bool) -> HeadLabel | None:
        """Return the label that a line begins with, such as `2.`, `(2)`, `2a` or `2.1`.

        The form of one that only others like it make a label begins with `~`: `2 - `, `2.1 ` where
        the parts have letters, `II.`, a number alone on its line.
        """
        found = _BARE.match(body) or _BARE_ROMAN.match(body)
        if found is None:
            return None
        number = _number(found["number"])
        head = self.head("", number) if number else None
        part, end = _part_after(body, found.end(), head)
        if part == UNKNOWN:
            return None
        closed = _CLOSERS.match(body, end)
        end = closed.end() if closed else end
        if not _BOUNDARY.match(body, end):
            return None
        weak = _weak(body, found, end, part, heading=heading)
        if weak is None:
            return None
        if heading and weak not in ("M", "."):
            weak = ""
        if weak == "." and head and not head.is_lettered:
            weak = ""
        sign = f"~{weak}" if weak else ""
        closer = re.sub(r"[(\[]\d.*", "(marks)", closed[0].strip()) if closed else ""
        form = f"{sign}{found['open']}#{'p' if part is not None else ''}{closer}"
        return HeadLabel(head, part, form, _rest(body, end, found["mark"]), body[:end].strip())

    def order(self, label: HeadLabel) -> tuple[int, int]:
        """Return the place of a label among the questions and their parts."""
        at = self.heads.index(label.head) if label.head in self.heads else UNKNOWN
        return at, UNKNOWN if label.part is None else label.part


def _weak(
    body: str, found: re.Match[str], end: int, part: int | None, *, heading: bool
) -> str | None:
    """Return what makes a label weak, an empty text where it is none, None where it is no label."""
    is_closed = body[end - 1] in ").:]"
    if not found["number"].isdecimal():
        is_alone = heading and not body[end:].strip(" \t*_`")
        return "M" if is_closed or is_alone or part is not None else None
    if part is not None and _DECIMAL.match(body, found.end()):
        return "."
    if is_closed or found["open"] == "#":
        return ""
    if found["mark"] and body.startswith(found["mark"], end):
        return "*" if part is None else ""
    if (arrow := _ARROW.match(body, end)) is not None:
        return arrow[0].strip()
    if _OPERATOR.match(body, end):
        return None
    if part is not None:
        return ""
    return "$" if not body[end:].strip(" \t*_`") else " "


def _number(written: str) -> int:
    """Return a number that is written in digits, in Roman ones or as a word; 0 for no number."""
    if written.isdecimal():
        return int(written)
    if written in _CHINESE or written == "l":
        return _CHINESE.find(written) + 1 or 1  # scanners take 1 for l
    for names in (_ROMAN, _IN_WORDS):
        if written.lower() in names:
            return names.index(written.lower()) + 1
    return 0


_PLACES = (
    *(
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
    ),
)


def counted(written: str) -> int:
    """Return a number in digits, in Roman ones, or in words for it or its place; 0 for none."""
    return _PLACES.index(written) + 1 if written in _PLACES else _number(written)


def goes_on(text: str) -> bool:
    """Return whether a text goes on as a sentence does behind what it speaks of."""
    return _GOES_ON.match(text.lstrip(" \t")) is not None


def numbering(rubric: Rubric) -> Numbering:
    """Return the questions of a rubric by number."""
    return _numbering(tuple(question.id for question in rubric.questions))


@lru_cache(maxsize=16)
def _numbering(names: tuple[str, ...]) -> Numbering:
    grouped: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for name in names:
        found = _ID.fullmatch(name)
        if found:
            group = grouped.setdefault((found[1].lower(), int(found[2])), [])
            group.append((found[3].lower(), name))
    heads = tuple(_head(*key, members) for key, members in grouped.items())
    prefixes = {re.escape(head.prefix) for head in heads if head.prefix}
    words = "|".join(sorted({*_WORDS.split(), *prefixes}, key=len, reverse=True))
    words += r"|a(?=\d{1,2}(?:[a-z]\b|[a-z]?[.:)]))"  # A2: is an answer, "a 2x2 matrix" is none
    ids = (id_ for head in heads for id_ in (head.own, *head.ids) if id_)
    literal = "|".join(sorted(map(re.escape, ids), key=len, reverse=True))
    return Numbering(
        heads,
        lazy.pattern(_LITERAL.format(ids=literal or r"(?!)"), re.IGNORECASE),
        lazy.pattern(_WORDED.format(words=words), re.IGNORECASE),
        lazy.pattern(_INLINE_HEAD.format(words=words), re.IGNORECASE),
        {name.lower(): name for name in reversed(names)},
        {id_.lower(): place for head in reversed(heads) for id_, place in _places(head)},
    )


def _places(head: Head) -> Iterator[tuple[str, tuple[Head, int | None]]]:
    yield from ((id_, (head, part)) for part, id_ in reversed([*enumerate(head.ids)]))
    if head.own is not None:
        yield head.own, (head, None)


def _head(prefix: str, number: int, members: list[tuple[str, str]]) -> Head:
    own = next((id_ for part, id_ in members if not part), None)
    parts = [(part, id_) for part, id_ in members if part]
    labels = tuple(part for part, _ in parts)
    return Head(prefix, number, own, labels, tuple(id_ for _, id_ in parts))


_LITERAL = _MARK.replace("{0,3}", "{{0,3}}") + r"(?P<id>{ids})(?![^\W_]|[.][^\W_])"
_ANSWER = r"(?:answers?|ans|solutions?|sol|antwort|réponse|respuesta)"
_WORDED = (
    r"(?:[^\w\s\x00-\x7f]{{1,3}}[ \t]+)?"
    + _MARK
    + r"[\[(]?(?P<lead>(?:(?:for|regarding|concerning|about|re|as[ \t]+(?:for|to)|on|to)[ \t:]+)"
    r"(?:the[ \t]+)?)?(?P<answer>(?:(?:my|our|the|final)[ \t]+)?" + _ANSWER + r"\.?[ \t]*"
    r"(?:to|for|of|on|zu|à|a[ \t]+la)[ \t]+(?:the[ \t]+)?)?"
    rf"(?:(?P<word>{{words}})(?:(?![^\W\d_])|(?=[lI](?![^\W_])|[{_CHINESE}]))|(?<=[ \t])(?=\d))"
    r"\.?[ \t]*"
    r"(?:(?:no|nr|num|number|n[°º])\.?[ \t]*|[#№][ \t]*)?[-.:_]?[ \t]*"
    rf"(?P<number>\d{{{{1,3}}}}(?!\d)|[{_CHINESE}]|"
    + _SPELLED.replace("{", "{{").replace("}", "}}")
    + ")"
    r"[题題問问]?"
).replace("{0,3}", "{{0,3}}")
_INLINE_HEAD = (
    r"(?<=[ \t,;|/])(?=[*_(\[]{{0,3}}(?:(?:{words})(?![^\W\d_])\.?[ \t#]*[-.:_]?)?"
    r"\d{{1,2}}[ \t]?[-.:)(\]a-zA-Z])"
)
_BARE = lazy.pattern(_MARK + r"(?P<open>(?:[(\[#]|N[or°º]\.?)?)[ \t]*(?P<number>\d{1,2})(?!\d)")
_BARE_ROMAN = lazy.pattern(
    _MARK + rf"(?P<open>[(\[]?)(?P<number>[IVX]{{1,4}}(?![A-Za-z0-9'’])|[{_CHINESE}](?=[)\]、.．]))"
)
# A label may be closed by the marks of its question.
_CLOSERS = lazy.pattern(
    r"[ \t.:)]*[(\[]\d{1,3}[ \t]*(?:p(?:oin)?ts?|marks?)\.?[)\]][.:]?|[ \t]*\\?[).:\]]+",
    re.IGNORECASE,
)
_OPERATOR = lazy.pattern(r"[ \t]*[-+*/=^%<>·×]")
_ARROW = lazy.pattern(r"[ \t]*(?:[-=]+>|→|⇒|=)[ \t]+|[ \t]+[-–—][ \t]+")
_SIGN = lazy.pattern(r"[ \t]*[=^]")
_DECIMAL = lazy.pattern(r"[.,]\d")
_BOUNDARY = lazy.pattern(r"$|[ \t*_`$]|(?<=[)\]])")
_ANNOUNCED = lazy.pattern(r"[ \t*_]*(?:$|[:,;–—-])|(?<=[):])")

# "Answer: 2" gives an answer, "Answer 2:" a number.
_ANSWER_LABEL = lazy.pattern(r"(?:answers?|ans|solutions?|sol)\b[^\d]*[:=][^\d]*", re.IGNORECASE)
# What begins otherwise is no label; most lines of most sheets are told by this.
_SOME_NUMBER = lazy.pattern(r"[^\d]{1,40}\d")
_SOME_WORD = lazy.pattern(
    rf"[*_` \t]*(?:(?:[^\W\d_]{{2,12}}\.?[ \t]+|Q\.?[ \t]?){_SPELLED}"
    rf"|[^\W\d_]{{1,3}}[ \t]?[{_CHINESE}])",
    re.IGNORECASE,
)
_SOME_PART = lazy.pattern(
    rf"[*_`\\(\[ \t]*(?:(?:[A-Za-z]|[ivxIVX]{{2,4}}|\d{{1,2}})\b|{_PART_WORD}\b)", re.I
)

# How a part is written behind the number of its question.
_AFTER = tuple(
    lazy.pattern(pattern, re.IGNORECASE)
    for pattern in (
        rf"[.\-_:/]?{_PART}(?![A-Za-z0-9]|\.\d)[).:\]]*",
        rf"[ \t.,:;)–—-]*(?:{_PART_WORD}[ \t]*)?[(\[][ \t]*{_PART}[ \t]*[)\]](?!\()",
        rf"[ \t.,:;)–—-]+{_PART}(?:\)|(?<!\d)[.:](?=[ \t]|$))",
        rf"[ \t.,:;–—-]*{_PART_WORD}[ \t]*{_PART}(?![A-Za-z0-9])",
        rf"[ \t,]+{_PART}(?=[ \t*_`]*$)",
    )
)


def _part_after(body: str, position: int, head: Head | None) -> tuple[int | None, int]:
    """Return the part that is written behind a number, and where the label ends."""
    for pattern in _AFTER:
        found = pattern.match(body, position)
        if found is None:
            continue
        if head is not None and (index := head.part(found["part"])) is not None:
            return index, found.end()
        is_letter = len(found["part"]) == 1 and found["part"].isalpha()
        if pattern is _AFTER[0] and is_letter and not _SIGN.match(body, found.end()):
            # Q3a where Q3 has no parts is Q3; Q1e where Q1 ends with (d) is nothing.
            return (UNKNOWN if head and head.parts else None), found.end()
    return None, position


def _may_follow(rest: str) -> bool:
    """Return whether a text may follow the number of a question: no sentence goes on there."""
    following = rest.lstrip(" \t")
    if following == rest:
        return not rest[:1].isalnum()
    return _GOES_ON.match(following) is None


_SEPARATORS = lazy.pattern(
    r"[ \t]*(?:(?:[:)\]：]+|\.+(?!\d))[ \t]*)*(?:(?:[-–—]|[-=]>|→)(?:[ \t]+|$)|[=,;|][ \t]*)?"
)


def _rest(body: str, end: int, mark: str) -> str:
    """Return what follows a label, with an emphasis that goes on behind it opened again."""
    rest = _without_separators(body[end:])
    if not mark:
        return rest
    if rest.startswith(mark):
        return _without_separators(rest[len(mark) :])
    return mark + rest if rest.count(mark) % 2 else rest


def _without_separators(text: str) -> str:
    found = _SEPARATORS.match(text)
    return text[found.end() :] if found else text


# --- parts -----------------------------------------------------------------------------------

_BRACKETED = lazy.pattern(_MARK + rf"\\?[(\[][ \t]*{_PART}[ \t]*\\?[)\]](?=$|[ \t:.,;*_`$A-Z–—-])")
_CLOSED = lazy.pattern(
    _MARK + rf"{_PART}(?:[ \t]*(?P<close>\\?\)(?!\()|\\?[.:：](?=$|[ \t*_`$]|[A-Z][a-zA-Z]))"
    r"|(?P<other>°?\)|[\]/](?=$|[ \t])))"
)
_WORDED_PART = lazy.pattern(
    _MARK + rf"{_PART_WORD}[ \t]*[(\[]?[ \t]*{_PART}(?![A-Za-z0-9])[)\]]?", re.IGNORECASE
)
_ALONE = lazy.pattern(_MARK + rf"{_PART}(?=[ \t*_`]*$)")
_DASHED = lazy.pattern(_MARK + rf"{_PART}[ \t]+[-–—](?=[ \t]+\S)")
_HYPHENED = lazy.pattern(_MARK + rf"{_PART}[-–—](?=[ \t])")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ORDINAL = lazy.pattern(
    _MARK
    + rf"(?P<part>{'|'.join(_ORDINALS)})(?:[ \t]+(?:one|part|question|statement))?[ \t]*[:)–—-]",
    re.IGNORECASE,
)
_SPACED = lazy.pattern(_MARK + r"(?P<part>[A-Za-z])(?=[ \t]+\S)")
DASHED = "# -"  # the form of a label before a dash, which may be a minus
SPACED = "# "  # the form of a letter before a space; it may well be a word


def part_labels(body: str, head: Head, *, heading: bool) -> list[PartLabel]:
    """Return the readings of the part label that a line begins with, such as `(a)` or `1.`."""
    if (found := _ORDINAL.match(body)) is not None:
        part = _ORDINALS.index(found["part"].lower())
        rest = _rest(body, found.end(), found["mark"])
        return [PartLabel("ordinal", part, "first", rest)] if part < len(head.parts) else []
    if not _SOME_PART.match(body):
        return []
    for pattern, form in (
        (_WORDED_PART, "part"),
        (_BRACKETED, "(#)"),
        (_CLOSED, "#"),
        (_DASHED, DASHED),
        (_HYPHENED, "#-"),
        (_ALONE, "#alone"),
        (_SPACED, SPACED),
    ):
        found = pattern.match(body)
        if found is None or (pattern is _ALONE and not heading):
            continue
        if pattern is _CLOSED:
            form = "#" + (found["close"] or found["other"]).lstrip("\\")
        rest = _rest(body, found.end(), found["mark"])
        return [PartLabel(*reading, form, rest) for reading in head.readings(found["part"])]
    return []


_LONGEST_LINE = 4_000
_INLINE = lazy.pattern(r"(?:(?<=^)|(?<=[ \t;,.]))\(?(?P<part>[a-z]|[ivx]{2,4})\)(?=[ \t:])")
# A dot may also end an abbreviation, so that only all of the parts in their order are labels.
_DOTTED = lazy.pattern(r"(?:(?<=^)|(?<=[ \t;,.]))(?P<part>[a-z]|[ivx]{2,4})\.(?=[ \t])")


def inline_parts(body: str, head: Head, first: int = 0) -> list[tuple[int, int]]:
    """Return from where to where the labels of parts stand that follow each other on one line.

    The first is that of the part with the index `first`, and none is left out.
    """
    found = _in_order(_INLINE, body, head, first) if body.count(")") >= 2 - (first > 0) else []
    if not found and body.count(".") >= len(head.parts) > 1:
        dotted = _in_order(_DOTTED, body, head, first)
        found = dotted if first + len(dotted) == len(head.parts) else []
    return found


def _in_order(pattern: re.Pattern[str], body: str, head: Head, first: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for label in pattern.finditer(body[:_LONGEST_LINE]):
        if first + len(found) in (index for _, index in head.readings(label["part"])):
            found.append(label.span())
    return found
