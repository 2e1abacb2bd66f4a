"""The class on a page: how it went, what went wrong most often, and what is out of the ordinary."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from grader.batch.cases import Case, Kind
from grader.exports._gradebook import Mark
from grader.exports._tables import number
from grader.values import clean, shorten

# What grows with the class: Python takes long to lay it out on several lines.
_LONG = ("awaiting_review", "cases")
_BAR = 40
_LISTED = 20
_COMMONEST = 15
_TELLING = 5  # so many wrong answers and no right one may be the rubric's fault
_STATUSES = {
    "graded": "graded",
    "review": "awaiting review",
    "incomplete": "incomplete",
    "failed": "failed",
    "duplicate": "with an id that is not theirs alone",
    "missing": "missing",
    "extra": "not on the roster",
}


def document(
    told: Mapping[str, Any], about: Mapping[str, str], cases: Sequence[Case], marks: Iterable[Mark]
) -> dict[str, Any]:
    """Return the summary as plain values; the marks are looked at once."""
    named = {each.who for each in cases}
    names: dict[str, str] = {}
    awaiting: list[dict[str, Any]] = []
    waiting: dict[tuple[str, ...], tuple[str, ...]] = {}
    for mark in marks:
        if mark.id in named:
            names[mark.id] = mark.name
        if mark.status == "review":
            questions = tuple(mark.waiting)
            questions = waiting.setdefault(questions, questions)
            awaiting.append(
                {
                    "student": mark.id,
                    "name": mark.name,
                    "points": mark.review,
                    "questions": questions,
                }
            )
    return {
        "schema": 1,
        **about,
        **told,
        "awaiting_review": awaiting,
        "cases": [
            {"kind": each.kind.value, "who": each.who, "name": names.get(each.who, ""),
             "say": each.say}
            for each in cases
        ],
    }  # fmt: skip


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the summary as JSON, a line for each student or case that it lists."""
    laid_out = json.JSONEncoder(indent=2, ensure_ascii=False)
    at_once = json.JSONEncoder(ensure_ascii=False)
    before = "{\n"
    for name, value in told.items():
        yield f'{before}  "{name}": '
        before = ",\n"
        if name in _LONG and value:
            yield "[\n    " + ",\n    ".join(map(at_once.encode, value)) + "\n  ]"
        else:
            yield laid_out.encode(value).replace("\n", "\n  ")
    yield "\n}\n"


def text(told: Mapping[str, Any]) -> str:
    """Return the summary for a terminal."""
    blocks = [_head(told), _histogram(told), _questions(told), _mistakes(told), _unreadable(told),
              _awaiting(told), _cases(told)]  # fmt: skip
    return "\n\n".join("\n".join(block) for each in blocks if (block := list(each))) + "\n"


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{_line(told['title'])} ({told['rubric']})"
    counts = told["statuses"]
    statuses = ", ".join(
        f"{counts[each]} {say}" for each, say in _STATUSES.items() if each in counts
    )
    yield f"{_counted(told['students'], 'student')}: {statuses}"
    if told["graded"]:
        yield (
            f"mean {_marks(told['mean'])}, median {_marks(told['median'])}, "
            f"from {_marks(told['lowest'])} to {_marks(told['highest'])} "
            f"of {_marks(told['max_score'])}"
            + (f", spread {_marks(told['standard_deviation'])}" if told["graded"] > 1 else "")
        )


def _histogram(told: Mapping[str, Any]) -> Iterator[str]:
    most = max((each["count"] for each in told["histogram"]), default=0)
    if not most:
        return
    for each in told["histogram"]:
        bar = "█" * round(_BAR * each["count"] / most) or ("▏" if each["count"] else "")
        yield f"{each['from']:3d}-{each['to']:3d} %  {each['count']:6d}  {bar}".rstrip()


def _questions(told: Mapping[str, Any]) -> Iterator[str]:
    if not told["graded"]:
        return
    width = max(len(each["id"]) for each in told["questions"])
    yield f"{'':{width}}    mean  of max  solved  discrimination"
    for each in told["questions"]:
        solved = (
            f"{100 * each['difficulty']:5.0f} %" if each["difficulty"] is not None else "    – "
        )
        parted = each["discrimination"]
        told_apart = f"{parted:10.2f}" if parted is not None else "         –"
        yield (
            f"{each['id']:{width}}  {_marks(each['mean']):>6}  {number(each['max_score']):>6}"
            f"  {solved}  {told_apart}      {_line(each['title'])}"
        )
    for each in told["questions"]:
        wrong = each["outcomes"].get("wrong", 0) - each["awaiting_review"]
        if each["difficulty"] == 0 and wrong >= _TELLING:
            yield f"Nobody solved {each['id']}: see whether its rubric asks for the right thing"


def _mistakes(told: Mapping[str, Any]) -> Iterator[str]:
    if told["mistakes"]:
        yield "Commonest mistakes"
    for each in told["mistakes"][:_COMMONEST]:
        yield (
            f"  {each['count']} of {each['of']}  {each['question']} {each['id']}: "
            f"{_line(each['say'])}"
        )


def _unreadable(told: Mapping[str, Any]) -> Iterator[str]:
    counts = [
        (each["outcomes"].get("unreadable", 0), each["id"], each["outcomes"])
        for each in told["questions"]
    ]
    worst = sorted((each for each in counts if each[0]), key=lambda each: (-each[0], each[1]))
    if worst:
        yield "Answers that could not be read"
    for count, id, outcomes in worst:
        yield f"  {count} of {sum(outcomes.values())}  {id}"


def _awaiting(told: Mapping[str, Any]) -> Iterator[str]:
    people = told["awaiting_review"]
    if not people:
        return
    points = sum(each["points"] for each in people)
    yield (
        f"Awaiting review: {_counted(len(people), 'student')}, {_counted(points, 'mark')}; "
        "fill in 'decided' in review.csv and run the same command again"
    )
    for each in people[:_LISTED]:
        parts = ", ".join(each["questions"])
        who = _who(each["student"], each["name"])
        yield f"  {who}: {_counted(each['points'], 'mark')} ({parts})"
    yield from _more(people)


def _cases(told: Mapping[str, Any]) -> Iterator[str]:
    by_kind: dict[str, list[Mapping[str, str]]] = {}
    for each in told["cases"]:
        by_kind.setdefault(each["kind"], []).append(each)
    for kind in Kind:
        found = by_kind.get(kind.value, [])
        if found:
            yield f"{kind.value.capitalize()} ({len(found)})"
        for each in found[:_LISTED]:
            yield f"  {_who(each['who'], each['name'])}: {_line(each['say'])}"
        yield from _more(found)


def _who(id: str, name: str) -> str:
    return f"{_line(id)} ({_line(name)})" if name and name != id else _line(id)


def _more(listed: Sequence[Any]) -> Iterator[str]:
    if len(listed) > _LISTED:
        yield f"  and {len(listed) - _LISTED} more, in summary.json"


def _counted(count: float, noun: str) -> str:
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def _marks(value: float | None) -> str:
    return "–" if value is None else number(value, 2)


def _line(text: str) -> str:
    return shorten(" ".join(clean(text[:500]).split()), 160)
