"""A function is judged by the values that it returns, each slip by its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from grader.errors import ReferenceFault
from grader.kinds import Case, Run, function
from grader.model import Check, Mistake, Question
from grader.sandbox import outcomes
from grader.sandbox.faults import Place, Trouble

RNG = np.random.default_rng(3)
INPUTS = [{"x": RNG.normal(size=(3, m)), "k": float(m)} for m in (4, 5)]


def affine(x: Any, k: float, sign: float = 1.0, scale: float = 1.0) -> Mapping[str, Any]:
    return {"double": sign * scale * 2 * x, "total": scale * np.sum(x) + k}


REFERENCES = {
    "t.inputs": lambda given: INPUTS,
    "t.affine": lambda given: affine(**given),
    "t.total": lambda given: affine(**given)["total"],
    "t.both": lambda given: {"small": len(given["got"]) == len(given["inputs"]), "seen": True},
    "t.judged": lambda given: {"small": bool(np.abs(given["got"]).max() < 1), "seen": None},
}


def call(name: str, given: Mapping[str, Any]) -> Any:
    return REFERENCES[name](given)


def check(**options: Any) -> Check:
    words = {
        "name": "f",
        "inputs": "t.inputs",
        "expect": "t.affine",
        "returns": ["double", "total"],
    }
    slip = Mistake("minus", "The sign is lost.", 0.6, {"with": {"sign": -1.0}})
    other = Mistake("tripled", "It is tripled.", 0.5, {"with": {"scale": 3.0}})
    return Check("function", "answer", 4, {**words, **options}, mistakes=(slip, other))


def judged(returned: list[Any], **options: Any):
    asked = check(**options)
    question = Question("q", "Q", "?", 4, (asked,))
    want = function.expect(asked, question, call)
    got = Run(tuple(outcomes.Returned(value) for value in returned), function="f")
    return function.judge(got, want, Case(asked, question))


RIGHT = [affine(**each) for each in INPUTS]


@pytest.mark.parametrize(
    "returned",
    [
        RIGHT,
        [(each["double"], each["total"]) for each in RIGHT],
        [[each["double"], {"TOTAL": each["total"]}] for each in RIGHT],
        [(each["total"], {"double": each["double"]}) for each in RIGHT],
        [
            {"double": each["double"].tolist(), "total": np.array([[each["total"]]])}
            for each in RIGHT
        ],
        [{**each, "more": "things"} for each in RIGHT],
    ],
    ids=["dict", "tuple", "mixed", "named one aside", "lists and (1, 1)", "extra keys"],
)
def test_any_way_of_returning_the_right_values_is_right(returned: list[Any]):
    """Tuples, dictionaries and lists hold the same answer."""
    judgement = judged(returned)
    assert judgement.credit == 1
    assert not judgement.mistakes


def test_a_named_slip_is_recognised_by_its_values():
    """What the slip would return on every input is that slip."""
    judgement = judged([affine(**each, sign=-1.0) for each in INPUTS])
    assert [each.id for each in judgement.mistakes] == ["minus"]
    assert judgement.credit == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("change", "id_", "says"),
    [
        (lambda value: -value, "sign", "wrong way round"),
        (lambda value: value * 7.5, "constant-factor", "constant factor"),
        (lambda value: value + 1e-4, None, "is not right"),
        (lambda value: value * np.nan, None, "not finite"),
        (lambda value: "12", None, "not a number"),
    ],
)
def test_an_unnamed_slip_is_described(change: Any, id_: str | None, says: str):
    """The plain slips have names of their own, and the rest keeps the share that is right."""
    judgement = judged([{**each, "total": change(each["total"])} for each in RIGHT])
    assert [each.id for each in judgement.mistakes] == ([id_] if id_ else [])
    assert says in judgement.say
    assert 0.5 <= judgement.credit < 1


def test_a_transposed_matrix_is_told():
    """A matrix that lies on its side is named, also where it is square only by chance."""
    judgement = judged([{**each, "double": each["double"].T} for each in RIGHT])
    assert [each.id for each in judgement.mistakes] == ["transposed-layout"]


def test_a_constant_answer_is_right_for_one_input_only():
    """Replaying the answer to one input is wrong, since there are several."""
    assert judged([RIGHT[0], RIGHT[0]]).credit == 0


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (outcomes.TimedOut("cpu", 2), "did not finish within 2 s"),
        (outcomes.Crashed(11), "crashed (SIGSEGV)"),
        (outcomes.Unsupported("function"), "no plain value"),
        (outcomes.Ended("exit status 0"), "ended the program early"),
    ],
)
def test_code_that_fails_is_wrong_with_its_reason(failure: Any, says: str):
    """A crash or an endless loop costs the question, and the sentence says why."""
    asked = check()
    question = Question("q", "Q", "?", 4, (asked,))
    want = function.expect(asked, question, call)
    got = Run((outcomes.Returned(RIGHT[0]), failure), function="f")
    judgement = function.judge(got, want, Case(asked, question))
    assert judgement.credit == 0
    assert says in judgement.say


def test_criteria_are_met_missed_or_left_to_a_person():
    """A reference may judge returned values; what it cannot tell awaits review."""
    criteria = [
        {"id": "small", "points": 1, "say": "Too large."},
        {"id": "seen", "points": 3, "say": "Not seen."},
    ]
    small = judged([0.1, 0.2], by="t.judged", criteria=criteria)
    large = judged([0.1, 2.0], by="t.judged", criteria=criteria)
    assert (small.credit, small.review) == (0.25, 0.75)
    assert large.credit == 0
    assert "Too large." in large.say


def test_two_slips_at_once_are_both_named():
    """What only both together would return is both, and costs both."""
    judgement = judged([affine(**each, sign=-1.0, scale=3.0) for each in INPUTS])
    assert [each.id for each in judgement.mistakes] == ["minus", "tripled"]
    assert judgement.credit == pytest.approx(0.6 * 0.5)


def test_a_slip_in_one_output_costs_that_output():
    """A slip that would change two things, and was made in one, costs its share."""
    tripled = [affine(**each, scale=3.0) for each in INPUTS]
    judgement = judged(
        [{**right, "total": slip["total"]} for right, slip in zip(RIGHT, tripled, strict=True)]
    )
    assert [each.id for each in judgement.mistakes] == ["tripled"]
    assert judgement.credit == pytest.approx(0.75)


def test_outputs_may_weigh_differently():
    """What is right keeps what it weighs."""
    wrong = [{**each, "total": each["total"] + each["k"]} for each in _with_k()]
    judgement = judged(wrong, returns={"double": 3, "total": 1})
    assert judgement.credit == pytest.approx(0.75)


def _with_k() -> list[dict[str, Any]]:
    return [{**right, "k": given["k"]} for right, given in zip(RIGHT, INPUTS, strict=True)]


def test_what_stands_alone_counts_before_the_dictionary():
    """In (A2, cache) it is A2 itself that was asked for, not its copy."""
    copied = [(each["double"] + 1, dict(each)) for each in RIGHT]
    assert "double" in judged(copied).say
    assert judged([(each["double"], dict(each)) for each in RIGHT]).credit == 1


def test_what_builds_on_another_function_awaits_a_person():
    """Where values are wrong in no known way, the other function may be to blame."""
    wrong = [{**each, "total": each["total"] + each["k"]} for each in _with_k()]
    judgement = judged(wrong, depends="helper")
    assert judgement.review == pytest.approx(1 - judgement.credit)
    assert "helper" in judgement.reason
    assert judged([affine(**each, sign=-1.0) for each in INPUTS], depends="helper").review == 0


def test_all_calls_can_be_judged_together():
    """A reference that is given all that was returned sees how it belongs together."""
    criteria = [{"id": name, "points": 1, "say": "No."} for name in ("small", "seen")]
    assert judged([1, 2], by_all="t.both", criteria=criteria).credit == 1


def test_a_probe_that_found_nothing_is_no_answer():
    """None from a probe is a missing answer; None from a student's function is a wrong one."""
    nothing = (outcomes.Returned(None), outcomes.Returned(None))
    assert function.observe(Run(nothing), check()) is None
    assert function.observe(Run(nothing, function="f"), check()) is not None
    assert function.observe(Run((outcomes.Returned(np.zeros(3)),)), check()) is not None


def test_single_precision_has_its_own_tolerance():
    """What was computed in float32 is right to its own digits, and no further off than that."""
    single = [{**each, "double": each["double"].astype(np.float32)} for each in RIGHT]
    assert judged(single).credit == 1
    off = [{**each, "double": (each["double"] * 1.001).astype(np.float32)} for each in RIGHT]
    assert judged(off).credit < 1


@pytest.mark.parametrize(
    "returned",
    [
        [(each["double"], (each["total"], each["double"])) for each in RIGHT],
        [{"two_x": each["double"], "sum": each["total"]} for each in RIGHT],
        [(dict(each), [0.1, 0.2]) for each in RIGHT],
        [(each["double"], dict(each), (each["total"], "more")) for each in RIGHT],
    ],
    ids=["tuple in a tuple", "other keys", "beside a history", "with more behind it"],
)
def test_what_stands_beside_the_answer_is_passed_over(returned: list[Any]):
    """Caches in tuples, own names in dictionaries, histories: the answer is among them."""
    assert judged(returned).credit == 1


@pytest.mark.parametrize("wrap", [lambda v: (v, np.ones(3)), lambda v: (v, {}), lambda v: {"c": v}])
def test_one_value_may_have_company(wrap: Any):
    """Of (cost, terms) the first is meant; a wrong one stays wrong, and so does a vector."""
    words = {"expect": "t.total", "returns": [""]}
    assert judged([wrap(each["total"]) for each in RIGHT], **words).credit == 1
    assert judged([wrap(each["total"] + 1) for each in RIGHT], **words).credit == 0
    assert judged([(each["total"], 1.0) for each in RIGHT], **words).credit == 0


def test_a_guessed_call_that_fails_awaits_a_person():
    """The guess may be at fault; what was called as asked is simply wrong."""
    asked = check()
    question = Question("q", "Q", "?", 4, (asked,))
    want = function.expect(asked, question, call)
    for assumed, review in {"called with b, a in its own order": 1, "": 0}.items():
        failure = outcomes.Raised(Trouble("ValueError", "no", Place("a.py")))
        got = Run((failure, failure), function="f", assumed=assumed)
        assert function.judge(got, want, Case(asked, question)).review == review


@pytest.mark.parametrize(
    "message",
    [
        "'numpy.ndarray' object has no attribute 'detach'",
        "sqrt(): argument 'input' (position 1) must be Tensor, not numpy.ndarray",
        "tuple indices must be integers, but 'dict' object was given",
        "unsupported operand type(s) for @: 'numpy.ndarray' and 'Tensor'",
    ],
)
def test_code_for_other_types_of_arguments_awaits_a_person(message: str):
    """It may be right for tensors, say, where the question has arrays."""
    asked = check()
    question = Question("q", "Q", "?", 4, (asked,))
    want = function.expect(asked, question, call)
    failure = outcomes.Raised(Trouble("TypeError", message, Place("a.py")))
    got = Run((failure, failure), function="f")
    judgement = function.judge(got, want, Case(asked, question))
    assert (judgement.credit, judgement.review) == (0, 1)


def test_a_reference_may_return_tensors():
    """They are compared as the arrays that a student's code comes back with."""
    torch = pytest.importorskip("torch")
    weights = torch.ones(2, requires_grad=True)
    asked = check(inputs=[{}], expect="t.tensors", returns=["double", "total"])._replace(
        mistakes=()
    )
    question = Question("q", "Q", "?", 4, (asked,))
    value = {"double": 2 * weights, "total": [weights.sum()]}
    want = function.expect(asked, question, lambda name, given: value)
    got = Run((outcomes.Returned((np.full(2, 2.0), [2.0])),), function="f")
    assert function.judge(got, want, Case(asked, question)).credit == 1


def test_a_judge_that_returns_no_mapping_is_told_what_to_return():
    """A list of what is met is no mapping: the teacher reads what was expected, and what came."""
    words = {"by": "t.total", "criteria": [{"id": "small", "points": 1, "say": "no"}]}
    with pytest.raises(ReferenceFault, match=r"a mapping from the id .* not a list"):
        judged_by_list(words)


def judged_by_list(words: Mapping[str, Any]) -> None:
    asked = Check("function", "answer", 1, {"name": "f", "inputs": [{}], **words})
    question = Question("q", "Q", "?", 1, (asked,))
    want = function.expect(asked, question, lambda name, given: ["small"])
    function.judge(Run((outcomes.Returned(1),), function="f"), want, Case(asked, question))


def test_a_function_that_returns_nothing_may_work_in_place():
    """Where it was given a dictionary, a person looks; where not, it is simply wrong."""
    nothing = (outcomes.Returned(None), outcomes.Returned(None))
    for inputs, review in ([{"x": 1.0}, {"x": 2.0}], 0), ([{"x": {}}, {"x": {}}], 1):
        asked = check(inputs=inputs, expect="t.one", returns=[""])
        question = Question("q", "Q", "?", 4, (asked,))
        want = function.expect(asked, question, lambda name, given: 1.0)
        got = function.judge(Run(nothing, function="f"), want, Case(asked, question))
        assert (got.credit, got.review, got.say) == (0, review, "f returns nothing.")


@pytest.mark.parametrize(
    "odd",
    [
        1j,
        np.ones((4, 2)) * 1j,
        np.ones(3) * 1j,
        {"x": np.ones(2) * 1j},
        [np.ones(2), "x"],
        "3",
        None,
    ],
    ids=repr,
)
def test_what_is_no_real_number_is_wrong_and_no_fault_of_ours(odd: Any):
    """Complex numbers, texts, mappings: whatever a function returns is judged."""
    shapes = [{"double": odd, "total": odd}, {"double": RIGHT[0]["double"], "total": odd}, odd]
    for returned in shapes:
        assert judged([returned] * len(RIGHT)).credit < 1


def test_texts_and_mappings_are_compared_by_what_is_in_them():
    """Arrays inside of them, too."""
    same = {"a": np.ones(2), "b": ["x", np.zeros(3)]}
    assert function._same(same, {"a": np.ones(2), "b": ["x", np.zeros(3)]}, 1e-6)
    assert not function._same(same, {"a": np.ones(2), "b": ["x", np.ones(3)]}, 1e-6)
    assert not function._same(same, {"a": np.ones(2)}, 1e-6)
    assert not function._same(np.ones((4, 2)) * 1j, np.ones((1, 7)), 1e-6)
