"""What a class did: one look at each result, and numbers that stay few however large it is."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.model import Rubric

_BINS = 10


@dataclass(slots=True)
class _Question:
    scores: array[float] = field(default_factory=lambda: array("d"))
    outcomes: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[str] = field(default_factory=Counter)
    says: dict[str, str] = field(default_factory=dict)
    awaiting: int = 0


class Tally:
    """Counts what the results say, one student at a time."""

    def __init__(self, rubric: Rubric) -> None:
        self._rubric = rubric
        self._totals = array("d")
        self._questions = {question.id: _Question() for question in rubric.questions}
        self._statuses: Counter[str] = Counter()

    def add(self, status: str, questions: Mapping[str, Sequence[Any]]) -> None:
        """Count a student's result: per question score, review points, outcome and mistakes."""
        self._statuses[status] += 1
        if status not in ("graded", "review"):
            return
        self._totals.append(sum(each[0] for each in questions.values()))
        for id, (score, review, outcome, mistakes, *_) in questions.items():
            about = self._questions[id]
            about.scores.append(score)
            about.outcomes[outcome] += 1
            about.awaiting += review > 0
            if mistakes:
                about.mistakes.update(mistakes.keys())
                about.says.update(mistakes)

    def summary(self) -> dict[str, Any]:
        """Return the numbers, as plain values."""
        return {
            "students": sum(self._statuses.values()),
            "statuses": dict(sorted(self._statuses.items())),
            "max_score": round(self._rubric.points, 4),
            **_distribution(self._totals, self._rubric.points),
            "questions": [
                {
                    "id": question.id,
                    "title": question.title,
                    "max_score": question.points,
                    **self._question(question.id, question.points),
                }
                for question in self._rubric.questions
            ],
            "mistakes": self._mistakes(),
        }

    def _question(self, id: str, points: float) -> dict[str, Any]:
        about = self._questions[id]
        mean = _mean(about.scores)
        return {
            "mean": _rounded(mean),
            "difficulty": _rounded(mean / points if mean is not None else None),
            "discrimination": _rounded(self._discrimination(about.scores)),
            "outcomes": dict(sorted(about.outcomes.items())),
            "awaiting_review": about.awaiting,
        }

    def _discrimination(self, scores: Sequence[float]) -> float | None:
        """Return how a question goes with the others: the correlation with the rest's total."""
        if len(scores) != len(self._totals):
            return None
        rest = [total - score for total, score in zip(self._totals, scores, strict=True)]
        return _correlation(scores, rest)

    def _mistakes(self) -> list[dict[str, Any]]:
        found = [
            {
                "question": id,
                "id": name,
                "count": count,
                "of": len(about.scores),
                "say": about.says[name],
            }
            for id, about in self._questions.items()
            for name, count in about.mistakes.items()
        ]
        return sorted(found, key=lambda each: (-each["count"], each["question"], each["id"]))


def _distribution(totals: Sequence[float], points: float) -> dict[str, Any]:
    ordered = sorted(totals)
    bins = [0] * _BINS
    for total in ordered:
        share = total / points if points else 0.0
        bins[min(_BINS - 1, max(0, int(share * _BINS + 1e-9)))] += 1
    mean = _mean(ordered)
    spread = None
    if mean is not None and len(ordered) > 1:
        spread = math.sqrt(math.fsum((x - mean) ** 2 for x in ordered) / (len(ordered) - 1))
    return {
        "graded": len(ordered),
        "mean": _rounded(mean),
        "median": _rounded(_quantile(ordered, 0.5)),
        "standard_deviation": _rounded(spread),
        "quartiles": [_rounded(_quantile(ordered, q)) for q in (0.25, 0.75)],
        "lowest": _rounded(ordered[0] if ordered else None),
        "highest": _rounded(ordered[-1] if ordered else None),
        "histogram": [
            {"from": 100 * at // _BINS, "to": 100 * (at + 1) // _BINS, "count": count}
            for at, count in enumerate(bins)
        ],
    }


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return a quantile, linear between the two nearest values."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None where either does not vary."""
    if len(first) < 2:
        return None
    mean_1, mean_2 = math.fsum(first) / len(first), math.fsum(second) / len(second)
    shared = math.fsum((x - mean_1) * (y - mean_2) for x, y in zip(first, second, strict=True))
    spread_1 = math.fsum((x - mean_1) ** 2 for x in first)
    spread_2 = math.fsum((y - mean_2) ** 2 for y in second)
    # Sums of decimal marks differ in the last bits where they are all the same.
    if min(spread_1, spread_2) <= 1e-9:
        return None
    return max(-1.0, min(1.0, shared / math.sqrt(spread_1 * spread_2)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4) + 0.0
