"""Which name or function a word spells with the marks behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.formula import functions
from grader.formula.lexer import Token
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.parser import Parser

# `binary_cross_entropy_with_logits` has the most.
_MOST_PARTS = 5

_LETTERS_CALLED = {
    "t": "transpose",
    "c": "array",
    "H": "step",
    "u": "step",
    "Theta": "step",
    "theta": "step",
}


def known_word(p: Parser, token: Token) -> Node | None:
    """Read a declared name, with the subscript or prime that belongs to it."""
    text, names = token.text, p.vocabulary.names
    part_label(p, text)
    if text in p.bound and len(text) == 1:
        p.take()
        return Node("name", (), text, token.start, token.end)
    longest = longest_name(p, text)
    if longest is not None:
        canonical, last = longest
        p.at = last
        p.steps += 1
        apply_to_name(p, canonical)
        return Node("name", (), canonical, token.start, p.tokens[last - 1].end)
    if text in names and not is_called(p, text):
        p.take()
        apply_to_name(p, names[text])
        return Node("name", (), names[text], token.start, token.end)
    return None


def apply_to_name(p: Parser, name: str) -> None:
    """Pass over the arguments of `a(z)` and `h(x; W)`, and let ŷ(x_i) be ŷ_i."""
    made = p.vocabulary.depends.get(name)
    if made is None or p.token.text != "(" or p.token.spaced:
        return
    marks: list[Token] = []
    at, depth = p.at + 1, 0
    while at < len(p.tokens) and (depth or p.tokens[at].text != ")"):
        token = p.tokens[at]
        scripted = depth or token.kind in ("sub", "sup") or p.tokens[at - 1].kind in ("sub", "sup")
        depth += (token.kind == "open") - (token.kind == "close")
        if scripted:
            marks.append(token)
        elif token.kind == "word":
            following = p.tokens[at + 1]
            if p.vocabulary.names.get(token.text) not in made or following.kind == "word":
                return
        elif token.text not in (",", ";", "|"):
            return
        at += 1
    if at > p.at + 1 and at < len(p.tokens):
        p.tokens[p.at : at + 1] = marks


def part_label(p: Parser, text: str) -> None:
    """Part `h_{1,i}` into the name h_1 and its index."""
    at = p.at + 1
    tokens = p.tokens
    if at + 3 >= len(tokens) or tokens[at].kind != "sub" or tokens[at + 1].kind != "open":
        return
    first = tokens[at + 2]
    if first.kind != "number" or tokens[at + 3].kind == "close":
        return
    label, comma, rest = first.text.partition(",")
    if f"{text}_{label}" not in p.vocabulary.names:
        return
    after = at + 3 if comma or tokens[at + 3].text != "," else at + 4
    kept = [first._replace(text=rest)] if rest else []
    closing = Token("close", "}", first.end, first.end)
    p.tokens[at + 2 : after] = [
        first._replace(text=label),
        closing,
        tokens[at],
        tokens[at + 1],
        *kept,
    ]


def is_called(p: Parser, text: str) -> bool:
    after = p.peek()
    in_r = text == "t" and "%*%" in p.source.text
    if in_r or (text in _LETTERS_CALLED and text in p.vocabulary.usual):
        return after.text == "(" and not after.spaced and text not in p.vocabulary.depends
    return text in p.vocabulary.functions and after.text in ("(", "'", "[")


def longest_name(p: Parser, text: str) -> tuple[str, int] | None:
    """Return the name that the word spells with its subscripts, and where it ends."""
    names = p.vocabulary.names
    spelled, at, found = text, p.at + 1, None
    for _ in range(4):
        label, after = label_at(p, at)
        if label is None:
            break
        spelled, at = f"{spelled}{label}", after
        canonical = names.get(spelled)
        if canonical is not None:
            found = (canonical, at)
    return found


def label_at(p: Parser, at: int) -> tuple[str | None, int]:
    """Return the subscript (or prime) at `at` as it stands in a name, and where it ends."""
    tokens = p.tokens
    token = tokens[at] if at < len(tokens) else tokens[-1]
    if token.kind == "prime":
        return "'", at + 1
    if token.kind == "number" and not token.spaced and token.text.isdigit():
        return (f"_{token.text}", at + 1) if tokens[at - 1].text[-1:].isalpha() else (None, at)
    if token.kind == "sup":
        return layer_at(p, at)
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


def layer_at(p: Parser, at: int) -> tuple[str | None, int]:
    """Return the layer's number of `^{[1]}`, `^{(1)}` and `^[1]`, and where it ends."""
    tokens = p.tokens
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


def function_of(p: Parser, text: str) -> str | None:
    """Return the function that `text` names: the question's own, else a usual one."""
    spelled, after = text, p.at + 1
    for _ in range(_MOST_PARTS):
        label, after = label_at(p, after)
        if not label or not label.startswith("_"):
            break
        spelled += label
        if p.tokens[after].text == "(":
            name = functions.ALIASES.get(spelled) or derivative_called(p, spelled)
            if spelled in p.vocabulary.functions or name:
                p.at = after - 1
                return p.vocabulary.functions.get(spelled, name)
    if text in p.vocabulary.functions:
        return p.vocabulary.functions[text]
    declared = p.vocabulary.declares(text) and not is_called(p, text)
    if p.peek().text == "(" and not declared and text in _LETTERS_CALLED:
        return _LETTERS_CALLED[text]
    return functions.ALIASES.get(text) or derivative_called(p, text) or capitalised(p, text)


def capitalised(p: Parser, text: str) -> str | None:
    """Return the function that `Log[x]` and `Exp(x)` call."""
    if len(text) < 3 or not text[0].isupper() or p.peek().text not in ("(", "["):
        return None
    words = (text.lower(), text[0].lower() + text[1:])
    plain = [word for word in words if word in functions.ELEMENTWISE]
    arc = functions.ALIASES.get(text.lower()) if text.lower().startswith("arc") else None
    return plain[0] if plain else arc


def derivative_called(p: Parser, text: str) -> str | None:
    """Return `f'` for `df` and `f_prime`, of usual functions and of the question's own."""
    for plain, meant in p.vocabulary.functions.items():
        if text in functions.derivative_spellings(plain):
            return f"{meant}'"
    return functions.derivative_name(text)
