"""Words of a natural language between and around formulas."""

from __future__ import annotations

from collections.abc import Sequence

from grader.formula.lexer import Token
from grader.formula.spelling import words

# Words that carry no mathematics where they stand beside a formula.
PLAIN = words(
    """
    a about above according activation activations after again all also an and another answer
    answers any applied apply applying are as assume assuming at be because become becomes been
    before being below bias biases but by calculate calculated can cannot case chain check class
    classes clearly code column columns component components compute computed computing consider
    constant cost couldn could cross data define defined defining definition denote denoted
    denotes denoting derivation derivative derivatives derive derived describe descent didn
    differentiate differentiating differentiation dimension dimensions do does doesn don done dont
    each easily element elements elementwise end entropy entry entries equal equality equals
    equation equations equivalent equivalently error errors example examples exactly expand
    expanding explain expression feature features figure final finally find first follow following
    follows for form formula formulas forward found from full function functions further gave get
    gets getting give given gives giving gradient gradients had hadamard has have hello hence here
    hidden hint how however idea identity implies import in indicator individual input inputs
    inserting instead into is it its item just know known labels label last layer layers layout
    learning leave left let lets letting like line linear logistic look loss losses make makes
    mask matrix matrices maybe me mean means meaning method model more multiplication multiply
    multiplied multiplying must my name named namely need net network neuron neurons new next no
    node notation note now number numbers objective obtain obtained obtaining obtains of off ok on
    once one only operator or other otherwise our out output outputs over parameter parameters
    part partial parts per plug plugging plus point pointwise predicted prediction predictions
    previous probability problem product proof prove put putting question rate reads really recall
    regression regularisation regularization relation relu remember replace respect result
    resulting results return returns rewrite right row rows rule same sample samples say scalar
    second see set sets shape show shows shown sigmoid similar similarly simple simplified
    simplifies simplify simplifying simply since single size sizes so softmax solution solve
    solved solving some space step steps still stochastic substitute substituting such sum take
    taken takes taking target targets term terms than that the their them then there thereby
    therefore these they think this those three thus to together total train training transform
    transformation true trying two type under unit units update updated updates use used uses
    using value values variable variables vector vectors via view want was way we weight weights
    well went were what when whence where whereas which while whole whose why will with within
    without won work would write writing written wrt yields you your zero vectorized vectorised
    stands stated meaning equivalently length cancel cancels cancelled canceled cancelling drop
    actually correction sorry oops wait drops vanish vanishes disappear disappears remain remains
    final gilt also folgt mit wobei und der die das ist sei
    dann damit also donc avec est soit alors où ainsi on et le la les
    """
)

# Words that change what is meant: never passed over beside an answer.
MEANT = words(
    """
    not minus negative negated half twice double divided dividing over averaged average averaging
    mean sum summed summing squared inverse inverted transpose transposed without except excluding
    approximately roughly unless either neither nor opposite reciprocal times multiplied plus
    never product
    """
)

# Words among them that may only say what a product of matrices does anyway.
CLARIFYING = words("sum summed summing over transpose transposed times multiplied product")

# Between two formulas: both say the same thing.
EQUATING = words(
    """
    equivalently i e ie eg is are that means equals equal which or gives yields namely becomes
    given simplifies reduces evaluates same identical written expressed obtained amounts form
    notation compactly vectorized vectorised short
    """
)
# Words that may stand beside those.
_BETWEEN = words(
    "as to by the be can also then therefore thus just simply again now so exactly in vector matrix"
)
# Behind a formula: what follows is a reason, a part or a size, and no other answer.
_EXPLAINING = words(
    """
    because since using no not without if had unlike rather instead note recall where with length
    shape size dimension dimensions dims entries entry components component elements element
    """
)


def equates(between: Sequence[str]) -> bool:
    """Return whether the words between two formulas say that they are the same."""
    said = set(between)
    return bool(said & EQUATING) and said <= EQUATING | _BETWEEN and not said <= CHOOSING


def explains(before: Sequence[str]) -> bool:
    """Return whether words say that the formula behind them is about the one before them."""
    return not _EXPLAINING.isdisjoint(before) and _CORRECTING.isdisjoint(before)


def concludes(before: Sequence[str]) -> bool:
    """Return whether the words before a formula say that it is what comes out."""
    return not _CONCLUDING.isdisjoint(before)


def announces(between: Sequence[str]) -> bool:
    """Return whether the words behind a quantity's name say that what follows is its value."""
    said = set(between)
    return between[:1] in (("is",), ("equals",), ("becomes",)) and not said & MEANT


_CONCLUDING = words("get obtain have gives yields remains left hence thus therefore so then")
_CORRECTING = words("actually correction sorry oops wait")
# Between two formulas: the student offers a choice, which is no answer.
CHOOSING = words("or either otherwise maybe perhaps alternatively oder ou and und et")


def is_word(token: Token) -> bool:
    """Return whether the token could be a word of a sentence."""
    if token.kind == "text":
        return True
    return token.kind == "word" and token.text.isalpha() and token.text.isascii()


def mark(tokens: Sequence[Token], known: Sequence[bool]) -> list[bool]:
    """Tell, for each token, whether it is prose; `known` says which words are mathematics.

    A word is prose if it is a usual one, or a stranger among words; so is a letter between words.
    """
    if all(t.kind != "text" and (known[i] or t.kind != "word") for i, t in enumerate(tokens)):
        return [False] * len(tokens)
    prose = [
        (_is_plain(token, known[i]) and not _is_tied(tokens, i))
        or (not known[i] and _denies(tokens, i))
        for i, token in enumerate(tokens)
    ]
    strange = [
        is_word(token) and not known[i] and len(token.text) > 1 for i, token in enumerate(tokens)
    ]
    for i, token in enumerate(tokens):
        if strange[i] and not prose[i] and not _is_operand(tokens, i):
            before = i > 0 and (prose[i - 1] or strange[i - 1])
            after = i + 1 < len(tokens) and (prose[i + 1] or strange[i + 1])
            prose[i] = before or after or token.kind == "text" or _is_alone(tokens, i)
    _apostrophes(tokens, prose)
    _letters(tokens, prose)
    return prose


def _is_plain(token: Token, known: bool) -> bool:
    if token.kind == "text":
        return True
    return not known and token.kind == "word" and token.text.lower() in PLAIN


_NEAR = 40  # tokens between `not` and its `but`


def _denies(tokens: Sequence[Token], i: int) -> bool:
    """Tell the `not` of `..., not (y - a)` and `not ..., but ...` from that of a condition."""
    if tokens[i].text.lower() != "not" or tokens[i].kind != "word":
        return False
    before = tokens[i - 1] if i else None
    stopped = before is not None and before.kind == "sep" and before.text in (",", ";", ".")
    spoken = before is not None and before.text in ("is", "are", "and", "but", "does", "do")
    return stopped or spoken or any(token.text == "but" for token in tokens[i : i + _NEAR])


def _is_alone(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a stranger is all that stands between two stops: `Ans. ...`."""
    before = i == 0 or tokens[i - 1].kind == "sep"
    after = i + 1 == len(tokens) or tokens[i + 1].kind == "sep"
    return before and after and (i == 0 or i + 1 < len(tokens)) and len(tokens) > 1


def _is_tied(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a usual word is part of a name or applied: `cross_entropy(`, `mean(`."""
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if before is not None and before.kind == "sub":
        return True
    if after is None or after.spaced:
        return False
    return after.kind in ("sub", "attr") or after.text == "("


def _is_operand(tokens: Sequence[Token], i: int) -> bool:
    """Return whether a strange word is tied to a formula by a sign beside it."""
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    tied_after = after is not None and (
        after.kind in ("sub", "sup", "attr", "prime")
        or (after.kind == "op" and after.text not in ("-", "!", "?"))
        or (after.kind == "open" and not after.spaced)
        or (after.kind == "rel")
    )
    tied_before = before is not None and (
        before.kind in ("sub", "sup", "command") or (before.kind == "op" and before.text != "-")
    )
    return tied_after or tied_before


def _apostrophes(tokens: Sequence[Token], prose: list[bool]) -> None:
    """Let `don't` and `it's` be one word each."""
    for i in range(1, len(tokens) - 1):
        joined = not tokens[i].spaced and not tokens[i + 1].spaced
        if tokens[i].kind == "prime" and prose[i - 1] and joined and is_word(tokens[i + 1]):
            prose[i] = prose[i + 1] = True


def _letters(tokens: Sequence[Token], prose: list[bool]) -> None:
    """Let single letters between words be prose: `where x is a vector`."""
    for i, token in enumerate(tokens):
        if prose[i] or token.kind != "word" or len(token.text) > 1:
            continue
        before = i == 0 or prose[i - 1] or tokens[i - 1].kind == "sep"
        after = i + 1 < len(tokens) and prose[i + 1]
        announced = i > 1 and prose[i - 1] and prose[i - 2] and tokens[i + 1 : i + 2]
        if before and after and tokens[i + 1].spaced:
            prose[i] = True
        elif announced and tokens[i + 1].text == ":":
            prose[i] = True  # `for each k: ...`
