"""Roster against submissions: whose is what, and every case in which that is not plain."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.batch import roster as rosters
from grader.batch.cases import Case, Kind
from grader.batch.roster import Directory, Roster, Student
from grader.batch.submissions import Found, Handed
from grader.values import clean


class Seat(NamedTuple):
    """A line of the gradebook: a person, what counts of what they handed in, and notes.

    `slug` is the name of their reports, safe on every file system. `is_extra` marks a submission
    of nobody on the roster.
    """

    student: Student
    slug: str
    handed: Handed | None = None
    notes: tuple[str, ...] = ()
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """Everybody, in the order of the roster, then the submissions of nobody on it."""

    seats: Sequence[Seat]
    cases: Sequence[Case]


def seat(roster: Roster, directory: Directory, found: Found) -> Class:
    """Match each submission with its students, whom the directory finds by name."""
    by_student: dict[str, list[Handed]] = {}
    extras: list[Handed] = []
    cases = [*roster.cases, *found.cases]
    for handed in found.handed:
        owners = _owners(handed, roster, directory)
        if not owners:
            extras.append(handed)
            cases.append(Case(Kind.EXTRA, handed.label, _nobody(handed, directory)))
        if len(owners) > 1:
            names = ", ".join(owner.id for owner in owners)
            cases.append(Case(Kind.GROUP, handed.label, f"is the submission of {names}"))
        for owner in owners:
            by_student.setdefault(owner.id, []).append(handed)
    seats = [_seated(student, by_student.get(student.id, ())) for student in roster.students]
    seats += [_extra(handed) for handed in extras]
    for each in seats:
        cases += _cases(each, by_student.get(each.student.id, ()))
    return Class(_named(seats), cases)


def _owners(handed: Handed, roster: Roster, directory: Directory) -> tuple[Student, ...]:
    found: list[Student] = []
    for claims in handed.owners:
        owner = next((got for name in claims if (got := directory.find(name))), None)
        if owner is None and roster.form == "github":
            owner = _by_repository(claims[0], directory)
        if owner is not None and owner not in found:
            found.append(owner)
    return tuple(found) or _group(handed, roster.students)


def _by_repository(name: str, directory: Directory) -> Student | None:
    """Return whose repository `assignment-slug-account` is; the longest account counts."""
    parts = name.split("-")
    tails = ("-".join(parts[start:]) for start in range(1, len(parts)))
    return next((got for tail in tails if (got := directory.find(tail))), None)


def _group(handed: Handed, students: Sequence[Student]) -> tuple[Student, ...]:
    """Return the members of the group that a submission is named after."""
    names = {rosters.folded(name) for claims in handed.owners for name in claims if name}
    return tuple(each for each in students if each.group and rosters.folded(each.group) in names)


def _nobody(handed: Handed, directory: Directory) -> str:
    for claims in handed.owners:
        for name in claims:
            several = directory.candidates(name)
            if len(several) > 1:
                ids = ", ".join(student.id for student in several[:5])
                return f"may be of several students ({ids}); it is graded, but counts for none"
    return "is of nobody on the roster; it is graded, but no export takes it out"


def _seated(student: Student, handed: Sequence[Handed]) -> Seat:
    notes = list(student.notes)
    if not handed:
        return Seat(student, "", notes=tuple(notes))
    newest = max(handed, key=lambda each: _age(student, each))
    notes += ["late"] if newest.late and "late" not in notes else []
    notes += ["resubmitted"] if len(handed) > 1 or _replaced(newest) else []
    notes += ["group"] if len(newest.owners) > 1 else []
    return Seat(student, "", newest, tuple(notes))


def _replaced(handed: Handed) -> bool:
    return any("replaced" in note for note in handed.notes)


def _age(student: Student, handed: Handed) -> tuple[str, bool, str]:
    """Return what orders the submissions of one student: by time, then by how sure the name is."""
    exact = any(student.id in claims for claims in handed.owners)
    return handed.when, exact, handed.label


def _extra(handed: Handed) -> Seat:
    student = Student(id=handed.label, name="")
    return Seat(student, "", handed, ("late",) if handed.late else (), is_extra=True)


def _cases(each: Seat, handed: Sequence[Handed]) -> Iterator[Case]:
    who = each.student.id
    if each.handed is None:
        yield Case(Kind.MISSING, who, "nothing was handed in")
    if "late" in each.notes:
        yield Case(Kind.LATE, who, "was handed in late")
    for other in handed:
        if other is not each.handed and each.handed is not None:
            say = f"'{other.label}' does not count, '{each.handed.label}' does"
            yield Case(Kind.RESUBMITTED, who, say)
    for note in each.handed.notes if each.handed else ():
        kind = Kind.RESUBMITTED if "replaced" in note else Kind.NOTE
        yield Case(kind, who, note)


# --- names of files --------------------------------------------------------------------------

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@+=_.-]{0,99}(?<!\.)")
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")


def _named(seats: Sequence[Seat]) -> list[Seat]:
    """Give every seat a name for its reports; no two differ only by upper and lower case."""
    plain = [_slug(each.student.id) for each in seats]
    times = Counter(slug.casefold() for slug in plain)
    return [
        each._replace(slug=_marked(slug, each) if times[slug.casefold()] > 1 else slug)
        for slug, each in zip(plain, seats, strict=True)
    ]


def _marked(slug: str, each: Seat) -> str:
    side = "extra" if each.is_extra else "roster"
    return f"{slug[:80]}-{_hash(f'{side} {each.student.id}')}"


def _slug(id: str) -> str:
    """Return an id as a file's name: as it is where it is harmless, else cleaned and marked."""
    if _SAFE.fullmatch(id) and not _RESERVED.match(id):
        return id
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", clean(id[:200])).strip("_-")[:60]
    return f"{cleaned or 'student'}-{_hash(id)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
