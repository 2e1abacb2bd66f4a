"""Tokens to a tree, by precedence climbing over the names that a question knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from grader.errors import Unreadable
from grader.formula import functions, spelling
from grader.formula.lexer import Source, Token
from grader.formula.tree import Node

# Bounds on one formula. A gradient of a two-layer net has about 100 tokens, nested 6 deep.
MAX_DEPTH = 40
MAX_STEPS = 6_000
MAX_CHAIN = 60
MAX_FORMULA = 2_000

_CONSTANTS = frozenset({"e", "pi", "inf", "𝟏", "infinity", "Infinity"})
_TRANSPOSES = frozenset({"T", "⊤", "top", "t", "tr", "Tr", "transpose", "H", "intercal"})
_PREFIX_WORDS = frozenset({"sum", "prod", "not", "indicator", "Sum", "𝟏"})
# Words that end an operand and belong to the construct around it.
_KEYWORDS = spelling.words(
    """
    if else otherwise when for and or where mod xor xnor elif then unless AND OR XOR XNOR MOD
    times minus plus transposed
    """
)
_WORD_OPERATORS = {"times": "×", "minus": "-", "plus": "+"}
_LOGIC = {"and": "and", "or": "or", "xor": "xor", "xnor": "xnor"}
_CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "⌊": "⌋", "⌈": "⌉", "<": ">"}
_SEVERAL = functions.STRUCTURAL | {"atan2"}
_DIVIDING = {"mod": "mod", "//": "floor_divide", "\\": "solve"}
_PRODUCTS = frozenset({"*", "·", "×", "@", "⊙", "⊗"})
_INDEX_LETTERS = re.compile(r"[a-zA-Z]+")
_METHODS = spelling.words(
    """
    sum mean max min reshape flatten ravel squeeze unsqueeze astype exp log log10 log2 sqrt
    square abs sigmoid tanh relu softmax sign inv trace norm dot mm matmul outer pow mul add sub
    div diag clip clamp expand_dims log1p prod std var view item numpy copy clone detach double
    float to type int long inverse cumsum bmm diagonal argmax contiguous cpu cuda
    """
)
_SILENT_METHODS = spelling.words(
    "copy clone detach numpy item to type double float int long contiguous cpu cuda astype"
)
_TYPES = spelling.words(
    "float int bool double long float16 float32 float64 int32 int64 uint8 True False None"
)

_COMPARE, _ADD, _MUL, _TIGHT, _UNARY, _POWER = 30, 40, 50, 52, 55, 70


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every spelling of every name that may be used, and the functions with names of their own."""

    names: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()

    def knows(self, word: str) -> bool:
        """Return whether `word` is a name or a function of this question."""
        return word in self.names or word in self.functions

    def with_names(self, more: Mapping[str, str]) -> Vocabulary:
        """Return this vocabulary with other spellings on top, such as a function's arguments."""
        return Vocabulary({**self.names, **more}, self.functions, self.shown)


def spellings(canonical: str) -> list[str]:
    """Return the ways in which a canonical name such as `y_hat` or `x_1` is typed."""
    found = [canonical, canonical.replace("_", "")]
    if canonical.count("_") > 1:
        head, _, tail = canonical.rpartition("_")
        found += [f"{head.replace('_', '')}_{tail}", head + tail]
        found.append(canonical.split("_")[0] + "_" + "".join(canonical.split("_")[1:]))
    return found


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and the questions that its notation left open."""

    tree: Node
    open: frozenset[str]


def parse(
    source: Source,
    tokens: Sequence[Token],
    vocabulary: Vocabulary,
    policy: frozenset[str] = frozenset(),
    letters: frozenset[str] = frozenset(),
) -> Parsed:
    """Return the tree of `tokens`, all of which must be used.

    `policy` names the less usual readings to take: "tight-slash" (1/2m is 1/(2m)),
    "greedy-argument" (log a b is log(ab)), "wide-sum" and "narrow-sum". `letters` are
    indices that are known from elsewhere, such as those of the left-hand side.
    """
    if len(tokens) > MAX_FORMULA:
        raise Unreadable(
            "the formula is too long", text=source.text, position=tokens[MAX_FORMULA].start
        )
    if sum(token.text == "(" for token in tokens) > MAX_DEPTH // 2:
        tokens = _unnested(tokens)
    parser = _Parser(source, tokens, vocabulary, policy, letters)
    tree = parser.whole()
    return Parsed(tree, frozenset(parser.open))


def _unnested(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens with doubled brackets, `((...))`, made single."""
    stack: list[int] = []
    closing: dict[int, int] = {}
    for i, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(i)
        elif token.kind == "close" and stack:
            closing[stack.pop()] = i
    dropped: set[int] = set()
    for i, j in closing.items():
        if tokens[i].text == "(" and closing.get(i + 1) == j - 1 and tokens[i + 1].text == "(":
            dropped |= {i + 1, j - 1}
    return [token for i, token in enumerate(tokens) if i not in dropped]


def index_letters(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the letters that stand as subscripts, or raised in brackets."""
    found: set[str] = set()
    for i, token in enumerate(tokens[:-1]):
        if token.kind not in ("sub", "sup"):
            continue
        first = tokens[i + 1]
        if first.kind == "word" and token.kind == "sub":
            found.update(first.text if len(first.text) <= 3 else "")
        elif first.kind == "open" and (token.kind == "sub" or tokens[i + 2].kind == "open"):
            depth = 1
            for inner in tokens[i + 2 :]:
                depth += (inner.kind == "open") - (inner.kind == "close")
                if depth == 0:
                    break
                if inner.kind == "word" and len(inner.text) <= 3:
                    found.update(inner.text)
    return frozenset(letter for letter in found if letter.isalpha() and letter != "T")


class _Parser:
    """One pass over the tokens of one formula."""

    def __init__(
        self,
        source: Source,
        tokens: Sequence[Token],
        vocabulary: Vocabulary,
        policy: frozenset[str],
        letters: frozenset[str],
    ) -> None:
        end = tokens[-1].end if tokens else 0
        self.source = source
        self.tokens = [*tokens, Token("eof", "", end, end, True)]
        self.vocabulary = vocabulary
        self.policy = policy
        self.open: set[str] = set()
        self.at = 0
        self.depth = 0
        self.steps = 0
        self.chain = 0
        self.bars = 0
        self.equals = 0  # > 0 where `=` compares: inside brackets and conditions
        self.commas = 0  # > 0 where a comma parts arguments
        self.bound: list[str] = []
        self.free = letters | index_letters(tokens)
        self.asked = letters

    # --- the stream

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "eof":
            self.at += 1
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise self.fail("the formula is too long", token)
        return token

    def fail(self, message: str, token: Token | None = None) -> Unreadable:
        where = self.token if token is None else token
        return Unreadable(message, text=self.source.text, position=where.start)

    def is_at(self, kind: str, text: str | None = None) -> bool:
        token = self.tokens[self.at]
        return token.kind == kind and (text is None or token.text == text)

    def accept(self, kind: str, text: str | None = None) -> bool:
        if self.is_at(kind, text):
            self.take()
            return True
        return False

    def close(self, opened: Token) -> None:
        want = _CLOSING[opened.text]
        if not self.is_at("close", want):
            found = self.token
            if found.kind == "eof":
                raise self.fail(
                    f"'{want.lstrip(chr(92))}' is missing to close this bracket", opened
                )
            raise self.fail(f"expected '{want.lstrip(chr(92))}', found {_shown(found)}")
        self.take()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail("the formula is nested too deeply")

    def linked(self) -> None:
        self.chain += 1
        if self.chain > MAX_CHAIN:
            raise self.fail("the formula is too long")

    def node(self, op: str, args: tuple[Node, ...], value: object, start: int) -> Node:
        end = self.tokens[self.at - 1].end if self.at else start
        return Node(op, args, value, start, end)  # type: ignore[arg-type]  # callers pass Values

    # --- expressions, loosest first

    def whole(self) -> Node:
        tree = self.bracketed()
        while self.is_at("sep") and self.token.text in (".", ",", ";"):
            self.take()
        if self.token.kind != "eof":
            raise self.fail(f"{_shown(self.token)} was not expected here")
        return tree

    def expression(self) -> Node:
        """Read a value with its conditions, if it has any."""
        self.deeper()
        start = self.token.start
        value = self.disjunction()
        if self.is_at("op", "?"):
            value = self.ternary(value, start)
        elif self.token.kind == "word" and self.token.text in ("if", "when", "for"):
            value = self.conditional(value, start)
        self.depth -= 1
        return value

    def ternary(self, condition: Node, start: int) -> Node:
        self.take()
        then = self.expression()
        if not self.accept("sep", ":"):
            raise self.fail("expected ':' of a case distinction")
        return self.node("cases", (then, condition, self.expression()), None, start)

    def conditional(self, value: Node, start: int) -> Node:
        """Read `2-x if x>=1 else x`, `1 if x>=0.5, -1 otherwise`, `x for x<1, 2-x for x>=1`."""
        args = [value]
        while True:
            self.take()
            args.append(self.condition())
            while self.token.kind == "sep" and self.token.text in (",", ";", "\n", "\\\\", "."):
                self.take()
            if self.token.kind == "word" and self.token.text in ("and", "or"):
                self.take()
            if self.token.kind == "word" and self.token.text in ("else", "otherwise", "elif"):
                otherwise = self.take().text != "elif"
                self.accept("sep", ",")
                args.append(self.expression() if otherwise else self.disjunction())
                if otherwise:
                    return self.node("cases", tuple(args), None, start)
                raise self.fail("a value is missing before 'elif'")
            if self.token.kind == "eof" or self.token.kind == "close":
                return self.node("cases", tuple(args), None, start)
            args.append(self.disjunction())
            if self.token.kind == "word" and self.token.text in ("otherwise", "else"):
                self.take()
                return self.node("cases", tuple(args), None, start)
            if not (self.token.kind == "word" and self.token.text in ("if", "when", "for")):
                raise self.fail("expected a condition or 'otherwise'")

    def condition(self) -> Node:
        self.equals += 1
        found = self.disjunction()
        self.equals -= 1
        return found

    def disjunction(self) -> Node:
        start = self.token.start
        left = self.negation()
        while self.token.kind in ("op", "word") and self.token.text.lower() in _LOGIC:
            if self.token.kind == "word" and self.vocabulary.knows(self.token.text):
                break
            if self.peek().kind == "word" and self.peek().text in ("otherwise", "else"):
                break
            op = _LOGIC[self.take().text.lower()]
            self.linked()
            left = self.node("logic", (left, self.negation()), op, start)
        return left

    def negation(self) -> Node:
        start = self.token.start
        if self.is_at("op", "not") or (self.is_at("word", "not") or self.is_at("op", "!")):
            self.take()
            self.deeper()
            found = self.node("logic", (self.negation(),), "not", start)
            self.depth -= 1
            return found
        return self.comparison()

    def comparison(self) -> Node:
        start = self.token.start
        left = self.sum()
        found: Node | None = None
        while self.token.kind == "rel" and self.compares(self.token.text):
            op = self.take().text
            right = self.sum()
            self.linked()
            this = self.node("compare", (left, right), "==" if op == "=" else op, start)
            found = this if found is None else self.node("logic", (found, this), "and", start)
            left = right
        return left if found is None else found

    def compares(self, text: str) -> bool:
        if text == "=":
            return self.equals > 0
        return text in ("<", ">", "<=", ">=", "==", "!=")

    def sum(self) -> Node:
        """Read terms."""
        start = self.token.start
        first = self.signed_product()
        if not self.is_sign():
            return first
        terms = [first]
        while self.is_sign():
            sign = self.take()
            minus = _WORD_OPERATORS.get(sign.text, sign.text) == "-"
            term = self.product()
            terms.append(self.node("neg", (term,), None, sign.start) if minus else term)
        return self.node("add", tuple(terms), None, start)

    def signed_product(self) -> Node:
        """Read the first term; its minus takes in all factors."""
        sign = self.token
        if not self.is_sign():
            return self.product()
        self.take()
        self.deeper()
        term = self.signed_product()
        self.depth -= 1
        minus = _WORD_OPERATORS.get(sign.text, sign.text) == "-"
        return self.node("neg", (term,), None, sign.start) if minus else term

    def is_sign(self) -> bool:
        token = self.token
        if token.kind == "op":
            return token.text in ("+", "-")
        return token.kind == "word" and token.text in ("plus", "minus")

    def product(self) -> Node:
        """Read factors; a slash takes what stands left of it as its numerator."""
        start = self.token.start
        factors = [self.factor()]
        signs: list[str] = []
        while True:
            sign = self.product_sign()
            if sign is None:
                break
            if sign in ("/", "./") or sign in _DIVIDING:
                self.linked()
                top = self.folded(factors, signs, start)
                if sign in _DIVIDING:
                    name = _DIVIDING[sign]
                    factors = [self.node("call", (top, self.factor()), name, start)]
                else:
                    factors = [self.node("div", (top, self.denominator()), sign, start)]
                signs = []
            else:
                signs.append(sign)
                factors.append(self.factor())
                if len(factors) > MAX_CHAIN:
                    raise self.fail("the product has too many factors")
        return self.folded(factors, signs, start)

    def folded(self, factors: list[Node], signs: list[str], start: int) -> Node:
        if len(factors) == 1:
            return factors[0]
        return self.node("mul", tuple(factors), tuple(signs), start)

    def denominator(self) -> Node:
        """Read what a slash divides by: one factor, or with `tight-slash` a juxtaposed run."""
        start = self.token.start
        factors = [self.factor()]
        while self.starts_factor():
            self.open.add("tight-slash")
            if "tight-slash" not in self.policy:
                break
            factors.append(self.factor())
        return self.folded(factors, ["juxt"] * (len(factors) - 1), start)

    def product_sign(self) -> str | None:
        """Take the operator of a product, if one stands here; adjacency is `juxt`."""
        token = self.token
        if token.kind == "op":
            if token.text in _PRODUCTS or token.text in ("/", "./", "//", "mod", "\\"):
                return self.take().text
            if token.text == "%":
                self.take()
                return "mod"
            return None
        if token.text == "." and token.kind == "sep" and token.spaced and self.equals:
            if self.peek().spaced and self.peek().kind in ("word", "open", "number"):
                self.take()
                return "·"
        if token.kind == "word" and token.text in ("times", "mod", "MOD"):
            if self.vocabulary.knows(token.text):
                return "juxt"
            self.take()
            return "×" if token.text == "times" else "mod"
        return "juxt" if self.starts_factor() else None

    def starts_factor(self) -> bool:
        token = self.token
        kind = token.kind
        if kind == "word":
            if token.text == "⊤":
                return False
            return token.text not in _KEYWORDS or self.vocabulary.knows(token.text)
        if kind == "bar":
            return self.bars == 0
        if kind == "number":
            before = self.tokens[self.at - 1]
            if before.kind == "number" and self.tokens[self.at - 2].kind != "sub":
                raise self.fail("two numbers stand side by side without an operator")
            return True
        if kind == "open":
            return True
        return (kind == "command" and token.text != "over") or kind == "begin"

    def factor(self) -> Node:
        """Read one factor: signs, then an operand with its powers."""
        start = self.token.start
        if self.token.kind == "op" and self.token.text in ("-", "+"):
            sign = self.take()
            self.deeper()
            operand = self.factor()
            self.depth -= 1
            return self.node("neg", (operand,), None, start) if sign.text == "-" else operand
        if self.is_at("word", "minus"):
            self.take()
            return self.node("neg", (self.factor(),), None, start)
        return self.postfix(self.primary(), start)

    def postfix(self, node: Node, start: int) -> Node:
        """Read what follows an operand: powers, transposes, primes, indices, attributes."""
        while True:
            token = self.token
            kind = token.kind
            if kind == "sup":
                node = self.raised(node, start)
            elif kind == "op" and token.text == "**":
                self.take()
                self.deeper()
                node = self.node("power", (node, self.exponent()), "**", start)
                self.depth -= 1
            elif kind == "prime":
                self.take()
                node = self.node("prime", (node,), token.text, start)
            elif kind == "sub":
                node = self.lowered(node, start)
            elif kind == "attr":
                node = self.attribute(node, start)
            elif kind == "op" and token.text == "!" and node.op != "compare":
                self.take()
                node = self.node("call", (node,), "factorial", start)
            elif kind == "op" and token.text == "%" and not self.operand_follows():
                self.take()
                node = self.node(
                    "div", (node, Node("number", (), 100.0, token.start, token.end)), "/", start
                )
            elif kind == "open" and token.text == "[" and self.selects(token):
                node = self.selected(node, start)
            elif kind == "word" and (
                token.text == "⊤" or (token.text == "transposed" and token.spaced)
            ):
                self.take()
                node = self.node("transpose", (_ones(node),), None, start)
            else:
                return node
            self.linked()

    def operand_follows(self) -> bool:
        token = self.peek()
        return token.kind in ("number", "word", "open", "command", "bar")

    def exponent(self) -> Node:
        """Read the exponent of `**`, which binds to the right."""
        return self.factor()

    # --- raised and lowered marks

    def raised(self, base: Node, start: int) -> Node:
        mark = self.take()
        if self.token.kind == "open" and self.token.text == "{":
            return self.raised_group(base, start)
        if self.token.kind == "open" and self.token.text in ("(", "["):
            return self.raised_bracket(base, start)
        token = self.token
        if token.kind == "prime":
            self.take()
            return self.node("prime", (base,), "'", start)
        if token.text == "†" or (token.text == "+" and not self.operand_follows()):
            self.take()
            return self.node("dagger", (base,), token.text, start)
        if token.kind == "op" and token.text == "*":
            raise self.fail("a raised '*' has no meaning here")
        if token.kind == "word":
            return self.raised_word(base, start)
        self.deeper()
        if token.kind == "op" and token.text in ("-", "+"):
            self.take()
            inner: Node = self.primary_power()
            if token.text == "-":
                inner = self.node("neg", (inner,), None, token.start)
        else:
            inner = self.primary_power()
        self.depth -= 1
        return self.node("power", (base, inner), mark.text, start)

    def primary_power(self) -> Node:
        start = self.token.start
        node = self.primary(bare=True)
        if self.token.kind == "sup":
            return self.raised(node, start)
        return node

    def raised_word(self, base: Node, start: int) -> Node:
        """Read an unbraced raised word: `x^T`, `x^Ty`, `e^z`, `y_j^i`."""
        token = self.token
        text = token.text
        if text in _TRANSPOSES and not self.is_variable(text, base):
            self.take()
            return self.node("transpose", (_ones(base),), "T", start)
        if not self.vocabulary.knows(text) and len(text) > 1 and token.end - token.start > 1:
            if text[0] == "T" or self.source.latex:
                self.split(1)
                return self.raised_word(base, start)
        if self.is_index_letter(text) and self.sampled(base):
            self.take()
            index = Node("name", (), text, token.start, token.end)
            return self.indexed(base, [index], ["sub"], start)
        self.deeper()
        node = self.node("power", (base, self.primary_power()), "^", start)
        self.depth -= 1
        return node

    def is_variable(self, text: str, base: Node) -> bool:
        """Tell `2^t` and `a^t`, where t is a declared number, from a transpose."""
        return text in ("t", "H", "tr") and (self.vocabulary.knows(text) or base.op == "number")

    def raised_group(self, base: Node, start: int) -> Node:
        """Read `^{...}`: a transpose, a label, a sample, a prime, several of these, or a power."""
        opened = self.take()
        node = base
        while not self.is_at("close", "}"):
            token, after = self.token, self.peek()
            if token.kind == "word" and token.text in _TRANSPOSES:
                if after.kind == "close" and not self.is_variable(token.text, base):
                    self.take()
                    node = self.node("transpose", (_ones(node),), "T", start)
                    continue
            if token.kind == "prime":
                self.take()
                node = self.node("prime", (node,), token.text, start)
            elif token.text in ("†", "+") and after.kind == "close":
                self.take()
                node = self.node("dagger", (node,), token.text, start)
            elif token.kind == "op" and token.text == "⊙" and node is base:
                self.take()
                node = self.node("power", (base, self.expression()), "**", start)
            elif (token.kind == "sup" or token.text == ",") and node is not base:
                self.take()
            elif token.kind == "open" and self.is_label(node):
                node = self.raised_bracket(node, start)
            elif token.kind == "op" and token.text == "-" and after.text in _TRANSPOSES:
                self.take()
                self.take()
                inverse = self.power(node, -1.0, token)
                node = self.node("transpose", (inverse,), "T", start)
            elif (
                token.kind == "word"
                and len(token.text) == 2
                and token.text[1] == "T"
                and not self.vocabulary.knows(token.text)
                and after.kind == "close"
            ):
                self.split(1)
            elif self.is_index_letter(token.text) and self.sampled(base):
                self.take()
                index = Node("name", (), token.text, token.start, token.end)
                node = self.indexed(node, [index], ["sub"], start)
            elif node is base:
                node = self.node("power", (base, self.expression()), "^", start)
            else:
                raise self.fail(f"{_shown(token)} was not expected in this exponent")
            self.linked()
        if node is base:
            raise self.fail("the exponent is empty", opened)
        self.close(opened)
        return node

    def is_label(self, base: Node) -> bool:
        """Tell `x^{(i)}` and `W^{[2]}` from `e^{(a+b)c}`: a bracket with one word or number."""
        inner, after = self.peek(), self.peek(2)
        if self.token.text not in ("(", "[") or after.kind != "close":
            return False
        if base.op == "number" or (base.op == "name" and base.value == "e"):
            return False
        if inner.kind == "number":
            return self.label_of(base, inner.text) is not None or self.token.text == "["
        return inner.kind == "word" and (
            self.is_index_letter(inner.text) or self.label_of(base, inner.text) is not None
        )

    def power(self, base: Node, exponent: float, token: Token) -> Node:
        number = Node("number", (), exponent, token.start, token.end)
        return self.node("power", (base, number), "^", base.start)

    def raised_bracket(self, base: Node, start: int) -> Node:
        """Read `^(i)`, `^{(i)}`, `^{[2]}`: a sample, a layer's label, or a power."""
        if not self.is_label(base):
            opened = self.take()
            node = self.node("power", (base, self.expression()), "^", start)
            self.close(opened)
            return node
        opened = self.take()
        token = self.take()
        self.close(opened)
        label = self.label_of(base, token.text)
        if label is not None:
            return self.node("name", (), label, start)
        if token.kind == "number":
            raise self.fail(f"no layer or sample {token.text} is known here", token)
        index = Node("name", (), token.text, token.start, token.end)
        return self.indexed(base, [index], ["sample"], start)

    def label_of(self, base: Node, label: str) -> str | None:
        """Return the declared name that `base` with this label spells, if there is one."""
        if base.op != "name":
            return None
        return self.vocabulary.names.get(f"{str(base.value).rstrip('*')}_{label}")

    def lowered(self, base: Node, start: int) -> Node:
        """Read `_i`, `_{ij}`, `_{1}`, `_2^2`: indices, unless with the base they spell a name."""
        self.take()
        if self.is_positive_part():
            return self.node("call", (base,), "relu", start)
        indices = self.subscripts(base)
        if len(indices) == 1 and base.op == "name":
            label = indices[0]
            if label.op in ("name", "number"):
                known = self.label_of(base, _label(label))
                if known is not None:
                    return self.node("name", (), known, start)
        if base.op == "norm":
            return self.node("norm", base.args, _label(indices[0]), start)
        return self.indexed(base, indices, ["sub"] * len(indices), start)

    def is_positive_part(self) -> bool:
        """Take the plus of `(x - 1)_+`, if one stands here."""
        if self.is_at("op", "+"):
            self.take()
            return True
        if self.is_at("open", "{") and self.peek().text == "+" and self.peek(2).kind == "close":
            self.at += 3
            return True
        return False

    def subscripts(self, base: Node) -> list[Node]:
        """Return the indices after `_`; letters that run together are indices each."""
        if not (self.token.kind == "open" and self.token.text == "{"):
            token = self.take()
            if token.kind == "number":
                return [_number(token)]
            if token.kind != "word":
                raise self.fail("an index is missing", token)
            if self.label_of(base, token.text) or self.is_index_run(token.text):
                return self.letters(base, token)
            if len(token.text) > 1 and token.end - token.start == len(token.text):
                self.at -= 1
                self.split(1)
                token = self.take()
            return [Node("name", (), token.text, token.start, token.end)]
        opened = self.take()
        found: list[Node] = []
        self.equals += 1
        while not self.is_at("close", "}"):
            if self.accept("sep", ","):
                continue
            token, after = self.token, self.peek()
            if token.kind == "number" and "," in token.text:
                self.part_number()
            elif token.kind == "word" and after.kind == "sub":
                found.append(self.factor())
            elif token.kind == "word" and after.kind in ("close", "word", "sep", "number"):
                self.take()
                found.extend(self.letters(base, token))
            elif token.kind == "number" and after.kind == "number" and after.text.isdigit():
                # a scanner sets the digits of log_{10} apart
                joined = token._replace(text=token.text + after.text, end=after.end)
                self.tokens[self.at : self.at + 2] = [joined]
            elif token.kind == "number" and after.kind in ("close", "word", "sep"):
                found.append(_number(self.take()))
            else:
                found.append(self.expression())
        self.equals -= 1
        self.close(opened)
        if not found:
            raise self.fail("an index is missing", opened)
        return found

    def letters(self, base: Node, token: Token) -> list[Node]:
        text = token.text
        if len(text) == 1 or self.label_of(base, text) or not self.is_index_run(text):
            return [Node("name", (), text, token.start, token.end)]
        return [
            Node("name", (), letter, token.start + i, token.start + i + 1)
            for i, letter in enumerate(text)
        ]

    def is_index_run(self, text: str) -> bool:
        if not text.isascii() or not text.isalpha() or len(text) > 4:
            return False
        return len(text) == 1 or all(self.is_index_letter(letter) for letter in text)

    def is_index_letter(self, text: str) -> bool:
        if len(text) != 1 or not text.isalpha():
            return False
        return text in self.bound or not self.vocabulary.knows(text)

    def sampled(self, base: Node) -> bool:
        """Return whether a raised letter after `base` may be an index rather than a power."""
        return base.op in ("name", "index") and base.value not in _CONSTANTS

    def indexed(self, base: Node, indices: list[Node], kinds: list[str], start: int) -> Node:
        if base.op == "index":
            old = base.value if isinstance(base.value, tuple) else ()
            return self.node("index", (*base.args, *indices), (*old, *kinds), base.start)
        return self.node("index", (base, *indices), tuple(kinds), start)

    # --- attributes and selections of code

    def attribute(self, base: Node, start: int) -> Node:
        name = self.take().text
        if name in ("T", "mT", "H"):
            return self.node("transpose", (_ones(base),), "T", start)
        if name in ("shape", "size"):
            return self.size_of(base, start)
        called = self.token.kind == "open" and self.token.text == "("
        if name in ("t", "transpose", "permute", "swapaxes"):
            if called:
                self.arguments()
            return self.node("transpose", (_ones(base),), "T", start)
        if not called or name not in _METHODS:
            raise self.fail(f"'.{name}' is not known")
        args = self.arguments()
        if name in _SILENT_METHODS:
            return base
        function = functions.ALIASES.get(name, name)
        return self.node("call", (base, *args), function, start)

    def size_of(self, base: Node, start: int) -> Node:
        opened = self.token
        if not (opened.kind == "open" and opened.text in "(["):
            raise self.fail("expected an axis, as in .shape[0]")
        self.take()
        negative = self.accept("op", "-")
        axis = self.take()
        if axis.kind != "number" or axis.text not in ("0", "1"):
            raise self.fail("expected 0 or 1 as an axis", axis)
        self.close(opened)
        return self.node("size", (base,), -1 if negative else int(axis.text), start)

    def selects(self, opened: Token) -> bool:
        """Tell `X[:, i]` from a product with a bracket."""
        if opened.spaced:
            return False
        inner, after = self.peek(), self.peek(2)
        if self.source.code and after.kind == "attr":
            return True
        if inner.text == ":" or inner.text in ("None", "newaxis"):
            return True
        if after.kind == "close" or (after.kind == "sep" and after.text == ","):
            return inner.kind == "number" or self.is_index_letter(inner.text)
        return False

    def selected(self, base: Node, start: int) -> Node:
        opened = self.take()
        found: list[Node] = []
        while not self.is_at("close", "]"):
            token = self.take()
            if token.kind == "sep" and token.text == ",":
                continue
            if token.kind == "sep" and token.text == ":":
                found.append(Node("name", (), ":", token.start, token.end))
            elif token.kind == "word" and token.text in ("None", "newaxis"):
                found.append(Node("name", (), "None", token.start, token.end))
            elif self.token.kind not in ("sep", "close"):
                self.at -= 1
                found.append(self.expression())
            elif token.kind == "number":
                found.append(_number(token))
            elif token.kind == "word":
                found.append(Node("name", (), token.text, token.start, token.end))
            else:
                raise self.fail("expected an index, ':' or None", token)
        self.close(opened)
        return self.node("slice", (base, *found), None, start)

    # --- operands

    def primary(self, bare: bool = False) -> Node:
        token = self.token
        reader = _PRIMARIES.get(token.kind)
        if reader is None:
            raise self.fail(_expected(token))
        return reader(self, bare)

    def number(self, bare: bool) -> Node:
        token = self.token
        if "," in token.text and self.commas:
            self.part_number()
            token = self.token
        self.take()
        if token.text == "1" and self.is_indicator():
            return self.indicator(token.start)
        return _number(token)

    def part_number(self) -> None:
        """Part `1,2` into two arguments where a comma parts arguments."""
        token = self.token
        parts: list[Token] = []
        at = token.start
        for i, piece in enumerate(token.text.split(",")):
            if i:
                parts.append(Token("sep", ",", at, at + 1))
                at += 1
            parts.append(Token("number", piece, at, at + len(piece)))
            at += len(piece)
        self.tokens[self.at : self.at + 1] = parts

    def is_indicator(self) -> bool:
        """Tell `1{z>0}`, `1[k=y]` and `1_{z>0}` from a product with the number one."""
        token = self.token
        if token.kind == "sub":
            return self.condition_inside(self.at + 1)
        return (
            token.kind == "open"
            and token.text in ("{", "\\{", "[", "(")
            and (self.condition_inside(self.at))
        )

    def condition_inside(self, at: int) -> bool:
        if at >= len(self.tokens) or self.tokens[at].kind != "open":
            return False
        depth = 0
        inner = 2 if self.tokens[min(at + 1, len(self.tokens) - 1)].kind == "open" else 1
        for token in self.tokens[at:]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return False
            if depth <= inner and token.kind == "rel":
                return True
        return False

    def indicator(self, start: int) -> Node:
        self.accept("sub")
        opened = self.take()
        condition = self.condition()
        self.close(opened)
        return self.node("call", (condition,), "indicator", start)

    def group(self, bare: bool) -> Node:
        opened = self.take()
        if opened.text in ("⌊", "⌈"):
            inner = self.expression()
            self.close(opened)
            name = "floor" if opened.text == "⌊" else "ceil"
            return self.node("call", (inner,), name, opened.start)
        if opened.text == "[" and self.is_matrix():
            return self.matrix_literal(opened)
        if opened.text == "<":
            return self.inner_product(opened)
        bars, self.bars = self.bars, 0
        commas, self.commas = self.commas, 0
        equals, self.equals = self.equals, self.equals
        if opened.text != "{" or self.condition_inside(self.at - 1):
            self.equals += 1
        if self.is_at("close"):
            if opened.text == "{" and self.peek().kind == "sup":
                return self.raised_before(opened)
            raise self.fail("the brackets are empty", opened)
        inner = self.bracketed()
        self.close(opened)
        self.bars, self.commas, self.equals = bars, commas, equals
        return inner

    def raised_before(self, opened: Token) -> Node:
        """Read `{}^t x`, the transpose that is written in front."""
        self.take()
        mark = self.raised(Node("name", (), "function", opened.start, opened.start), opened.start)
        if mark.op != "transpose":
            raise self.fail("the brackets are empty", opened)
        self.deeper()
        inner = self.factor()
        self.depth -= 1
        return self.node("transpose", (inner,), "T", opened.start)

    def bracketed(self) -> Node:
        start = self.token.start
        inner = self.expression()
        if self.is_at("command", "over"):
            self.take()
            return self.node("div", (inner, self.expression()), "frac", start)
        return inner

    def inner_product(self, opened: Token) -> Node:
        self.commas += 1
        left = self.sum()
        if not self.accept("sep", ","):
            raise self.fail("expected ',' of an inner product")
        right = self.sum()
        self.commas -= 1
        self.close(opened)
        return self.node("call", (left, right), "inner", opened.start)

    def bar(self, bare: bool) -> Node:
        """Read `|x|`, `‖x‖` and `||x||`."""
        token = self.take()
        if token.text == "‖":
            inner = self.barred()
            if not self.accept("bar", "‖"):
                raise self.fail("'‖' is missing to close this norm", token)
            return self.node("norm", (inner,), "", token.start)
        if self.is_at("bar", "|") and not self.token.spaced:
            mark, tokens = self.at, list(self.tokens)
            norm = self.double_bar(token)
            if norm is not None:
                return norm
            self.at, self.tokens = mark, tokens
        inner = self.barred()
        if not self.accept("bar", "|"):
            raise self.fail("'|' is missing to close this absolute value", token)
        return self.node("bars", (inner,), None, token.start)

    def double_bar(self, opened: Token) -> Node | None:
        depth, bars = self.depth, self.bars
        self.deeper()
        self.linked()
        try:
            self.take()
            inner = self.barred()
            if self.accept("bar", "|") and self.accept("bar", "|"):
                self.depth = depth
                return self.node("norm", (inner,), "", opened.start)
        except Unreadable:
            pass
        self.depth, self.bars = depth, bars
        return None

    def barred(self) -> Node:
        self.bars += 1
        inner = self.expression()
        self.bars -= 1
        return inner

    # --- words

    def word(self, bare: bool) -> Node:
        token = self.token
        known = self.known_word(token)
        if known is not None:
            return known
        text = token.text
        if text in ("∂", "∇") or text.startswith(("d", "∂", "grad")):
            derivative = self.derivative() or self.short_derivative(token)
            if derivative is not None:
                return derivative
        if text in ("sum", "Sum", "Sigma", "prod") and self.sums(text):
            self.take()
            return self.summation("prod" if text == "prod" else "sum", token.start)
        if text in ("𝟏", "indicator", "I", "Ind", "Iverson"):
            self.take()
            if self.is_indicator():
                return self.indicator(token.start)
            if text == "indicator":
                return Node("name", (), "I", token.start, token.end)
            self.at -= 1
        if text in ("max", "min") and self.peek().kind == "open" and self.peek().text == "\\{":
            return self.call(text, token)
        function = self.function(text)
        if function is not None:
            return self.call(function, token)
        if text in _CONSTANTS or text == "I" or (text == "delta" and self.peek().kind == "sub"):
            self.take()
            return Node("name", (), _constant(text), token.start, token.end)
        if text == "delta" and self.peek().text == "(":
            self.take()
            args = self.arguments()
            return self.node(
                "index", (Node("name", (), text), *args), ("sub",) * len(args), token.start
            )
        if len(text) == 1 and self.join_letters():
            return self.word(bare)
        if len(text) == 1 and (text in self.bound or text in self.free):
            self.take()
            return Node("name", (), text, token.start, token.end)
        if self.split_known():
            return self.word(bare)
        raise self.unknown(token)

    def known_word(self, token: Token) -> Node | None:
        """Read a declared name, with the subscript or prime that belongs to it."""
        text, names = token.text, self.vocabulary.names
        self.part_label(text)
        if text in self.bound and len(text) == 1:
            self.take()
            return Node("name", (), text, token.start, token.end)
        longest = self.longest_name(text)
        if longest is not None:
            canonical, last = longest
            self.at = last
            self.steps += 1
            return Node("name", (), canonical, token.start, self.tokens[last - 1].end)
        if text in names and not self.is_called(text):
            self.take()
            return Node("name", (), names[text], token.start, token.end)
        return None

    def part_label(self, text: str) -> None:
        """Part `h_{1,i}` into the name h_1 and its index."""
        at = self.at + 1
        tokens = self.tokens
        if at + 3 >= len(tokens) or tokens[at].kind != "sub" or tokens[at + 1].kind != "open":
            return
        first = tokens[at + 2]
        if first.kind != "number" or tokens[at + 3].kind == "close":
            return
        label, comma, rest = first.text.partition(",")
        if f"{text}_{label}" not in self.vocabulary.names:
            return
        after = at + 3 if comma or tokens[at + 3].text != "," else at + 4
        kept = [first._replace(text=rest)] if rest else []
        closing = Token("close", "}", first.end, first.end)
        self.tokens[at + 2 : after] = [
            first._replace(text=label),
            closing,
            tokens[at],
            tokens[at + 1],
            *kept,
        ]

    def is_called(self, text: str) -> bool:
        return text in self.vocabulary.functions and self.peek().text in ("(", "'", "[")

    def longest_name(self, text: str) -> tuple[str, int] | None:
        """Return the name that the word spells with its subscripts, and where it ends."""
        names = self.vocabulary.names
        spelled, at, found = text, self.at + 1, None
        for _ in range(4):
            label, after = self.label_at(at)
            if label is None:
                break
            spelled, at = f"{spelled}{label}", after
            canonical = names.get(spelled)
            if canonical is not None:
                found = (canonical, at)
        return found

    def label_at(self, at: int) -> tuple[str | None, int]:
        """Return the subscript (or prime) at `at` as it stands in a name, and where it ends."""
        tokens = self.tokens
        token = tokens[at] if at < len(tokens) else tokens[-1]
        if token.kind == "prime":
            return "'", at + 1
        if token.kind == "number" and not token.spaced and token.text.isdigit():
            return (f"_{token.text}", at + 1) if tokens[at - 1].text[-1:].isalpha() else (None, at)
        if token.kind == "sup":
            return self.layer_at(at)
        if token.kind != "sub" or at + 1 >= len(tokens):
            return None, at
        first = tokens[at + 1]
        if first.kind in ("word", "number"):
            return f"_{first.text}", at + 2
        if first.kind != "open":
            return None, at
        label, at = "", at + 2
        while at < len(tokens) and tokens[at].kind in ("word", "number", "sep"):
            if tokens[at].text != ",":
                label += tokens[at].text.replace(",", "")
            at += 1
        if at < len(tokens) and tokens[at].kind == "close" and label:
            return f"_{label}", at + 1
        return None, at

    def layer_at(self, at: int) -> tuple[str | None, int]:
        """Return the layer's number of `^{[1]}`, `^{(1)}` and `^[1]`, and where it ends."""
        tokens = self.tokens
        inner = at + 2 if tokens[at + 1].text == "{" else at + 1
        if inner + 2 >= len(tokens) or tokens[inner].text not in ("(", "["):
            return None, at
        if tokens[inner + 1].kind != "number" or tokens[inner + 2].kind != "close":
            return None, at
        end = inner + 3
        if inner == at + 2:
            if tokens[end].text != "}":
                return None, at
            end += 1
        return f"_{tokens[inner + 1].text}", end

    def function(self, text: str) -> str | None:
        """Return the function that `text` names: the question's own, else a usual one."""
        label, after = self.label_at(self.at + 1)
        if label and label.startswith("_") and self.tokens[after].text == "(":
            spelled = f"{text}{label}"
            derivative = self.derivative_called(spelled)
            name = functions.ALIASES.get(spelled) or derivative
            if spelled in self.vocabulary.functions or name:
                self.at = after - 1
                return self.vocabulary.functions.get(spelled, name)
        if text in self.vocabulary.functions:
            return self.vocabulary.functions[text]
        if self.peek().text == "(" and not self.vocabulary.knows(text) and text in _LETTERS_CALLED:
            return _LETTERS_CALLED[text]
        return functions.ALIASES.get(text) or self.derivative_called(text)

    def derivative_called(self, text: str) -> str | None:
        """Return `f'` for `df` and `f_prime`, of usual functions and of the question's own."""
        for plain, meant in self.vocabulary.functions.items():
            if text in functions.derivative_spellings(plain):
                return f"{meant}'"
        return functions.derivative_name(text)

    def join_letters(self) -> bool:
        """Join letters that a scanner set apart, `n e t`, into a known word."""
        text, at = "", self.at
        found: tuple[str, int] | None = None
        while self.tokens[at].kind == "word" and len(self.tokens[at].text) == 1:
            text += self.tokens[at].text
            at += 1
            if len(text) > 1 and (self.vocabulary.knows(text) or text in functions.ALIASES):
                found = (text, at)
        if found is None:
            return False
        first, last = self.token, self.tokens[found[1] - 1]
        joined = Token("word", found[0], first.start, last.end, first.spaced)
        self.tokens[self.at : found[1]] = [joined]
        return True

    def split_known(self) -> bool:
        """Part a run of letters such as `Wx` into known names; say whether that was possible."""
        token = self.token
        text = token.text
        if len(text) < 2 or len(text) > 40 or token.end - token.start != len(text):
            return False
        size = self.first_piece(text)
        if size is None:
            return False
        if size == len(text):
            self.number_off(len(text.rstrip("0123456789")))
        else:
            self.split(size)
        return True

    def number_off(self, size: int) -> None:
        """Part `y1` into y and its index 1."""
        token = self.token
        middle = token.start + size
        self.tokens[self.at : self.at + 1] = [
            token._replace(text=token.text[:size], end=middle),
            Token("sub", "_", middle, middle),
            Token("number", token.text[size:], middle, token.end),
        ]

    def first_piece(self, text: str) -> int | None:
        """Return the length of the first of the known names that `text` is made of."""
        reachable = {len(text)}
        first: dict[int, int] = {}
        for start in range(len(text) - 1, -1, -1):
            for end in range(len(text), start, -1):
                if end in reachable and self.is_piece(text[start:end], end == len(text)):
                    reachable.add(start)
                    first[start] = end
                    break
        return first.get(0)

    def is_piece(self, piece: str, last: bool) -> bool:
        if piece in self.vocabulary.names or piece in self.bound:
            return True
        if len(piece) > 1 and not last and piece in functions.ALIASES:
            return True
        if piece in ("pi", "e") or (len(piece) > 1 and piece in spelling.GREEK_NAMES):
            return piece in ("pi", "e")
        head = piece.rstrip("0123456789")
        return head != piece and head in self.vocabulary.names

    def split(self, size: int) -> None:
        """Part the current token after `size` characters."""
        token = self.token
        middle = token.start + size
        head = token._replace(text=token.text[:size], end=middle)
        tail_text = token.text[size:]
        kind = "number" if tail_text.isdigit() else "word"
        tail = Token(kind, tail_text, middle, token.end, False)
        self.tokens[self.at : self.at + 1] = [head, tail]

    def unknown(self, token: Token) -> Unreadable:
        known = self.vocabulary.shown
        listed = f"; known are {', '.join(known[:40])}" if known else ""
        shown = self.source.text[token.start : token.end] or token.text
        return self.fail(f"'{shown[:40]}' is not known here{listed}", token)

    # --- calls

    def call(self, name: str, token: Token) -> Node:
        """Read a function's marks, then its argument, bracketed or bare."""
        start = token.start
        self.take()
        power: Node | None = None
        base: Node | None = None
        transposed = False
        while True:
            if self.is_at("prime"):
                name += self.take().text
            elif self.is_at("sub"):
                self.take()
                base = self.subscripts(Node("number"))[0]
            elif self.is_at("sup"):
                name, power, transposed = self.function_power(name, start, power)
            else:
                break
        args = self.call_arguments(name)
        node = self.node("call", args, self.with_base(name, base), start)
        if transposed:
            node = self.node("transpose", (_ones(node),), "T", start)
        if power is not None:
            node = self.node("power", (node, power), "^", start)
        return node

    def with_base(self, name: str, base: Node | None) -> str:
        if base is None or name in ("softmax", "max", "min", "sum", "mean"):
            return name
        if name == "log" and base.op == "number" and base.value in (2.0, 10.0):
            return f"log{int(base.value)}"
        if name == "log" and base.op == "name" and base.value == "e":
            return "log"
        if name in self.vocabulary.functions.values() or name == "diag":
            return name
        raise self.fail(f"the subscript of '{name}' is not understood")

    def function_power(
        self, name: str, start: int, power: Node | None
    ) -> tuple[str, Node | None, bool]:
        """Read `sin^2 x`, `sin^{-1} x`, `σ^{\\prime}(z)`."""
        probe = self.raised(Node("name", (), "function", start, start), start)
        if probe.op == "prime":
            return name + "'", power, False
        if probe.op == "transpose":
            return name, power, True
        if probe.op == "power":
            exponent = probe.args[1]
            inverse = exponent.op == "neg" and exponent.args[0].value == 1.0
            if inverse and f"arc{name}" in functions.ELEMENTWISE:
                return f"arc{name}", power, False
            return name, exponent, False
        raise self.fail(f"the mark on '{name}' is not understood")

    def call_arguments(self, name: str) -> tuple[Node, ...]:
        token = self.token
        listed = token.text == "{" and name in ("max", "min") and self.is_tuple()
        if token.kind == "open" and (token.text in ("(", "[", "\\{") or listed):
            if token.text == "[" and name in functions.STRUCTURAL:
                return (self.bare_argument(),)
            return self.arguments(name)
        if not self.starts_factor() and not self.is_at("op", "-"):
            raise self.fail(f"the argument of '{name}' is missing")
        return (self.bare_argument(),)

    def arguments(self, name: str = "") -> tuple[Node, ...]:
        """Read a bracketed list of arguments, then of options."""
        opened = self.take()
        bars, self.bars = self.bars, 0
        several = not name or name in _SEVERAL or name in self.vocabulary.functions.values()
        commas, self.commas = self.commas, int(several)
        found: list[Node] = []
        while not self.is_at("close", _CLOSING[opened.text]):
            if found and not self.accept("sep", ","):
                self.close(opened)
            if self.is_at("close", _CLOSING[opened.text]):
                break
            found.append(self.argument())
        self.close(opened)
        self.bars, self.commas = bars, commas
        if name and not found:
            raise self.fail(f"the argument of '{name}' is missing", opened)
        return tuple(found)

    def argument(self) -> Node:
        token = self.token
        if token.kind == "word" and self.peek().kind == "rel" and self.peek().text == "=":
            if token.text in _OPTIONS:
                self.take()
                self.take()
                return self.node("option", (self.option_value(),), token.text, token.start)
        if token.kind == "string":
            self.take()
            return Node("string", (), token.text, token.start, token.end)
        if token.kind == "word" and token.text in _TYPES and self.peek().kind == "close":
            self.take()
            return Node("string", (), token.text, token.start, token.end)
        if token.kind == "open" and token.text == "(" and self.is_tuple():
            return self.tuple_argument()
        self.equals += 1
        found = self.expression()
        self.equals -= 1
        return found

    def option_value(self) -> Node:
        token = self.token
        if token.kind == "string" or (
            token.kind == "word" and token.text in ("True", "False", "None", "float", "int", "bool")
        ):
            self.take()
            return Node("string", (), token.text, token.start, token.end)
        if token.kind == "open" and token.text in "([" and self.is_tuple():
            return self.tuple_argument()
        return self.expression()

    def is_tuple(self) -> bool:
        """Return whether the bracket here holds a comma of its own, as in `(n, 1)`."""
        depth = 0
        for token in self.tokens[self.at :]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return False
            if depth == 1 and (token.text == "," or (token.kind == "number" and "," in token.text)):
                return True
        return False

    def tuple_argument(self) -> Node:
        opened = self.take()
        self.commas += 1
        found: list[Node] = []
        while not self.is_at("close"):
            found.append(self.argument())
            if not self.accept("sep", ","):
                break
        self.commas -= 1
        self.close(opened)
        return self.node("row", tuple(found), None, opened.start)

    def bare_argument(self) -> Node:
        """Read an argument without brackets: `log ŷ`, `ln 10`, `sin 2x`, `exp -z`."""
        start = self.token.start
        if self.is_at("op", "-"):
            self.take()
            return self.node("neg", (self.bare_argument(),), None, start)
        factors = [self.factor()]
        while self.starts_factor() and self.continues_argument():
            constant = factors[-1].op == "number" or factors[-1].value == "pi"
            if not constant:
                self.open.add("greedy-argument")
                if "greedy-argument" not in self.policy:
                    break
            factors.append(self.factor())
        return self.folded(factors, ["juxt"] * (len(factors) - 1), start)

    def continues_argument(self) -> bool:
        token = self.token
        if token.kind == "word":
            return self.vocabulary.names.get(token.text) is not None or (
                self.function(token.text) is None and token.text not in _PREFIX_WORDS
            )
        return token.kind in ("number", "bar") or (
            token.kind == "command" and token.text in ("frac", "sqrt", "root")
        )

    # --- commands and environments

    def command(self, bare: bool) -> Node:
        token = self.take()
        start = token.start
        if token.text == "frac":
            return self.fraction(start)
        if token.text == "sqrt":
            return self.root(start)
        if token.text in ("root", "cuberoot"):
            name = "sqrt" if token.text == "root" else "cbrt"
            self.deeper()
            inner = self.postfix(self.primary(), self.token.start)
            self.depth -= 1
            return self.node("call", (inner,), name, start)
        if token.text in ("sum", "prod"):
            return self.summation(token.text, start)
        if token.text == "brace":
            inner = self.required_argument()
            while self.token.kind in ("sub", "sup"):
                self.take()
                self.skip_group()
            return inner
        if token.text == "set":
            self.skip_group()
            return self.required_argument()
        raise self.fail(f"{_shown(token)} was not expected here", token)

    def skip_group(self) -> None:
        if not self.is_at("open", "{"):
            self.take()
            return
        depth = 0
        while True:
            token = self.take()
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0 or token.kind == "eof":
                return

    def required_argument(self) -> Node:
        """Read the argument of a LaTeX command: a group, or one sign."""
        token = self.token
        if token.kind == "open" and token.text == "{":
            return self.group(False)
        if token.kind == "number" and token.text.isdigit() and len(token.text) > 1:
            self.split(1)
            self.tokens[self.at] = self.token._replace(kind="number")
        if token.kind == "word" and token.end - token.start == len(token.text) > 1:
            self.split(1)
        self.deeper()
        found = self.primary(bare=True)
        self.depth -= 1
        return found

    def fraction(self, start: int) -> Node:
        self.at -= 1
        derivative = self.derivative()
        if derivative is not None:
            return derivative
        self.at += 1
        top = self.required_argument()
        bottom = self.required_argument()
        return self.node("div", (top, bottom), "frac", start)

    def root(self, start: int) -> Node:
        degree: Node | None = None
        if self.is_at("open", "["):
            opened = self.take()
            degree = self.expression()
            self.close(opened)
        inner = self.required_argument()
        if degree is None or degree.value == 2.0:
            return self.node("call", (inner,), "sqrt", start)
        if degree.value == 3.0:
            return self.node("call", (inner,), "cbrt", start)
        one = Node("number", (), 1.0, start, start)
        return self.node("power", (inner, Node("div", (one, degree), "/")), "^", start)

    def sums(self, text: str) -> bool:
        """Tell the word `sum` as an operator from a function or a letter."""
        if text == "Sigma":
            return not self.vocabulary.knows(text)
        after = self.peek()
        if after.kind == "sub":
            return True
        return after.kind != "open" or (after.spaced and not self.source.code)

    def summation(self, op: str, start: int) -> Node:
        """Read the bounds of a sum and its body: the terms that its sign governs."""
        names, bounds = self.bounds()
        outer = len(self.bound)
        self.bound.extend(names)
        self.deeper()
        mark = self.at
        wide = self.wide_sum(names)
        body = self.sum() if wide else self.product()
        if not names and op == "sum":
            names = self.unbound(body)
            bounds = (Node("none"),) * (2 * len(names))
        if op == "sum" and self.is_sign() and mark != self.at:
            self.open.add("wide-sum")
        elif wide and body.op == "add":
            self.open.add("narrow-sum")
        self.depth -= 1
        del self.bound[outer:]
        return self.node(op, (body, *bounds), tuple(names), start)

    def unbound(self, body: Node) -> list[str]:
        """Return the indices of a sum that names none: those which nothing else accounts for."""
        bound = {*self.bound, *self.asked}
        for node in body.walk():
            if node.op in ("sum", "prod") and isinstance(node.value, tuple):
                bound.update(node.value)
        found: dict[str, None] = {}
        for node in body.walk():
            if node.op == "index":
                for item in node.args[1:]:
                    if item.op == "name" and item.value not in bound:
                        found[str(item.value)] = None
        return list(found)

    def wide_sum(self, names: list[str]) -> bool:
        """Return whether terms after the first belong to the sum: they use its index."""
        if "wide-sum" in self.policy:
            return True
        if "narrow-sum" in self.policy or not names:
            return False
        depth, beyond = 0, False
        for i in range(self.at, len(self.tokens)):
            token = self.tokens[i]
            depth += (token.kind == "open") - (token.kind == "close")
            if depth < 0 or token.kind == "eof":
                return False
            if depth == 0 and token.kind in ("sep", "rel"):
                return False
            if depth == 0 and i > self.at and token.kind == "op" and token.text in "+-":
                beyond = beyond or self.tokens[i - 1].kind in ("word", "number", "close", "prime")
            if beyond and token.text == "sum" and token.kind == "command":
                return False
            if beyond and token.kind in ("sub", "sup") and self.marks_index(i + 1, names):
                return True
        return False

    def marks_index(self, at: int, names: list[str]) -> bool:
        first = self.tokens[at]
        if first.kind == "word":
            return any(name in first.text for name in names)
        depth = 0
        for token in self.tokens[at:]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return False
            if token.kind == "word" and any(name in token.text for name in names):
                return True
        return False

    def bounds(self) -> tuple[list[str], tuple[Node, ...]]:
        names: list[str] = []
        lowers: list[Node] = []
        upper: Node | None = None
        conditions: list[Node] = []
        for _ in range(2):
            if self.is_at("sub"):
                self.take()
                self.lower_bounds(names, lowers, conditions)
                if self.is_at("rel", "=") and names and not lowers:
                    self.take()
                    lowers.append(self.bound_value())
            elif self.is_at("sup"):
                self.take()
                upper = self.bound_value()
        nothing = Node("none")
        bounds: list[Node] = []
        for i in range(len(names)):
            lower = lowers[i] if i < len(lowers) else nothing
            if lower.op == "row":
                bounds += [lower.args[0], lower.args[1]]
            else:
                bounds += [lower, upper if upper is not None else nothing]
        return names, (*bounds, *conditions)

    def bound_value(self) -> Node:
        """Read one bound: a group, or a single sign."""
        if self.is_at("open", "{"):
            opened = self.take()
            found = self.sum()
            self.close(opened)
            return found
        token = self.token
        if token.kind == "word" and not self.vocabulary.knows(token.text) and len(token.text) > 1:
            self.split(1)
        return self.primary(bare=True)

    def lower_bounds(self, names: list[str], lowers: list[Node], conditions: list[Node]) -> None:
        if not self.is_at("open"):
            token = self.take()
            if token.kind != "word":
                raise self.fail("the index of the sum is missing", token)
            if len(token.text) > 1 and not self.is_index_run(token.text):
                self.at -= 1
                self.split(1)
                token = self.take()
            names.extend(token.text)
            return
        opened = self.take()
        while not self.is_at("close", _CLOSING[opened.text]):
            if self.token.kind == "sep":
                self.take()
                continue
            token = self.take()
            if token.kind == "number" and self.is_at("rel") and self.token.text in ("<=", "<"):
                self.at -= 1
                self.range_bound(names, lowers)
                continue
            if token.kind != "word" or (len(token.text) > 1 and not token.text.isalpha()):
                raise self.fail("the index of the sum is missing", token)
            fresh = [name for name in token.text if name not in names]
            names.extend(fresh)
            if self.is_at("rel") and self.token.text in ("=", "in"):
                self.take()
                lowers.append(self.lower_value())
            elif self.is_at("rel") and self.token.text in ("!=", "<", ">", "<=", ">="):
                op = self.take().text
                self.bound.extend(fresh)
                other = self.sum()
                del self.bound[len(self.bound) - len(fresh) :]
                index = Node("name", (), names[-1], token.start, token.end)
                conditions.append(Node("compare", (index, other), op, token.start, other.end))
        self.close(opened)

    def range_bound(self, names: list[str], lowers: list[Node]) -> None:
        """Read `1 <= i <= m`."""
        first = _number(self.take())
        self.take()
        names.append(self.take().text)
        if not self.accept("rel", "<="):
            raise self.fail("expected '<=' and the upper bound of the sum")
        lowers.append(Node("row", (first, self.sum())))

    def lower_value(self) -> Node:
        value = self.sum()
        if self.accept("op", ".."):
            return Node("row", (value, self.sum()))
        if self.is_at("bad", "…"):
            self.take()
            return Node("row", (value, self.sum()))
        return value

    def environment(self, bare: bool) -> Node:
        opened = self.take()
        name = opened.text.rstrip("*")
        if name in ("cases", "dcases", "rcases"):
            return self.cases(opened)
        if name not in (
            "matrix",
            "pmatrix",
            "bmatrix",
            "Bmatrix",
            "vmatrix",
            "array",
            "smallmatrix",
        ):
            raise self.fail(f"the environment '{name}' is not understood", opened)
        rows = [[self.expression()]]
        while not self.is_at("end"):
            separator = self.take()
            if separator.text == "&":
                rows[-1].append(self.expression())
            elif separator.text in ("\\\\", "\n"):
                if self.is_at("end"):
                    break
                if separator.text == "\\\\":
                    rows.append([self.expression()])
            else:
                raise self.fail(f"{_shown(separator)} was not expected in this matrix", separator)
        self.take()
        return self.rows(rows, opened)

    def rows(self, rows: list[list[Node]], opened: Token) -> Node:
        width = len(rows[0])
        if any(len(row) != width for row in rows):
            raise self.fail("the rows of this matrix differ in length", opened)
        lines = tuple(Node("row", tuple(row), None, row[0].start, row[-1].end) for row in rows)
        return self.node("matrix", lines, None, opened.start)

    def cases(self, opened: Token) -> Node:
        args: list[Node] = []
        while not self.is_at("end"):
            if self.token.kind == "sep":
                self.take()
                continue
            if self.token.kind == "eof":
                raise self.fail("the case distinction is not closed", opened)
            args.append(self.disjunction())
            otherwise = self.case_condition(args)
            if otherwise:
                while self.token.kind == "sep":
                    self.take()
                break
        if not self.is_at("end"):
            raise self.fail(f"{_shown(self.token)} was not expected after the last case")
        self.take()
        return self.node("cases", tuple(args), None, opened.start)

    def case_condition(self, args: list[Node]) -> bool:
        """Read the condition of a case; say whether it was the last one, without a condition."""
        while self.token.kind == "sep" and self.token.text in ("&", ",", ":", ";"):
            self.take()
        while self.token.kind == "word" and self.token.text in ("if", "for", "when", "falls"):
            self.take()
        words = ("otherwise", "else", "sonst", "elsewhere")
        if self.token.kind == "word" and self.token.text in words:
            self.take()
            self.accept("sep", ".")
            return True
        if self.is_at("end") or self.is_at("sep", "\\\\"):
            return True
        args.append(self.condition())
        return False

    def is_matrix(self) -> bool:
        """Tell `[1, 2; 3, 4]` and `[[1, 2], [3, 4]]` from a bracket."""
        if self.is_at("open", "["):
            return self.is_row()
        self.at -= 1
        found = self.is_tuple()
        self.at += 1
        return found

    def is_row(self) -> bool:
        """Return whether the bracket here is a row among rows: `[1, 2]` before a comma."""
        depth = 0
        for i in range(self.at, len(self.tokens)):
            token = self.tokens[i]
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                after = self.tokens[i + 1]
                return after.text in (",", ";") or (after.text == "]" and self.is_tuple())
        return False

    def matrix_literal(self, opened: Token) -> Node:
        self.commas += 1
        if self.is_at("open", "["):
            rows = []
            while self.is_at("open", "["):
                inner = self.take()
                rows.append(self.entries(inner))
                self.accept("sep", ",")
                while self.token.kind == "sep" and self.token.text in ("\n", ";"):
                    self.take()
        else:
            rows = [self.entries(opened, closing=False)]
        self.commas -= 1
        self.close(opened)
        return self.rows(rows, opened)

    def entries(self, opened: Token, closing: bool = True) -> list[Node]:
        found = [self.expression()]
        while self.accept("sep", ","):
            found.append(self.expression())
        if closing:
            self.close(opened)
        return found

    # --- derivatives as names

    def derivative(self) -> Node | None:
        """Read `∂L/∂W`, `dL/dW`, `\\frac{\\partial L}{\\partial W}` or `∇_W L` as a name."""
        found = derivative_at(self.tokens, self.at)
        if found is None:
            return None
        key, _, after = found
        name = self.derivative_named(key)
        if name is None:
            if self.token.kind == "word" and self.vocabulary.knows(self.token.text):
                return None
            return self.derivative_of_function(key, after)
        start = self.token.start
        self.at = after
        return self.node("name", (), name, start)

    def short_derivative(self, token: Token) -> Node | None:
        """Read `dW` where the question knows a derivative by W."""
        if not token.text.startswith("d") or len(token.text) < 2:
            return None
        found = _differential(self.tokens, self.at)
        name = self.derivative_named(f"d/d{found[0]}") if found is not None else None
        if found is None or name is None:
            return None
        self.at = found[2]
        return self.node("name", (), name, token.start)

    def derivative_named(self, key: str) -> str | None:
        """Return the known derivative that `key` means: `d/dW` is any declared one by W."""
        names = self.vocabulary.names
        if key in names:
            return names[key]
        top, _, bottom = key.partition("/")
        for name in names:
            upper, slash, lower = name.partition("/")
            if slash and lower == bottom and "d" in (upper, top):
                return names[name]
        return None

    def derivative_of_function(self, key: str, after: int) -> Node:
        """Leave `∂a/∂z` to the definitions, which may say that a = σ(z)."""
        start = self.token.start
        self.at = after
        return self.node("derivative", (), key, start)


# What a letter means that nobody declared but that is applied to something.
_LETTERS_CALLED = {"t": "transpose", "H": "step", "u": "step", "Theta": "step", "theta": "step"}
_OPTIONS = spelling.words(
    "axis dim keepdims keepdim dtype a_min a_max min max ord p k n offset ddof unbiased correction "
    "rowvar bias rcond reduction"
)

_PRIMARIES: Mapping[str, Callable[[_Parser, bool], Node]] = MappingProxyType(
    {
        "number": _Parser.number,
        "word": _Parser.word,
        "open": _Parser.group,
        "bar": _Parser.bar,
        "command": _Parser.command,
        "begin": _Parser.environment,
    }
)


def _constant(text: str) -> str:
    return "inf" if text in ("infinity", "Infinity") else text


def _ones(node: Node) -> Node:
    """Return the ones that a transposed 1 must be."""
    if node.op == "number" and node.value == 1.0:
        return Node("name", (), "𝟏", node.start, node.end)
    return node


def _label(node: Node) -> str:
    if node.op == "number" and isinstance(node.value, float):
        return f"{node.value:g}"
    return str(node.value)


_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


def _number(token: Token) -> Node:
    text = token.text
    if "/" in text:
        top, _, bottom = text.partition("/")
        value = int(top) / int(bottom)
    else:
        if "," in text:
            thousands = _THOUSANDS.fullmatch(text)
            text = text.replace(",", "" if thousands else ".")
            if text.count(".") > 1:
                raise Unreadable(f"'{token.text}' is no number", position=token.start)
        value = float(text)
    return Node("number", (), value, token.start, token.end)


def _shown(token: Token) -> str:
    if token.kind == "eof":
        return "the end"
    if token.text == "\n" or token.text == "$$":
        return "a new line"
    return f"'{token.text[:40]}'"


def _expected(token: Token) -> str:
    if token.kind == "eof":
        return "the formula ends where a value is expected"
    if token.kind == "bad":
        return f"'{token.text[:20]}' is not understood"
    return f"expected a value, found {_shown(token)}"


# --- derivatives, also for the left-hand sides of equations


def derivative_at(tokens: Sequence[Token], at: int) -> tuple[str, tuple[Node, ...], int] | None:
    """Return the key (`dL/dW`), the indices and the end of a derivative that starts at `at`."""
    token = tokens[at]
    if token.kind == "command" and token.text == "frac":
        return _fraction_derivative(tokens, at + 1)
    if token.kind != "word":
        return None
    if token.text in ("∇", "grad", "nabla"):
        return _gradient(tokens, at + 1)
    top = _differential(tokens, at)
    if top is None:
        return None
    after = top[2]
    if not (tokens[after].kind == "op" and tokens[after].text == "/"):
        return None
    bottom = _differential(tokens, after + 1)
    if bottom is None or not bottom[0]:
        return None
    return f"d{top[0]}/d{bottom[0]}", bottom[1], bottom[2]


def _fraction_derivative(
    tokens: Sequence[Token], at: int
) -> tuple[str, tuple[Node, ...], int] | None:
    if tokens[at].text != "{":
        return None
    top = _differential(tokens, at + 1, alone=True)
    if top is None or tokens[top[2]].text != "}" or tokens[top[2] + 1].text != "{":
        return None
    bottom = _differential(tokens, top[2] + 2)
    if bottom is None or tokens[bottom[2]].text != "}":
        return None
    after = bottom[2] + 1
    name = top[0]
    if not name and tokens[after].kind == "word":
        name, _, after = _variable(tokens, after)
    return f"d{name}/d{bottom[0]}", bottom[1], after


def _differential(
    tokens: Sequence[Token], at: int, alone: bool = False
) -> tuple[str, tuple[Node, ...], int] | None:
    """Return the variable of `∂W`, `dW` or `d W`, its indices, and where it ends."""
    token = tokens[at]
    if token.kind != "word":
        return None
    if token.text in ("∂", "d", "delta"):
        if tokens[at + 1].kind in ("word", "open") and tokens[at + 1].text not in "([":
            return _variable(tokens, at + 1)
        return ("", (), at + 1) if alone and token.text != "delta" else None
    if token.text.startswith("d") and len(token.text) > 1:
        rest = token._replace(text=token.text[1:], start=token.start + 1)
        return _variable([*tokens[:at], rest, *tokens[at + 1 :]], at)
    return None


_NUMBERED = re.compile(r"([A-Za-z]+)(\d+)")


def _variable(
    tokens: Sequence[Token], at: int, called: bool = True
) -> tuple[str, tuple[Node, ...], int]:
    """Return a name with its subscripts joined, the indices among them, and where it ends.

    With `called`, arguments such as those of L(W) are passed over.
    """
    if tokens[at].text == "{" and tokens[at + 1].kind == "word" and tokens[at + 2].text == "}":
        name, at = tokens[at + 1].text, at + 3
    else:
        name, at = tokens[at].text, at + 1
    numbered = _NUMBERED.fullmatch(name)
    name = f"{numbered[1]}_{numbered[2]}" if numbered else name
    indices: list[Node] = []
    if tokens[at].kind == "number" and not tokens[at].spaced and name[-1:].isalpha():
        name, at = f"{name}_{tokens[at].text}", at + 1
    while tokens[at].kind in ("sub", "sup") and tokens[at + 1].kind != "eof":
        lowered = tokens[at].kind == "sub"
        pieces, at = _pieces(tokens, at + 1)
        label = "".join(piece.text for piece in pieces)
        if not lowered and label in ("T", "⊤"):
            name += "'"
            continue
        letters = [p for p in pieces if p.kind == "word" and (len(p.text) <= 3)]
        if pieces and len(letters) == len(pieces) and label not in ("hat", "new", "old"):
            indices += [
                Node("name", (), letter, p.start, p.end) for p in letters for letter in p.text
            ]
        name = f"{name}_{label}"
    if called and tokens[at].text == "(" and not tokens[at].spaced:
        at = _after_bracket(tokens, at)
    return name, tuple(indices), at


def _pieces(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    """Return the words and numbers of a subscript or superscript, and where it ends."""
    if tokens[at].kind != "open":
        return [tokens[at]], at + 1
    end = _after_bracket(tokens, at)
    inner = [t for t in tokens[at + 1 : end - 1] if t.kind in ("word", "number")]
    return inner, end


def _after_bracket(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].kind == "open") - (tokens[i].kind == "close")
        if depth == 0:
            return i + 1
    return len(tokens) - 1


def _gradient(tokens: Sequence[Token], at: int) -> tuple[str, tuple[Node, ...], int] | None:
    """Read what follows `∇`: the variable as a subscript, then perhaps the function."""
    if tokens[at].kind == "word" and tokens[at - 1].text == "∇":
        return _bare_gradient(tokens, at)
    if tokens[at].kind != "sub":
        return None
    braced = tokens[at + 1].text == "{"
    first = at + 2 if braced else at + 1
    if tokens[first].kind != "word":
        return None
    variable, indices, after = _variable(tokens, first, called=False)
    if braced:
        if tokens[after].text != "}":
            return None
        after += 1
    name = ""
    if tokens[after].kind == "word" and tokens[after].text[:1].isupper():
        name, _, after = _variable(tokens, after)
    return f"d{name}/d{variable}", indices, after


_LOSSES = frozenset({"J", "L", "E", "C", "F", "Loss", "loss"})


def _bare_gradient(tokens: Sequence[Token], at: int) -> tuple[str, tuple[Node, ...], int] | None:
    """Read `∇W J` and `∇W`, where the subscript has been lost."""
    if tokens[at].text in _LOSSES or tokens[at].text == "f":
        return None
    variable, indices, after = _variable(tokens, at, called=False)
    name = ""
    if tokens[after].kind == "word" and tokens[after].text in _LOSSES:
        name, _, after = _variable(tokens, after)
    return f"d{name}/d{variable}", indices, after
