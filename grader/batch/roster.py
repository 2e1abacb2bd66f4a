"""Who is in the class: the CSV exports of learning platforms, and a plain one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from grader import files
from grader.batch.cases import Case, Kind
from grader.errors import UsageError
from grader.exports import _tables as tables
from grader.exports._tables import Row

# A worksheet holds what each student typed into the platform.
MAX_BYTES = 500_000_000


class Student(NamedTuple):
    """A person on the roster.

    `aliases` are further names by which a submission may call them: numbers of the platform,
    logins, account names. `notes` hold what the roster says of the hand-in ("late").
    """

    id: str
    name: str
    email: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""
    notes: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The class, as one platform exported it.

    `text` is the file as it came: some platforms want their rows back as they were.
    """

    form: str
    students: Sequence[Student]
    cases: Sequence[Case] = ()
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Header:
    """The first line of a table, by what the columns are called."""

    names: tuple[str, ...]

    def has(self, *wanted: str) -> bool:
        return all(name in self.names for name in wanted)

    def find(self, *wanted: str) -> int | None:
        """Return the first column that is called one of the names, in the order of the names."""
        return _column(self.names, wanted)


@cache
def _column(names: tuple[str, ...], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


@dataclass(frozen=True, slots=True)
class _Skipped:
    """A line that stands for nobody who is graded."""

    case: Case | None = None


_Read = Callable[[Row, _Header], "Student | _Skipped"]


def read(path: Path) -> Roster:
    """Return the class of a roster file; UsageError where it is none."""
    shown = files.shown(path.name)
    data = files.read(path, MAX_BYTES)
    decoded = files.decode(data, shown)
    rows = tables.parse(decoded.text)
    start = next((row for row in rows if any(cell.strip() for cell in row.cells)), None)
    if start is None:
        raise UsageError(f"{shown}: the roster is empty; expected a CSV file with a header")
    header = _Header(tuple(_plain(cell) for cell in start.cells))
    below = [row for row in rows if row.line > start.line]
    form = _form(header, below)
    if form is None:
        raise UsageError(
            f"{shown}:{start.line}: the columns {', '.join(header.names)[:200]} are no roster's; "
            "expected an export of Canvas, Moodle, Gradescope or GitHub Classroom, "
            "or a header such as id,name,email"
        )
    if form == "moodle":
        header = _moodle_header(header, below)
    students, cases = _students(below, header, _READERS[form])
    if not students:
        raise UsageError(f"{shown}: the roster has a header, but no students")
    notes = [Case(Kind.NOTE, shown, warning) for warning in decoded.warnings]
    return Roster(form, students, (*notes, *cases), _as_it_came(data, decoded.text))


def _as_it_came(data: bytes, read: str) -> str:
    """Return the text with its byte order mark and line ends, which reading does away with."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return read


@lru_cache(maxsize=100)  # a student's name is asked for in several ways, one after the other
def _plain(name: str) -> str:
    composed = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return " ".join(composed.casefold().split())


_IDS = (
    "id",
    "student_id",
    "student id",
    "studentid",
    "student number",
    "student no",
    "student no.",
    "sid",
    "identifier",
    "username",
    "user name",
    "login",
    "student",
)
_NAMES = ("name", "full name", "full_name", "fullname", "student name", "display name")
_FIRST = ("first name", "first_name", "firstname", "given name", "forename")
_LAST = ("last name", "last_name", "lastname", "surname", "family name")
_EMAILS = ("email", "e-mail", "email address", "e-mail address", "mail")


def _form(header: _Header, rows: Sequence[Row]) -> str | None:
    if header.names[0] in ("student", "lastname,firstname") and header.has("id", "section"):
        return "canvas"
    if header.has("github_username"):
        return "github"
    if header.has("identifier", "grade"):
        return "moodle"
    named = header.find(*_NAMES) is not None or header.find(*_FIRST) is not None
    scores = header.has("total score", "submission id")
    if header.find(*_EMAILS) is not None and named and (header.has("role") or scores):
        return "gradescope"
    if _looks_like_a_worksheet(rows):
        return "moodle"
    if header.find(*_IDS, *_EMAILS) is not None:
        return "plain"
    return None


def _looks_like_a_worksheet(rows: Sequence[Row]) -> bool:
    """Return whether all rows begin like `Participant 12345`, in whatever language."""
    first = [_PARTICIPANT.fullmatch(row.cell(0)) for row in rows if row.cell(0)]
    words = {found["word"] if found else "" for found in first}
    wide = all(len(row.raw) >= _WORKSHEET_COLUMNS for row in rows if row.cell(0))
    return wide and len(words) == 1 and sum(char.isalpha() for char in words.pop()) >= 4


def _students(
    rows: Sequence[Row], header: _Header, read: _Read
) -> tuple[tuple[Student, ...], list[Case]]:
    found: dict[str, Student] = {}
    cases: list[Case] = []
    for row in rows:
        if not any(cell.strip() for cell in row.raw):
            continue
        student = read(row, header)
        if isinstance(student, _Skipped):
            cases += [student.case] if student.case else []
        elif not student.id:
            say = f"line {row.line} of the roster has no id, e-mail or name; it was left out"
            cases.append(Case(Kind.UNREADABLE, f"line {row.line}", say))
        elif student.id in found:
            found[student.id], case = _same_id(found[student.id], student)
            cases.append(case)
        else:
            found[student.id] = student
    return tuple(found.values()), cases


def _same_id(first: Student, second: Student) -> tuple[Student, Case]:
    lines = f"lines {first.line} and {second.line}"
    if (first.name, first.email) == (second.name, second.email):
        merged = first._replace(aliases=(*dict.fromkeys(first.aliases + second.aliases),))
        return merged, Case(Kind.DUPLICATE, first.id, f"{lines} of the roster are the same student")
    say = (
        f"{lines} of the roster give the id '{first.id}' to '{first.name}' and to "
        f"'{second.name}'; it is graded once, and no export takes it out until this is settled"
    )
    both = first._replace(notes=(*first.notes, AMBIGUOUS))
    return both, Case(Kind.DUPLICATE, first.id, say)


AMBIGUOUS = "two students have this id"
"""The note of an id that the roster gives to two people."""


# --- the platforms ---------------------------------------------------------------------------

_TEST_STUDENTS = ("student, test", "test student")


def _canvas(row: Row, header: _Header) -> Student | _Skipped:
    name, number = row.cell(0), row.cell(header.find("id"))
    if "points possible" in name.casefold() or (not name and not number):
        return _Skipped()
    if _plain(name) in _TEST_STUDENTS:
        say = "the platform's test student was left out"
        return _Skipped(Case(Kind.TEST_STUDENT, number or name, say))
    login = row.cell(header.find("sis login id"))
    others = [row.cell(header.find(each)) for each in ("sis user id", "integration id")]
    return Student(
        id=number or login or name,
        name=name,
        email=login if "@" in login else "",
        aliases=_distinct([login, *others]),
        line=row.line,
    )


_PARTICIPANT = re.compile(r"(?P<word>\D{0,60})(?P<number>\d{1,18})")
_WORKSHEET_COLUMNS = 9
_LATE = re.compile(r"\blate\b", re.IGNORECASE)


def _moodle_header(header: _Header, rows: Sequence[Row]) -> _Header:
    """Return the header with English names where the site speaks another language.

    The order of the columns is fixed: identifier, name, e-mail.
    """
    names = list(header.names)
    for column, name in enumerate(("identifier", "full name")):
        names[column] = name
    if header.find(*_EMAILS) is None:
        for row in rows:
            at = next((i for i, cell in enumerate(row.cells[:6]) if "@" in cell), None)
            if at is not None:
                names[at] = "email"
                break
    return _Header(tuple(names))


def _moodle(row: Row, header: _Header) -> Student | _Skipped:
    identifier = row.cell(header.find("identifier"))
    found = _PARTICIPANT.fullmatch(identifier)
    status = row.cell(header.find("status"))
    late = _LATE.search(status) is not None
    return Student(
        id=found["number"] if found else identifier,
        name=row.cell(header.find("full name")),
        email=row.cell(header.find(*_EMAILS)),
        aliases=_distinct([identifier, row.cell(header.find("id number", "username"))]),
        group=row.cell(header.find("group")),
        notes=("late",) if late else (),
        line=row.line,
    )


def _gradescope(row: Row, header: _Header) -> Student | _Skipped:
    name, email = _name(row, header), row.cell(header.find(*_EMAILS))
    role = row.cell(header.find("role"))
    if role and _plain(role) != "student":
        who = name or email
        return _Skipped(Case(Kind.STAFF, who, f"'{role}' on the roster is not graded"))
    lateness = row.cell(header.find("lateness (h:m:s)"))
    sid, number = row.cell(header.find("sid")), row.cell(header.find("submission id"))
    return Student(
        id=sid or email or name,
        name=name,
        email=email,
        aliases=_distinct([sid, f"submission_{number}" if number else ""]),
        notes=("late",) if re.search("[1-9]", lateness) else (),
        line=row.line,
    )


def _github(row: Row, header: _Header) -> Student | _Skipped:
    identifier = row.cell(header.find("identifier", "roster_identifier"))
    user = row.cell(header.find("github_username"))
    repository = row.cell(header.find("student_repository_name"))
    return Student(
        id=identifier or user,
        name=row.cell(header.find("name")) or identifier or user,
        email=identifier if "@" in identifier else "",
        aliases=_distinct([user, repository]),
        group=row.cell(header.find("group_name")),
        line=row.line,
    )


def _plain_row(row: Row, header: _Header) -> Student | _Skipped:
    name, email = _name(row, header), row.cell(header.find(*_EMAILS))
    column = header.find(*_IDS)
    number = row.cell(column)
    if _plain(name) in _TEST_STUDENTS:
        say = "the platform's test student was left out"
        return _Skipped(Case(Kind.TEST_STUDENT, number or name, say))
    known = ("sid", "student_id", "username", "login", "lms_user_id", "github", "identifier")
    others = [row.cell(header.find(each)) for each in known]
    return Student(
        id=number or email or name,
        name=name or number,
        email=email,
        aliases=_distinct(others),
        group=row.cell(header.find("group", "team")),
        line=row.line,
    )


def _name(row: Row, header: _Header) -> str:
    whole = row.cell(header.find(*_NAMES))
    parts = (row.cell(header.find(*_FIRST)), row.cell(header.find(*_LAST)))
    return whole or " ".join(part for part in parts if part)


_READERS: Mapping[str, _Read] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
    "github": _github,
    "plain": _plain_row,
}


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


# --- looking people up -----------------------------------------------------------------------


def folded(name: str) -> str:
    """Return a name as people mean it: composed, without case, with single spaces."""
    return _plain(name)


def squeezed(name: str) -> str:
    """Return a name as platforms squeeze it into a file's name: letters and digits only."""
    return "".join(filter(str.isalnum, folded(name)))


def spellings(name: str) -> Iterator[str]:
    """Yield the orders in which a name is written: `Alpha, Student001` is `Student001 Alpha`."""
    yield squeezed(name)
    last, comma, first = name.partition(",")
    if comma:
        yield squeezed(f"{first} {last}")
    else:
        first, _, last = name.strip().rpartition(" ")
        yield squeezed(f"{last} {first}")


@dataclass(frozen=True, slots=True)
class Directory:
    """The students by every name that they go by, the surest names first.

    A name that two students share finds neither.
    """

    tiers: tuple[Mapping[str, Sequence[Student]], ...]

    def find(self, name: str) -> Student | None:
        """Return the one student who goes by a name."""
        found = self.candidates(name)
        return found[0] if len(found) == 1 else None

    def candidates(self, name: str) -> Sequence[Student]:
        """Return the students who go by a name, in the surest sense in which any does."""
        for tier, spelled in zip(self.tiers, _SPELLINGS, strict=True):
            key = spelled(name)
            if key and key in tier:
                return tier[key]
        return ()


# What a name is looked up by in each tier of a directory.
_SPELLINGS: tuple[Callable[[str], str], ...] = (str, folded, folded, squeezed)


def directory(students: Sequence[Student]) -> Directory:
    """Return the way from names to students."""
    exact: dict[str, list[Student]] = {}
    same: dict[str, list[Student]] = {}
    accounts: dict[str, list[Student]] = {}
    squashed: dict[str, list[Student]] = {}
    for student in students:
        names = (student.id, student.email, *student.aliases)
        _add(exact, [student.id], student)
        _add(same, [folded(name) for name in names], student)
        local = student.email.partition("@")[0]
        _add(accounts, [folded(local), folded(student.name)], student)
        _add(squashed, [*spellings(student.name), squeezed(student.id)], student)
    return Directory((exact, same, accounts, squashed))


def _add(table: dict[str, list[Student]], names: Sequence[str], student: Student) -> None:
    for name in dict.fromkeys(names):
        if name:
            table.setdefault(name, []).append(student)
