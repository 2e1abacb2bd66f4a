"""Findings in print: for people, and as JSON for machines."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from typing import Any

from grader.lint.notes import Finding, Findings

SCHEMA_VERSION = 1


def text(results: Sequence[Findings]) -> str:
    """Return a line for each finding and one for each rubric."""
    return "".join("".join(_lines(result)) for result in results)


def _lines(result: Findings) -> list[str]:
    return [*(_line(each) for each in result.found), f"{_summary(result)}\n"]


def _line(found: Finding) -> str:
    where = f"{found.problem.file}:{found.problem.line}:{found.problem.column}"
    severity = "error" if found.is_error else "warning"
    remedy = f"; {found.remedy}" if found.remedy else ""
    return f"{where}: {severity}: {found.problem.message}{remedy} [{found.rule}]\n"


def _summary(result: Findings) -> str:
    errors = _counted(len(result.errors), "error")
    warnings = _counted(len(result.warnings), "warning")
    size = f"{_counted(result.questions, 'question')}, {result.points:g} marks"
    if result.accepted:
        size += f"; {_counted(len(result.accepted), 'warning')} accepted"
    if not result.found:
        return f"{result.file}: fair ({size})"
    return f"{result.file}: {errors}, {warnings}" + (f" ({size})" if result.questions else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def json(results: Sequence[Findings]) -> str:
    """Return all findings as JSON."""
    document = {"schema": SCHEMA_VERSION, "rubrics": [_rubric(result) for result in results]}
    return json_format.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rubric(result: Findings) -> dict[str, Any]:
    return {
        "rubric": result.name,
        "title": result.title,
        "file": result.file,
        "errors": len(result.errors),
        "warnings": len(result.warnings),
        "findings": [_finding(each) for each in result.found],
        "accepted": [_finding(each) for each in result.accepted],
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "severity": "error" if found.is_error else "warning",
        "rule": found.rule,
        "line": found.problem.line,
        "column": found.problem.column,
        "question": found.question or None,
        "message": found.problem.message,
        "remedy": found.remedy or None,
    }
