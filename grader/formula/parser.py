"""Tokens to a tree, by precedence climbing over the names that a question knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from grader.errors import Unreadable
from grader.formula import attributes, blocks, calls, marks, spelling, sums, words
from grader.formula.constants import CLOSING
from grader.formula.lexer import Source, Token
from grader.formula.nodes import number_of, ones_of, shown
from grader.formula.tree import Node
from grader.formula.vocabulary import Vocabulary

# Bounds on one formula. A gradient of a two-layer net has about 100 tokens, nested 6 deep.
MAX_DEPTH = 40
MAX_STEPS = 6_000
MAX_CHAIN = 60
MAX_FORMULA = 2_000

# Words that end an operand and belong to the construct around it.
_KEYWORDS = spelling.words(
    """
    if else otherwise when for and or where mod xor xnor elif then unless AND OR XOR XNOR MOD
    times minus plus transposed
    """
)
_WORD_OPERATORS = {"times": "×", "minus": "-", "plus": "+"}
_LOGIC = {"and": "and", "or": "or", "xor": "xor", "xnor": "xnor"}
_DIVIDING = {"mod": "mod", "//": "floor_divide", "\\": "solve"}
_PRODUCTS = frozenset({"*", "·", "×", "@", "⊙", "⊗"})


class Parsed(NamedTuple):
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
    parser = Parser(source, tokens, vocabulary, policy, letters)
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
        first, *second = tokens[i + 1 : i + 3]
        in_brackets = bool(second) and second[0].kind == "open"
        if first.kind == "word" and token.kind == "sub":
            found.update(first.text if len(first.text) <= 3 else "")
        elif first.kind == "open" and (token.kind == "sub" or in_brackets):
            depth = 1
            for inner in tokens[i + 2 :]:
                depth += (inner.kind == "open") - (inner.kind == "close")
                if depth == 0:
                    break
                if inner.kind == "word" and len(inner.text) <= 3:
                    found.update(inner.text)
    return frozenset(letter for letter in found if letter.isalpha() and letter != "T")


class Parser:
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
        want = CLOSING[opened.text]
        if not self.is_at("close", want):
            found = self.token
            if found.kind == "eof":
                raise self.fail(
                    f"'{want.lstrip(chr(92))}' is missing to close this bracket", opened
                )
            raise self.fail(f"expected '{want.lstrip(chr(92))}', found {shown(found)}")
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
            raise self.fail(f"{shown(self.token)} was not expected here")
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
            if self.equals and self.next_is_last_case():
                break
            op = _LOGIC[self.take().text.lower()]
            self.linked()
            left = self.node("logic", (left, self.negation()), op, start)
        return left

    def next_is_last_case(self) -> bool:
        """Tell the `and` of `1 if u > 0 and 0 otherwise` from one that joins conditions."""
        depth = 0
        for token in self.tokens[self.at + 1 :]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth < 0 or token.kind in ("rel", "eof"):
                return False
            if depth == 0 and token.kind == "word" and token.text in ("otherwise", "else"):
                return True
        return False

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
            if self.is_at("bad", "…") and not minus:
                return sums.written_out(self, first, start)
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
                self.refuse_star(token)
                return self.take().text
            if token.text == "%":
                self.take()
                return "mod"
            return None
        if token.text == "." and self.is_dot_product():
            self.take()
            return "·"
        if token.kind == "word" and token.text in ("times", "mod", "MOD"):
            if self.vocabulary.knows(token.text):
                return "juxt"
            self.take()
            return "×" if token.text == "times" else "mod"
        return "juxt" if self.starts_factor() else None

    def refuse_star(self, token: Token) -> None:
        """Refuse the star of `(y* - y)`, which marks the letter and multiplies nothing."""
        after, behind = self.peek(), self.peek(2)
        marks = token.text == "*" and not token.spaced and after.kind == "op" and after.spaced
        if marks and after.text in ("-", "+") and behind.spaced:
            raise self.fail("what this '*' means is not known", token)

    def is_dot_product(self) -> bool:
        """Tell the dot of `(u . v)` from a full stop."""
        after = self.peek()
        return (
            self.token.spaced
            and after.spaced
            and self.equals > 0
            and after.kind in ("word", "open", "number")
        )

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
                node = marks.raised(self, node, start)
            elif kind == "op" and token.text == "**":
                self.take()
                self.deeper()
                node = self.node("power", (node, self.exponent()), "**", start)
                self.depth -= 1
            elif kind == "prime":
                self.take()
                node = self.node("prime", (node,), token.text, start)
            elif kind == "sub":
                node = marks.lowered(self, node, start)
            elif kind == "attr":
                node = attributes.read(self, node, start)
            elif kind == "op" and token.text == "!" and node.op != "compare":
                self.take()
                node = self.node("call", (node,), "factorial", start)
            elif kind == "op" and token.text == "%" and not self.operand_follows():
                self.take()
                node = self.node(
                    "div", (node, Node("number", (), 100.0, token.start, token.end)), "/", start
                )
            elif token.text == "[" and self.peek().text == "[" and not self.source.code:
                if token.spaced or self.peek().spaced or node.op != "name":
                    return node
                node = attributes.part(self, node, start)
            elif kind == "open" and token.text == "[" and attributes.selects(self, token):
                node = attributes.selected(self, node, start)
            elif kind == "word" and self.transposes(token):
                self.take()
                node = self.node("transpose", (ones_of(node),), None, start)
            else:
                return node
            self.linked()

    def transposes(self, token: Token) -> bool:
        """Tell `x transposed`, and the T that has lost its height, from a letter."""
        if token.text == "T":
            return not (token.spaced or self.source.code or self.vocabulary.declares("T"))
        return token.text == "⊤" or (token.text == "transposed" and token.spaced)

    def operand_follows(self) -> bool:
        token = self.peek()
        return token.kind in ("number", "word", "open", "command", "bar")

    def exponent(self) -> Node:
        """Read the exponent of `**`, which binds to the right."""
        return self.factor()

    # --- raised and lowered marks

    def label_of(self, base: Node, label: str) -> str | None:
        """Return the declared name that `base` with this label spells, if there is one."""
        if base.op != "name":
            return None
        return self.vocabulary.names.get(f"{str(base.value).rstrip('*')}_{label}")

    def is_index_letter(self, text: str) -> bool:
        if len(text) != 1 or not text.isalpha():
            return False
        return text in self.bound or not self.vocabulary.knows(text)

    # --- attributes and selections of code

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
        if token.text == "1" and calls.is_indicator(self):
            return calls.indicator(self, token.start)
        return number_of(token)

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

    def group(self, bare: bool) -> Node:
        opened = self.take()
        if opened.text in ("⌊", "⌈"):
            inner = self.expression()
            self.close(opened)
            name = "floor" if opened.text == "⌊" else "ceil"
            return self.node("call", (inner,), name, opened.start)
        if blocks.is_list(self, opened):
            return blocks.list_literal(self, opened)
        if opened.text == "<":
            return self.inner_product(opened)
        bars, self.bars = self.bars, 0
        commas, self.commas = self.commas, 0
        equals, self.equals = self.equals, self.equals
        if opened.text != "{" or calls.condition_inside(self, self.at - 1):
            self.equals += 1
        if self.is_at("close"):
            if opened.text == "{" and self.peek().kind == "sup":
                return marks.raised_before(self, opened)
            raise self.fail("the brackets are empty", opened)
        inner = self.bracketed()
        self.close(opened)
        self.bars, self.commas, self.equals = bars, commas, equals
        return inner

    def bracketed(self) -> Node:
        start = self.token.start
        inner = self.expression()
        if self.is_at("command", "over"):
            self.take()
            return self.node("div", (inner, self.expression()), "frac", start)
        return inner

    def inner_product(self, opened: Token) -> Node:
        """Read `<u, v>`; three and more are the entries of a vector."""
        self.commas += 1
        found = [self.sum()]
        while self.accept("sep", ","):
            found.append(self.sum())
        self.commas -= 1
        if len(found) < 2:
            raise self.fail("expected ',' of an inner product")
        self.close(opened)
        is_vector = len(found) > 2
        name = None if is_vector else "inner"
        return self.node("vector" if is_vector else "call", tuple(found), name, opened.start)

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

    def split(self, size: int) -> None:
        """Part the current token after `size` characters."""
        token = self.token
        middle = token.start + size
        head = token._replace(text=token.text[:size], end=middle)
        tail_text = token.text[size:]
        kind = "number" if tail_text.isdigit() else "word"
        tail = Token(kind, tail_text, middle, token.end, False)
        self.tokens[self.at : self.at + 1] = [head, tail]

    # --- calls

    # --- commands and environments

    # --- derivatives as names


# What a letter means that nobody declared but that is applied to something.

_PRIMARIES: Mapping[str, Callable[[Parser, bool], Node]] = MappingProxyType(
    {
        "number": Parser.number,
        "word": words.read,
        "open": Parser.group,
        "bar": Parser.bar,
        "command": blocks.read_command,
        "begin": blocks.read_environment,
    }
)


def _expected(token: Token) -> str:
    if token.kind == "eof":
        return "the formula ends where a value is expected"
    if token.kind == "bad":
        return f"'{token.text[:20]}' is not understood"
    return f"expected a value, found {shown(token)}"


# --- derivatives, also for the left-hand sides of equations
