"""A Python function, judged by the values that it returns for inputs it has not seen.

The inputs come from a reference function, so that they are as random and as many as the teacher
likes; the right values from another, called with the same inputs. A function that returns several
things names them in `returns`; they are found in tuples and dictionaries alike.

    - function:
        points: 4
        name: [backward_propagation, backprop]
        inputs: network.cases            # -> [{parameters: ..., X: ...}, ...]
        expect: network.backward
        returns: [dW1, db1, dW2, db2]
      mistakes:
        - {id: missing-mean, with: {mean: false}, credit: 0.7, say: "The factor 1/m is missing."}

Slips whose `with` is about different arguments are also recognised when they are made together.

Where there is no single right value (an initialisation, a trained model), `by` names a reference
function that is given what was returned, as `got`, beside the arguments; it returns for each of the
`criteria` whether it is met: true, false, or None for what only a person can tell; and true for
each of the mistakes that it recognised. `by_all` names one that is given all calls at once: `got`
and `inputs` are then lists with an entry per call.

What no list of arguments can hold (a function to call, a training to watch) is for a `probe`, a
program that stands beside the code. Its function `ask` is called with each of the inputs, after the
student's function of that `name`; without a `name`, after the whole program.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from grader import lazy
from grader.errors import ReferenceFault
from grader.kinds import Call, Case, Invocation, Run
from grader.model import Answer, Check, Judgement, Mistake, Question, Recognised

if TYPE_CHECKING:
    import numpy.typing as npt

    from grader.sandbox import outcomes

Array: TypeAlias = "npt.NDArray[np.float64]"
Outputs: TypeAlias = Mapping[str, Any]
"""What a function returned, by name; a single value has the name ''."""

# Float64 leaves ten digits more; 1 - Z² for 1 - tanh² Z differs in the first on such inputs.
_RTOL = 1e-6
_ATOL = 1e-12
# What was computed in single precision has seven digits, of which sums with cancellation leave four
_RTOL_OF_SINGLE = 1e-4
# What an error says of an argument of which the code expected another type.
_OTHER_FORM = lazy.pattern(r"'dict' object|numpy\.ndarray|\bTensor\b")
_SLIP_CREDIT = 0.5
_TRANSPOSED_CREDIT = 0.7

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: Mapping[str, Any] = {"type": "array", "minItems": 1, "items": _TEXT}
_POINTS: Mapping[str, Any] = {"type": "number", "exclusiveMinimum": 0}
_EXPECT: Mapping[str, Any] = {
    "expect": {**_TEXT, "description": "The reference function: topic.function."},
    "with": {"type": "object", "description": "Further arguments of the reference function."},
}

ONLY_CODE = True

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["inputs"],
    "anyOf": [{"required": ["name"]}, {"required": ["ask"]}],
    "properties": {
        **_EXPECT,
        "name": {
            "anyOf": [_TEXT, _TEXTS],
            "description": "The function's name, or the names that are accepted.",
        },
        "inputs": {
            "anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": {"type": "object"}}],
            "description": "A reference function that returns a list of arguments by name, in the "
            "order of the call; or that list itself.",
        },
        "returns": {
            "anyOf": [
                _TEXTS,
                {"type": "object", "minProperties": 1, "additionalProperties": _POINTS},
            ],
            "description": "The names of what is returned, in their order; with a number each, "
            "how much of the points it carries.",
        },
        "also": {
            "type": "object",
            "description": "Arguments for a function that cannot do without them, by name.",
        },
        "depends": {
            **_TEXT,
            "description": "Another function that this one builds on: where the values are wrong "
            "in no known way, a person sees which of the two is to blame.",
        },
        "rtol": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": f"Relative to the largest entry; {_RTOL:g}.",
        },
        "by": {**_TEXT, "description": "A reference function that judges what was returned."},
        "by_all": {**_TEXT, "description": "One that judges what all calls returned together."},
        "criteria": {
            "type": "array",
            "description": "What `by` or `by_all` may return as met, in place of right values.",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "points", "say"],
                "properties": {
                    "id": {**_TEXT, "description": "The name by which it is returned."},
                    "points": {**_POINTS, "description": "The marks of this criterion."},
                    "say": {
                        **_TEXT,
                        "description": "What the student is told where it is not met.",
                    },
                },
            },
        },
        "probe": {
            **_TEXT,
            "description": "A reference function that returns the text of a Python program, which "
            "runs beside the code.",
        },
        "ask": {
            **_TEXT,
            "description": "The probe's function that is called with the student's function "
            "before the arguments; without `name`, with the whole program.",
        },
        "model_answer": {
            **_TEXT,
            "description": "Python that earns full marks; lint hands it in.",
        },
        "seconds": {**_POINTS, "description": "Processor time that one call may take."},
        "limits": {
            "type": "object",
            "additionalProperties": False,
            "description": "What executing the files may use, where the defaults are too tight.",
            "properties": {
                "statement_seconds": {**_POINTS, "description": "For one top-level statement."},
                "load_seconds": {**_POINTS, "description": "For all of them."},
                "memory_mib": {**_POINTS, "description": "Beside what the libraries hold."},
            },
        },
    },
}
MISTAKE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **_EXPECT,
        "outputs": {**_TEXTS, "description": "Which of the returned things show the mistake."},
    },
}


class Slip(NamedTuple):
    """One mistake, or two that were made together, and what they return for each of the inputs."""

    mistakes: tuple[Mistake, ...]
    values: tuple[Outputs, ...]


class Want(NamedTuple):
    """The inputs, what is right for each, and what each mistake would return."""

    names: tuple[str, ...]
    inputs: tuple[Mapping[str, Any], ...]
    right: tuple[Outputs, ...]
    slips: tuple[Slip, ...] = ()
    verdicts: Callable[[Sequence[Any]], Sequence[Mapping[str, bool | None]]] | None = None
    probe: str = ""
    ask: str = ""
    seconds: float | None = None
    also: Mapping[str, Any] = {}
    model_answer: str = ""


# --- what is right ---------------------------------------------------------------------------


def expect(check: Check, question: Question, call: Call) -> Want:
    """Return inputs and right values, from the reference."""
    options = check.options
    given = options["inputs"]
    inputs = call(given, question.given) if isinstance(given, str) else given
    if not isinstance(inputs, Sequence) or not all(isinstance(each, Mapping) for each in inputs):
        raise ReferenceFault(f"{given} must return a list of arguments by name")
    reference = _Reference(check, question, inputs, call)
    return Want(
        names=_names(options.get("name", ())),
        inputs=tuple(inputs),
        right=reference.values({}) if "expect" in options else (),
        slips=tuple(reference.slips()),
        verdicts=reference.verdicts if {"by", "by_all"} & set(options) else None,
        probe=str(call(options["probe"], question.given)) if "probe" in options else "",
        ask=options.get("ask", ""),
        seconds=options.get("seconds"),
        also=options.get("also", {}),
        model_answer=options.get("model_answer", ""),
    )


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _weights(check: Check) -> Mapping[str, float]:
    """Return the names of what is returned, with what each of them carries."""
    returns = check.options.get("returns", [""])
    return returns if isinstance(returns, Mapping) else dict.fromkeys(returns, 1.0)


class _Reference(NamedTuple):
    """The teacher's side of a check: its functions, called with the same inputs."""

    check: Check
    question: Question
    inputs: Sequence[Mapping[str, Any]]
    call: Call

    def values(self, slip: Mapping[str, Any]) -> tuple[Outputs, ...]:
        """Return what is right, or what a slip makes of it, as named outputs for each input."""
        options = self.check.options
        function = slip.get("expect", options.get("expect"))
        further = {**options.get("with", {}), **slip.get("with", {})}
        names = list(_weights(self.check))
        wanted = slip.get("outputs", names)
        found = []
        for each in self.inputs:
            value = self.call(function, {**self.question.given, **each, **further})
            parts = _told_apart(_as_arrays(value), names)
            lacking = [name for name in wanted if name not in parts]
            if lacking:
                raise ReferenceFault(f"{function} returns no {', '.join(lacking)}")
            found.append({name: parts[name] for name in wanted})
        return tuple(found)

    def slips(self) -> Iterator[Slip]:
        """Yield the mistakes that show in values, and the pairs that can be made together."""
        shown = [each for each in self.check.mistakes if {"expect", "with"} & set(each.options)]
        for each in shown:
            yield Slip((each,), self.values(each.options))
        for first, second in itertools.combinations(shown, 2):
            if _fit_together(first, second):
                both = {**first.options["with"], **second.options["with"]}
                yield Slip((first, second), self.values({**first.options, "with": both}))

    def verdicts(self, got: Sequence[Any]) -> list[Mapping[str, bool | None]]:
        """Return what is met, and which mistakes were made: for each call, or for all at once."""
        options = self.check.options
        if "by_all" in options:
            return [self._verdict(options["by_all"], {"inputs": self.inputs, "got": got})]
        return [
            self._verdict(options["by"], {**given, "got": value})
            for given, value in zip(self.inputs, got, strict=True)
        ]

    def _verdict(self, name: str, given: Mapping[str, Any]) -> Mapping[str, bool | None]:
        met = self.call(name, {**self.question.given, **given})
        if not isinstance(met, Mapping):
            raise ReferenceFault(
                f"{name} must return a mapping from the id of each criterion to whether it is met, "
                f"not {_article(type(met).__name__)}"
            )
        return met


def _fit_together(first: Mistake, second: Mistake) -> bool:
    one, other = first.options, second.options
    same = all(one.get(key) == other.get(key) for key in ("expect", "outputs"))
    return same and not set(one.get("with", {})) & set(other.get("with", {}))


def show(want: Want) -> str:
    """Return a model answer, or which function is asked for, with the shapes around it."""
    if want.model_answer:
        return want.model_answer.strip()
    called = want.names[0] if want.names else "the program"
    if want.ask:
        return called  # the inputs are the probe's
    takes = ", ".join(f"{name} {_shape(value)}" for name, value in want.inputs[0].items())
    gives = ", ".join(f"{name} {_shape(v)}".strip() for name, v in (want.right or ({},))[0].items())
    return f"{called}({takes})" + (f" -> {gives}" if gives else "")


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if hasattr(value, "shape") else type(value).__name__


def _as_arrays(value: Any) -> Any:
    """Return a reference's value with arrays for tensors, as what a student's code returns has."""
    if isinstance(value, Mapping):
        return {key: _as_arrays(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_as_arrays, value))
    if isinstance(value, list):
        return list(map(_as_arrays, value))
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# --- what was returned -----------------------------------------------------------------------


def read(answer: Answer, check: Check, question: Question) -> None:
    """Return None: a text is no function; what there is to judge comes from `observe`."""


def calls(want: Want) -> Sequence[Invocation]:
    """Return one call for each of the inputs."""
    return [
        Invocation(want.names, each, want.seconds, probe=want.ask, also=want.also, similar=True)
        for each in want.inputs
    ]


def probe(want: Want) -> str:
    """Return the trusted Python that runs beside the code, if the rubric has one."""
    return want.probe


def observe(run: Run, check: Check) -> Run | None:
    """Return the run, or None where there was no function to call, or a probe found nothing."""
    from grader.sandbox import outcomes

    nothing = bool(run.outcomes) and all(
        isinstance(each, outcomes.Returned) and each.value is None for each in run.outcomes
    )
    is_missing = bool(run.missing) and not run.method
    return None if is_missing or run.blank or (nothing and not run.function) else run


def _told_apart(value: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the returned things by name: from a dictionary by its keys, else by their order."""
    if tuple(names) == ("",):
        return {"": value}
    if isinstance(value, np.ndarray) and value.shape == (len(names),):
        value = list(value)  # np.array([n_x, n_h, n_y])
    found: dict[str, Any] = {}
    known = {name.casefold(): name for name in names}
    before, after = _collect(value, known, found)
    lacking = [name for name in names if name not in found]
    found.update(zip(lacking, before + after, strict=False))
    # (A2, cache): what stands alone counts, even where the dictionary has it once more
    found.update(zip(names, before[len(lacking) :], strict=False))
    return found


def _collect(
    value: Any, known: Mapping[str, str], found: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """Add what dictionaries hold by its name; return what stands before and after them."""
    before: list[Any] = []
    after: list[Any] = []
    for item in _loosened(value):
        loose = after if found else before
        if not isinstance(item, dict):
            loose.append(item)
            continue
        named = {
            known[key.casefold()]: each
            for key, each in item.items()
            if isinstance(key, str) and key.casefold() in known
        }
        if not named and len(item) == len(known):
            loose += item.values()  # of other names, and as many: taken in their order
        found.update({name: each for name, each in named.items() if name not in found})
    return before, after


def _loosened(value: Any) -> list[Any]:
    """Return the things in a tuple or list, and in tuples in it: (A2, (Z1, A1, Z2, A2))."""
    if not isinstance(value, tuple | list):
        return [value]
    things: list[Any] = []
    for item in value:
        things += _loosened(item) if _holds_several(item) else [item]
    return things


def _holds_several(value: Any) -> bool:
    """Return whether a tuple is no vector, but things that a function returned side by side."""
    return type(value) is tuple and any(
        isinstance(each, dict | list | tuple) or (isinstance(each, np.ndarray) and each.ndim)
        for each in value
    )


def _returned(value: Any, names: Sequence[str], right: Outputs) -> dict[str, Any]:
    """Return what a student returned by name; what stands beside the one thing asked for goes."""
    if tuple(names) == ("",) and not isinstance(right[""], tuple | dict):
        if _holds_several(value):
            value = value[0]
        if isinstance(value, dict) and len(value) == 1:
            (value,) = value.values()
    return _told_apart(value, names)


def _array(value: Any) -> Array | None:
    """Return a value as an array of floats, or None where it is none."""
    if isinstance(value, str) or value is None or isinstance(value, dict):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # ragged lists
        return None
    return array.astype(np.float64) if array.dtype.kind in "biuf" else None


def _same(got: Any, want: Any, rtol: float) -> bool:
    left, right = _array(got), _array(want)
    if left is None or right is None:
        return left is right and _alike(got, want, rtol)
    if left.shape != right.shape:
        if _long_axes(left) != _long_axes(right) or len(_long_axes(right)) > 1:
            return False
        left = left.reshape(right.shape)
    if right.size == 0:
        return True
    if isinstance(got, np.ndarray) and got.dtype == np.float32:
        rtol = max(rtol, _RTOL_OF_SINGLE)
    # `<=` is false for a NaN on either side, so a NaN is never right
    return bool((np.abs(left - right) <= rtol * np.abs(right).max() + _ATOL).all())


def _alike(got: Any, want: Any, rtol: float) -> bool:
    """Return whether two things are the same that are no numbers, such as texts or mappings."""
    if type(got) is not type(want) or isinstance(got, np.ndarray):
        return False
    if isinstance(got, dict):
        return got.keys() == want.keys() and all(_same(got[key], want[key], rtol) for key in want)
    if isinstance(got, list | tuple):
        pairs = zip(got, want, strict=False)
        return len(got) == len(want) and all(_same(one, other, rtol) for one, other in pairs)
    return bool(got == want)


def _long_axes(array: Array) -> tuple[int, ...]:
    """Return the shape without axes of length 1: a vector may stand, lie, or be flat."""
    return tuple(length for length in array.shape if length != 1)


# --- judging ---------------------------------------------------------------------------------


def judge(got: Run, want: Want, case: Case) -> Judgement:
    """Judge what the function returned, output by output, over all inputs.

    Of several definitions in different cells the better counts: the first, which a later part may
    have replaced by its own, or the last, which may have mended it.
    """
    first = _judged(got, want, case)
    if got.later is None:
        return first
    later = first if first.credit == 1 else _judged(got.later, want, case)
    which, run, best = (
        ("last", got.later, later) if later.credit > first.credit else ("first", got, first)
    )
    if got.answer is None or run.answer is None or got.answer == got.later.answer:
        return best
    return best._replace(
        evidence=f"{best.evidence}; of several definitions the {which} counts: {run.answer.text}",
    )


def _judged(got: Run, want: Want, case: Case) -> Judgement:
    from grader.sandbox import outcomes

    if got.method:
        return _of_a_class(got.method)
    failures = [each for each in got.outcomes if not isinstance(each, outcomes.Returned)]
    if failures:
        return _failed(got, failures, want, case)
    if want.verdicts is not None:
        return _by_criteria(got, want, case)
    if all(each.value is None for each in got.outcomes):
        return _nothing(got, want)
    names = list(_weights(case.check))
    returned = [
        _returned(each.value, names, right)
        for each, right in zip(got.outcomes, want.right, strict=True)
    ]
    rtol = case.check.options.get("rtol", _RTOL)
    wrong = [name for name in names if not _all_same(name, returned, want.right, rtol)]
    if not wrong:
        return Judgement(1.0, _remark(got), evidence=_evidence(got))
    return _explained(got, want, case, returned, wrong)


def _nothing(got: Run, want: Want) -> Judgement:
    """Return the judgement of a function without a value; it may change a dictionary in place."""
    in_place = any(isinstance(value, Mapping) for value in want.inputs[0].values())
    return Judgement(
        0.0,
        f"{got.function or 'The code'} returns nothing.",
        evidence=_evidence(got),
        review=1.0 if in_place else 0.0,
        reason="it may change what it is given in place" if in_place else None,
    )


def _of_a_class(method: str) -> Judgement:
    """Leave a method to a person: what it needs beside its arguments, only its class knows."""
    return Judgement(
        0.0,
        f"The question asks for a function; {method} is a method, which cannot be called alone.",
        review=1.0,
        reason="a person should read the class",
    )


def _evidence(got: Run) -> str:
    from grader.sandbox import outcomes

    if got.outcomes and isinstance(got.outcomes[-1], outcomes.STOPPED):
        return f"{got.function or 'the program'} was run until it ended or had to be stopped"
    count = len(got.outcomes)
    return f"{got.function or 'the program'} was run on {count} input{'s' if count > 1 else ''}"


def _remark(got: Run) -> str:
    return f"Right; {got.assumed}." if got.assumed else "Right."


def _failed(got: Run, failures: Sequence[outcomes.Failure], want: Want, case: Case) -> Judgement:
    """Return the judgement of code that raised, crashed or never ended."""
    from grader.sandbox import outcomes

    reason = outcomes.explain(failures[0]) + _keys_given(failures[0], want)
    name = got.function or "The code"
    some = "" if len(failures) == len(got.outcomes) else " for some inputs"
    doubt = _doubt(got, case, failures[0])
    said = f" ({got.assumed})" if got.assumed else ""
    return Judgement(
        0.0,
        f"{name} {reason}{some}{said}.",
        evidence=_evidence(got),
        review=1.0 if doubt else 0.0,
        reason=doubt,
    )


def _keys_given(failure: outcomes.Failure, want: Want) -> str:
    """Tell the keys of the dictionaries that a function was given, where it looked for another."""
    from grader.sandbox import outcomes

    if not isinstance(failure, outcomes.Raised) or failure.trouble.type_name != "KeyError":
        return ""
    given = [value for value in want.inputs[0].values() if isinstance(value, Mapping)]
    keys = ", ".join(str(key) for each in given for key in each)
    return f"; what it was given has the keys {keys}" if keys else ""


def _doubt(got: Run, case: Case, failure: outcomes.Failure | None = None) -> str | None:
    """Return why a person should see what failed or is wrong in no known way, or None."""
    from grader.sandbox import outcomes

    if failure is not None and (blameless := outcomes.doubt(failure)):
        return blameless
    if isinstance(failure, outcomes.Raised):
        trouble = failure.trouble
        if trouble.type_name == "KeyError" or _OTHER_FORM.search(trouble.message):
            return "it seems to take its arguments in another form than the question's"
    if got.assumed:
        return f"the machine had to guess how to call it: {got.assumed}"
    depends = case.check.options.get("depends")
    return f"the fault may lie in {depends}, on which it builds" if depends else None


def _all_same(
    name: str, returned: Sequence[Outputs], wanted: Sequence[Outputs], rtol: float
) -> bool:
    pairs = zip(returned, wanted, strict=True)
    return all(name in got and _same(got[name], want[name], rtol) for got, want in pairs)


def _explained(
    got: Run, want: Want, case: Case, returned: Sequence[Outputs], wrong: Sequence[str]
) -> Judgement:
    """Name the slips behind the wrong outputs, and leave what they leave of the points."""
    weights = _weights(case.check)
    total = sum(weights.values())
    rtol = case.check.options.get("rtol", _RTOL)
    found: dict[str, Recognised] = {}
    says: list[str] = []
    lost = 0.0
    left = list(wrong)
    for slip, shown, changed in _slips_shown(want, returned, wrong, rtol):
        recognised = [_recognised(each, case) for each in slip.mistakes]
        found |= {each.id: each for each in recognised}
        kept = math.prod(
            mistake.credit if each.charged else 1.0
            for mistake, each in zip(slip.mistakes, recognised, strict=True)
        )
        share = sum(weights[name] for name in shown) / sum(weights[name] for name in changed)
        lost += (1 - kept) * share
        left = [name for name in left if name not in shown]
    for name in left:
        called = name or f"the value of {got.function or 'the program'}"
        id_, say, credit = _plain_slip(name, called, returned, want.right, rtol)
        lost += (1 - credit) * weights[name] / total
        if id_:
            found.setdefault(id_, Recognised(id_, say))
        else:
            says.append(say)
    right = sum(weight for name, weight in weights.items() if name not in wrong)
    credit = max(right / total, 1 - lost)
    doubt = _doubt(got, case)
    unsure = (1 - credit) if left and doubt else 0.0
    return Judgement(
        credit=credit,
        say=" ".join([each.say for each in found.values()] + says),
        mistakes=tuple(found.values()),
        evidence=_evidence(got) + (f"; {got.assumed}" if got.assumed else ""),
        review=unsure,
        reason=doubt if unsure else None,
    )


def _recognised(mistake: Mistake, case: Case) -> Recognised:
    charged = mistake.once is None or mistake.once not in case.charged
    return Recognised(mistake.id, mistake.say, charged)


def _slips_shown(
    want: Want, returned: Sequence[Outputs], wrong: Sequence[str], rtol: float
) -> Iterator[tuple[Slip, list[str], list[str]]]:
    """Yield slips that explain wrong outputs, with those and all that they change; widest first."""
    left = list(wrong)
    changes = [(slip, _changed(slip, want, rtol)) for slip in want.slips]
    while left:
        matched = [
            [
                name
                for name in changed
                if name in left and _all_same(name, returned, slip.values, rtol)
            ]
            for slip, changed in changes
        ]
        # Of two that explain the same, the first: a single slip stands before a pair.
        best = max(range(len(changes)), key=lambda at: len(matched[at]), default=None)
        if best is None or not matched[best]:
            return
        slip, changed = changes[best]
        yield slip, matched[best], changed
        left = [name for name in left if name not in matched[best]]


def _changed(slip: Slip, want: Want, rtol: float) -> list[str]:
    """Return the outputs that a slip makes other than right, for some input."""
    pairs = list(zip(slip.values, want.right, strict=True))
    return [
        name
        for name in slip.values[0]
        if not all(_same(wrong[name], right[name], rtol) for wrong, right in pairs)
    ]


def _plain_slip(
    name: str, called: str, returned: Sequence[Outputs], right: Sequence[Outputs], rtol: float
) -> tuple[str, str, float]:
    """Return a slip's id (or ''), a sentence and the credit for one wrong output."""
    if any(name not in each for each in returned):
        return "", f"There is no {called} among what is returned.", 0.0
    pairs = [
        (_array(got[name]), _array(want[name])) for got, want in zip(returned, right, strict=True)
    ]
    arrays = [(got, want) for got, want in pairs if got is not None and want is not None]
    if len(arrays) < len(pairs):
        return "", f"{called} is not a number or an array.", 0.0
    if all(_same(-got, want, rtol) for got, want in arrays):
        return "sign", f"The sign of {called} is the wrong way round.", _SLIP_CREDIT
    if all(_same(got.T, want, rtol) for got, want in arrays):
        return "transposed-layout", f"{called} is transposed.", _TRANSPOSED_CREDIT
    shapes = [(got.shape, want.shape) for got, want in arrays if got.size != want.size]
    if shapes:
        return "", f"{called} has the shape {shapes[0][0]}, expected {shapes[0][1]}.", 0.0
    if not all(np.isfinite(got).all() for got, _ in arrays):
        return "", f"{called} is not finite.", 0.0
    if _is_multiple(arrays, rtol):
        return "constant-factor", f"{called} is off by a constant factor.", _SLIP_CREDIT
    return "", f"{called} is not right.", 0.0


def _is_multiple(pairs: Sequence[tuple[Array, Array]], rtol: float) -> bool:
    """Return whether one factor, not 0, makes the right values of all inputs the wrong ones."""
    if len({want.tobytes() for _, want in pairs}) == 1 and pairs[0][1].size == 1:
        return False  # a constant that is another constant
    factors = []
    for got, want in pairs:
        top = int(np.abs(want).argmax()) if want.size else 0
        if not want.size or not want.flat[top]:
            return False
        factors.append(float(got.flat[top] / want.flat[top]))
    return bool(factors[0]) and all(
        abs(factor - factors[0]) <= rtol * abs(factors[0])
        and _same(got.reshape(want.shape), factors[0] * want, rtol)
        for factor, (got, want) in zip(factors, pairs, strict=True)
    )


def _by_criteria(got: Run, want: Want, case: Case) -> Judgement:
    """Judge by what the reference finds in the returned values."""
    assert want.verdicts is not None, "asked for only where there is one"
    met = want.verdicts([each.value for each in got.outcomes])
    criteria = case.check.options.get("criteria", ())
    total = sum(each["points"] for each in criteria)
    earned = unsure = 0.0
    says: list[str] = []
    for each in criteria:
        found = [verdict.get(each["id"]) for verdict in met]
        if all(found):
            earned += each["points"]
        elif any(value is not None and not value for value in found):
            says.append(each["say"])
        else:
            unsure += each["points"]
    mistakes = [
        _recognised(each, case)
        for each in case.check.mistakes
        if any(verdict.get(each.id) for verdict in met)
    ]
    return Judgement(
        credit=earned / total,
        say=" ".join([*(each.say for each in mistakes), *says]) or ("" if unsure else "Right."),
        mistakes=tuple(mistakes),
        evidence=_evidence(got) + (f"; {got.assumed}" if got.assumed else ""),
        review=unsure / total,
        reason="the machine cannot tell from the values alone" if unsure else None,
    )
