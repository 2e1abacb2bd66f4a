"""Names what is wrong."""

from __future__ import annotations

from typing import Any

from grader.formula.display import display


def explain(reading: Any, made: Any, attempts: Any) -> Any:
    from grader.formula.judge import Finding, Verdict, _equal, Mistake, align

    first = attempts[0]
    for a in attempts:
        if a.values is not None:
            for named in a.world.named:
                if _equal(a.values, named.values, made.rtol):
                    return Finding(
                        Verdict.WRONG,
                        named.say,
                        (Mistake(named.id, named.say),),
                        understood=display(a.candidate.tree),
                    )
    why = first.trouble.message if first.trouble else "differs"
    return Finding(
        Verdict.WRONG, why, understood=display(first.candidate.tree), notes=first.candidate.notes
    )
