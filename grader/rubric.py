"""From a rubric file to a Rubric, with file:line:column in every complaint; and its JSON Schema."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from grader import files, kinds, schema, yamltree
from grader.errors import Problem, RubricError, Unreadable
from grader.model import Check, Mistake, Question, Rubric

# What a recognised mistake leaves of the points where the rubric does not say.
DEFAULT_CREDIT = 0.5
# Marks are decimal numbers with at most this many places.
_MARK_DIGITS = 6

# The field of a check that names none.
_FIELD = "answer"
# The keys of a question that are the formula room's.
_NOTATION_KEYS = ("symbols", "define", "notation")

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_POINTS = {"type": "number", "exclusiveMinimum": 0}

_MISTAKE_WORDS: Mapping[str, Any] = {
    "id": {
        "type": "string",
        "title": "small letters and hyphens, such as log-base-10",
        "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$",
        "description": "The mistake's name in reports and statistics, such as log-base-10.",
    },
    "say": {**_TEXT, "description": "What the student is told; it must not hold the answer."},
    "credit": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": f"The share of the points that is left; {DEFAULT_CREDIT} if not said.",
    },
    "cost": {
        "type": "number",
        "minimum": 0,
        "description": "The points that it costs, in place of credit.",
    },
    "once": {
        **_TEXT,
        "description": "A name under which this slip is charged only once in a submission.",
    },
}

_CHECK_WORDS: Mapping[str, Any] = {
    "points": {**_POINTS, "description": "The marks of this check."},
    "field": {
        **_TEXT,
        "description": "The field of the answer that is judged; 'answer' if not said.",
    },
    "implied_by": {
        **_TEXT,
        "description": "A field whose right answer gives this check in full (its working).",
    },
}

_BESIDE_WORDS: Mapping[str, Any] = {
    "names": {
        **_TEXTS,
        "description": "Further labels under which the field may stand in a sheet.",
    },
    "mistakes": {"type": "array", "items": {"type": "object"}},
    "instead": {
        "type": "array",
        "items": {"type": "object"},
        "description": "Checks that may be answered in place of this one; the best counts.",
    },
}

_QUESTION: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "title", "prompt", "checks"],
    "additionalProperties": False,
    "properties": {
        "id": {
            "type": "string",
            "title": "letters and a number, then parts, such as q2 or q2.a",
            "pattern": r"^[A-Za-z]+[0-9]+(\.[A-Za-z0-9]+)*$",
            "description": "Letters and a number, then parts: q2, q2.a, p1.1.",
        },
        "title": _TEXT,
        "prompt": {**_TEXT, "description": "What is asked, as the answer sheet prints it."},
        "points": {
            **_POINTS,
            "description": "The sum of the checks' points, if you want it checked.",
        },
        "given": {"type": "object", "description": "Arguments of the reference functions."},
        "symbols": {"type": "object"},
        "define": {"type": "object", "additionalProperties": _TEXT},
        "notation": {"type": "object"},
        "printed": {
            **_TEXTS,
            "description": "Cues by which the question's own text is told from an answer.",
        },
        "derivation": {
            **_TEXT,
            "description": "How the right answer is obtained, in a line or two.",
        },
        "accepted": {
            "type": "object",
            "additionalProperties": _TEXT,
            "description": "Warnings of lint that its author has weighed: the rule, and why it "
            "may stand.",
        },
        "checks": {"type": "array", "minItems": 1, "items": {"type": "object"}},
    },
}

_RUBRIC: Mapping[str, Any] = {
    "type": "object",
    "title": "a rubric, with the keys id, title and questions",
    "required": ["id", "title", "questions"],
    "additionalProperties": False,
    "properties": {
        "id": {
            "type": "string",
            "title": "small letters and hyphens, such as homework-1",
            "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
            "description": "The rubric's name in reports and statistics.",
        },
        "title": _TEXT,
        "points": {**_POINTS, "description": "The sum of all marks, if you want it checked."},
        "preload": {
            **_TEXTS,
            "description": "Libraries that student code needs beside numpy, such as torch.",
        },
        "support": {
            "type": "object",
            "additionalProperties": _TEXT,
            "description": "Modules that student code imports: a name to the reference function "
            "that returns its source. They must hold no answer.",
        },
        "questions": {"type": "array", "minItems": 1, "items": _QUESTION},
    },
}


def load(path: Path) -> Rubric:
    """Return the rubric in a file; raise RubricError with all of its problems at once."""
    # A rubric is the teacher's own: unlike a student's file it may be a link.
    return parse(files.decode(files.read(path.resolve()), path.name).text, str(path))


def parse(text: str, file: str) -> Rubric:
    """Return the rubric in a text; `file` is its name in complaints."""
    try:
        value = yamltree.load(text)
    except Unreadable as trouble:
        line, column = yamltree.line_and_column(text, trouble.position or 0)
        raise RubricError([Problem(file, line, column, trouble.message)]) from trouble
    problems = list(_problems(value))
    if problems:
        document = yamltree.parse(text)
        placed = sorted(problems, key=lambda each: document.place(each[0]))
        raise RubricError(
            [Problem(file, *document.place(path), message) for path, message in placed]
        )
    return _rubric(value, file)


# --- what is wrong with it -------------------------------------------------------------------


def _problems(value: Any) -> Iterator[schema.Complaint]:
    found = [] if _is_rubric()(value) else list(schema.complaints(value, _RUBRIC))
    questions = _list(value.get("questions")) if isinstance(value, Mapping) else ()
    for index, question in enumerate(questions):
        if isinstance(question, Mapping):
            found += _question_problems(question, ("questions", index))
    found += _repeated(questions, ("questions",), "question", "give each an id of its own")
    # Marks are only summed where every check is understood: a misspelt kind is no missing mark.
    yield from found or _sum_problems(value)


@cache
def _is_rubric() -> schema.Test:
    return schema.test(_RUBRIC)


@cache
def _is_check(kind: str, *, inner: bool) -> schema.Test:
    return schema.test(check_schema(kind, inner=inner))


def _question_problems(question: Mapping[str, Any], at: schema.Path) -> Iterator[schema.Complaint]:
    checks = question.get("checks")
    if isinstance(checks, Sequence) and not isinstance(checks, str):
        for index, check in enumerate(checks):
            if isinstance(check, Mapping):
                yield from _check_problems(check, (*at, "checks", index))
        yield from _same_field_problems(checks, (*at, "checks"))
        yield from _field_problems(checks, (*at, "checks"))
    yield from _notation_problems(question, at)


def _same_field_problems(checks: Sequence[Any], at: schema.Path) -> Iterator[schema.Complaint]:
    """Yield two checks of one kind on one field: a judge could not tell what was read for which."""
    seen: set[tuple[str, str]] = set()
    for index, check in enumerate(checks):
        for kind, body in check.items() if isinstance(check, Mapping) else ():
            if kind not in kinds.names() or not isinstance(body, Mapping):
                continue
            field = str(body.get("field", _FIELD))
            if (kind, field) in seen:
                yield (
                    (*at, index, kind),
                    f"the field '{field}' has a check of kind '{kind}' already",
                )
            seen.add((kind, field))


def _check_problems(
    check: Mapping[str, Any], at: schema.Path, *, inner: bool = False
) -> Iterator[schema.Complaint]:
    known = kinds.names()
    chosen = [key for key in check if key not in _BESIDE_WORDS]
    for key in chosen:
        if key not in known:
            hint = schema.did_you_mean(key, [*known, *_BESIDE_WORDS])
            yield (*at, key), f"unknown kind '{key}'{hint}; the kinds are {', '.join(known)}"
    if any(key not in known for key in chosen):
        yield from _nearest_kind_problems(check, chosen, at)
        return
    if len(chosen) != 1:
        yield at, f"expected one kind of check ({', '.join(known)}), found {len(chosen)}"
        return
    if not _is_check(chosen[0], inner=inner)(check):
        yield from schema.complaints(check, check_schema(chosen[0], inner=inner), at=at)
    yield from _mistake_problems(chosen[0], check, at)
    for index, way in enumerate(_list(check.get("instead"))):
        if isinstance(way, Mapping):
            yield from _check_problems(way, (*at, "instead", index), inner=True)


def _nearest_kind_problems(
    check: Mapping[str, Any], chosen: Sequence[str], at: schema.Path
) -> Iterator[schema.Complaint]:
    """Yield what else is wrong with a check whose kind is misspelt."""
    near = difflib.get_close_matches(chosen[0], kinds.names(), n=1)
    if len(chosen) != 1 or not near:
        return
    meant = {near[0] if key == chosen[0] else key: item for key, item in check.items()}
    for path, message in _check_problems(meant, ()):
        first = tuple(chosen[0] if key == near[0] else key for key in path[:1])
        yield (*at, *first, *path[1:]), message


def _field_problems(checks: Sequence[Any], at: schema.Path) -> Iterator[schema.Complaint]:
    """Yield the words that name a field which the question does not have."""
    bodies = [
        (index, kind, body)
        for index, check in enumerate(checks)
        for kind, body in (check.items() if isinstance(check, Mapping) else ())
        if kind in kinds.names() and isinstance(body, Mapping)
    ]
    fields = [str(body.get("field", _FIELD)) for _, _, body in bodies]
    for index, kind, body in bodies:
        verdict = body.get("verdict")
        for path, named in (
            (("implied_by",), body.get("implied_by")),
            (("verdict", "field"), verdict.get("field") if isinstance(verdict, Mapping) else None),
        ):
            if isinstance(named, str) and named not in fields:
                hint = schema.did_you_mean(named, fields) or f"; there are {', '.join(fields)}"
                yield (*at, index, kind, *path), f"no check has the field '{named}'{hint}"


def _mistake_problems(
    kind: str, check: Mapping[str, Any], at: schema.Path
) -> Iterator[schema.Complaint]:
    mistakes = _list(check.get("mistakes"))
    one = "give each an id of its own, or name one function that returns all that it changes"
    yield from _repeated(mistakes, (*at, "mistakes"), "mistake", one)
    points = check[kind].get("points") if isinstance(check[kind], Mapping) else None
    for index, mistake in enumerate(mistakes):
        if not isinstance(mistake, Mapping) or "cost" not in mistake:
            continue
        here = (*at, "mistakes", index, "cost")
        if "credit" in mistake:
            yield here, "a mistake has a cost or a credit, not both"
        elif isinstance(points, int | float) and _number(mistake["cost"]) > points:
            yield here, f"a mistake cannot cost more than the check's {points:g} points"


def _repeated(
    items: Sequence[Any], at: schema.Path, noun: str, remedy: str
) -> Iterator[schema.Complaint]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        name = item.get("id") if isinstance(item, Mapping) else None
        if isinstance(name, str) and name in seen:
            yield (*at, index, "id"), f"the {noun} '{name}' is there twice; {remedy}"
        seen.add(str(name))


def _sum_problems(value: Mapping[str, Any]) -> Iterator[schema.Complaint]:
    total = 0.0
    for index, question in enumerate(value["questions"]):
        points = _points_of(question)
        total += points
        wanted = question.get("points", points)
        if round(points - wanted, _MARK_DIGITS):
            message = f"the checks have {points:g} points, the question says {wanted:g}"
            yield ("questions", index, "points"), message
    wanted = value.get("points", total)
    if round(total - wanted, _MARK_DIGITS):
        yield ("points",), f"the questions have {total:g} points, the rubric says {wanted:g}"


def _points_of(question: Mapping[str, Any]) -> float:
    bodies = [check[key] for check in question["checks"] for key in check if key in kinds.names()]
    return sum(_number(body.get("points")) for body in bodies if isinstance(body, Mapping))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _notation_problems(question: Mapping[str, Any], at: schema.Path) -> Iterator[schema.Complaint]:
    """Yield what the formula room says of the declared symbols."""
    if not any(question.get(key) for key in _NOTATION_KEYS):
        return
    from grader.formula.notation import notation

    complaints: list[schema.Complaint] = []
    for key, wanted in _notation_schemas().items():
        if key in question:
            complaints += schema.complaints(question[key], wanted, at=(*at, key))
    yield from complaints
    if not complaints:
        try:
            notation(*(question.get(key, {}) for key in _NOTATION_KEYS))
        except ValueError as fault:
            yield (*at, *_named_in(str(fault), question)), str(fault)


def _named_in(fault: str, question: Mapping[str, Any]) -> schema.Path:
    """Return where a complaint belongs that begins `symbols: X: ...`."""
    key, name = (*fault.split(": ", 2), "", "")[:2]
    if key not in _NOTATION_KEYS or key not in question:
        return (next(key for key in _NOTATION_KEYS if key in question),)
    return (key, name) if name in question[key] else (key,)


def _notation_schemas() -> Mapping[str, Any]:
    from grader.formula.notation import DEFINE_SCHEMA, NOTATION_SCHEMA, SYMBOLS_SCHEMA

    schemas = (SYMBOLS_SCHEMA, DEFINE_SCHEMA, NOTATION_SCHEMA)
    return dict(zip(_NOTATION_KEYS, schemas, strict=True))


# --- the nouns -------------------------------------------------------------------------------


def _rubric(value: Mapping[str, Any], file: str) -> Rubric:
    written = [_written(question) for question in value["questions"]]
    return Rubric(
        id=value["id"],
        title=value["title"],
        questions=tuple(map(_question, value["questions"], written)),
        path=file,
        digest=_digest(_written_rubric(value, written)),
        preload=tuple(value.get("preload", ())),
        support=value.get("support", {}),
    )


def _question(value: Mapping[str, Any], written: str) -> Question:
    checks = tuple(_check(each) for each in value["checks"])
    return Question(
        id=value["id"],
        title=value["title"],
        prompt=value["prompt"].strip(),
        points=round(sum(check.points for check in checks), _MARK_DIGITS),
        checks=checks,
        given=value.get("given", {}),
        symbols=value.get("symbols", {}),
        define=value.get("define", {}),
        notation=value.get("notation", {}),
        derivation=value.get("derivation", "").strip(),
        printed=tuple(value.get("printed", ())),
        digest=_digest(written),
    )


def _check(value: Mapping[str, Any], stands_for: Check | None = None) -> Check:
    kind = next(key for key in value if key not in _BESIDE_WORDS)
    body = value[kind]
    check = Check(
        kind=kind,
        field=body.get("field", stands_for.field if stands_for else _FIELD),
        points=stands_for.points if stands_for else body["points"],
        options={key: item for key, item in body.items() if key not in ("points", "field")},
        names=tuple(value.get("names", ())),
    )
    mistakes = tuple(_mistake(each, check.points) for each in value.get("mistakes", ()))
    instead = tuple(_check(each, check) for each in value.get("instead", ()))
    return check._replace(mistakes=mistakes, instead=instead)


def _mistake(value: Mapping[str, Any], points: float) -> Mistake:
    credit = value.get("credit", DEFAULT_CREDIT)
    if "cost" in value:
        credit = max(0.0, 1 - value["cost"] / points)
    return Mistake(
        id=value["id"],
        say=value["say"],
        credit=credit,
        options={key: item for key, item in value.items() if key not in _MISTAKE_WORDS},
        once=value.get("once"),
    )


def _digest(written: str) -> str:
    """Return a digest of the content: layout and comments of the file do not matter."""
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _written_rubric(value: Mapping[str, Any], questions: Sequence[str]) -> str:
    """Return what `_written` does, of questions that are written already."""
    parts = {key: _written(item) for key, item in value.items() if key != "questions"}
    parts["questions"] = f"[{', '.join(questions)}]"
    return f"{{{', '.join(f'{_written(key)}: {parts[key]}' for key in sorted(parts))}}}"


# --- the schema ------------------------------------------------------------------------------


@cache
def check_schema(kind: str, *, inner: bool = False) -> Mapping[str, Any]:
    """Return the JSON Schema of a check of one kind; `inner` for one that stands instead."""
    module = kinds.load(kind)
    words = {**module.SCHEMA.get("properties", {}), **_CHECK_WORDS}
    required = [*module.SCHEMA.get("required", ()), *(() if inner else ("points",))]
    mistake = {
        "type": "object",
        "required": ["id", "say"],
        "additionalProperties": False,
        "properties": {**_MISTAKE_WORDS, **module.MISTAKE.get("properties", {})},
    }
    return {
        "type": "object",
        "required": [kind],
        "additionalProperties": False,
        "properties": {
            **_BESIDE_WORDS,
            kind: {**module.SCHEMA, "properties": words, "required": required},
            "mistakes": {"type": "array", "items": mistake},
        },
    }


def json_schema() -> Mapping[str, Any]:
    """Return the JSON Schema of rubrics, for editors that complete and check YAML."""
    checks = {"anyOf": [check_schema(kind) for kind in kinds.names()]}
    question = dict(_QUESTION["properties"])
    question["checks"] = {**question["checks"], "items": checks}
    question |= _notation_schemas()
    rubric = dict(_RUBRIC["properties"])
    rubric["questions"] = {**rubric["questions"], "items": {**_QUESTION, "properties": question}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_RUBRIC,
        "title": "A rubric of grader",
        "properties": rubric,
    }
