"""LaTeX as MathML: the part of it that coursework is written in, and nothing that could act.

A formula that uses any other word is left to be shown as it was typed. No formula can set an
attribute, a link, a colour or a style, or define a macro.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from html import escape

CHARACTERS = 1_000
"""The longest formula that is set: some ten lines of print."""

DEPTH = 24
"""How deep a formula may nest; coursework seldom goes beyond six."""


def mathml(latex: str, *, display: bool = False) -> str | None:
    """Return the formula as a `math` element, or None where it is best shown as typed."""
    if len(latex) > CHARACTERS or not latex.strip() or _CONTROL.search(latex):
        return None
    tokens = _TOKEN.findall(unicodedata.normalize("NFC", latex))
    try:
        row = _Formula([token for token in tokens if _is_shown(token)]).whole()
    except _Unknown:
        return None
    block = ' display="block"' if display else ""
    source = f'<annotation encoding="application/x-tex">{escape(latex.strip())}</annotation>'
    return f"<math{block}><semantics><mrow>{row}</mrow>{source}</semantics></math>"


class _Unknown(Exception):
    """A formula holds a word or a structure that is not set here."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """A piece of MathML; `limits` where its scripts stand above and below it."""

    markup: str
    limits: bool = False


@dataclass(slots=True)
class _Formula:
    """Reads tokens from the left; every method takes what it names and returns its MathML."""

    tokens: list[str]
    at: int = 0
    depth: int = 0

    def whole(self) -> str:
        rows = self.rows(())
        return rows[0][0] if rows == [rows[0][:1]] else _table(rows, "aligned")

    def rows(self, stops: Collection[str]) -> list[list[str]]:
        """Take cells apart at `&` and rows at `\\\\`, up to one of `stops`."""
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self.row(("&", r"\\", *stops)))
            if self.peek() == r"\\":
                rows.append([])
            elif self.peek() != "&":
                break
            self.at += 1
        return rows[:-1] if len(rows) > 1 and rows[-1] == [""] else rows

    def row(self, stops: Collection[str]) -> str:
        atoms = []
        while self.peek() and self.peek() not in stops:
            atoms.append(self.scripted())
        return "".join(atoms)

    def scripted(self) -> str:
        """Take an atom with what stands below and above it."""
        base = _Atom("<mrow></mrow>") if self.peek() in _SCRIPTS else self.atom()
        below = above = primes = ""
        while self.peek() in _SCRIPTS:
            mark = self.take()
            if mark == "'":
                primes += "′"
            elif mark == "_" and not below:
                below = self.argument()
            elif mark == "^" and not above:
                above = self.argument()
            else:
                raise _Unknown
        if primes:
            above = f"<mrow><mo>{primes}</mo>{above}</mrow>"
        return _with_scripts(base, below, above)

    def argument(self) -> str:
        """Take a group, or the one atom that stands for it."""
        if len(self.peek()) > 1 and self.peek()[0].isdigit():
            # In x^12 and \frac12 the argument is the first digit, and few who write it mean that.
            raise _Unknown
        return self.atom().markup

    def group(self) -> str:
        self.expect("{")
        row = self.row(("}",))
        self.expect("}")
        return f"<mrow>{row}</mrow>"

    def atom(self) -> _Atom:
        # Whatever nests comes through here, so this is where depth is bounded.
        self.depth += 1
        if self.depth > DEPTH:
            raise _Unknown
        token = self.peek()
        if token == "{":
            atom = _Atom(self.group())
        elif token in _DELIMITERS:
            atom = _Atom(f'<mo stretchy="false">{_DELIMITERS[self.take()]}</mo>')
        elif self.take().startswith("\\"):
            atom = self.command(token)
        else:
            atom = _Atom(_character(token))
        self.depth -= 1
        return atom

    def command(self, token: str) -> _Atom:
        word = token[1:]
        if word in _BIG:
            return _Atom(f'<mo movablelimits="true">{_BIG[word]}</mo>', limits=True)
        if word in _LIMITS:
            name = f'<mo movablelimits="true" lspace="0" rspace="0.17em">{_LIMITS[word]}</mo>'
            return _Atom(name, limits=True)
        if word in _BRACES:
            place, brace = _BRACES[word]
            inner = self.argument()
            return _Atom(f'<m{place}>{inner}<mo stretchy="true">{brace}</mo></m{place}>', True)
        return _Atom(self.plain_command(word))

    def plain_command(self, word: str) -> str:
        if word in _LETTERS:
            return f"<mi>{_LETTERS[word]}</mi>"
        if word in _OPERATORS:
            return f"<mo>{escape(_OPERATORS[word])}</mo>"
        if word in _SPACES:
            return f'<mspace width="{_SPACES[word]}"></mspace>'
        if word in _FUNCTIONS:
            return self.function(word)
        return self.structure(word)

    def structure(self, word: str) -> str:
        if word in _FRACTIONS:
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if word in _ACCENTS:
            place, accent, stretchy = _ACCENTS[word]
            stretch = f'<mo stretchy="{str(stretchy).lower()}">{accent}</mo>'
            return f'<{place} accent="true">{self.argument()}{stretch}</{place}>'
        if word in _FONTS:
            letters = (f"<mi>{_styled(char, _FONTS[word])}</mi>" for char in self.characters())
            return f"<mrow>{''.join(letters)}</mrow>"
        if word == "sqrt":
            return self.root()
        if word == "left":
            return self.fenced()
        if word.startswith("begin{"):
            return self.environment(word[len("begin{") : -1])
        return _named(word)

    def function(self, word: str) -> str:
        """Take a function's name, with a space before an argument without brackets."""
        bare = self.peek() not in ("", "(", "[", "^", "_", "}", "{", r"\left", r"\right", r"\,")
        space = '<mspace width="0.17em"></mspace>' if bare else ""
        return f"<mi>{word}</mi>{space}"

    def root(self) -> str:
        if self.peek() != "[":
            return f"<msqrt>{self.argument()}</msqrt>"
        self.expect("[")
        index = self.row(("]",))
        self.expect("]")
        return f"<mroot>{self.argument()}<mrow>{index}</mrow></mroot>"

    def fenced(self) -> str:
        left = self.delimiter()
        row = self.row((r"\right",))
        self.expect(r"\right")
        return f"<mrow>{left}{row}{self.delimiter()}</mrow>"

    def delimiter(self) -> str:
        token = self.take()
        if token == ".":
            return ""
        if token not in _DELIMITERS:
            raise _Unknown
        return f'<mo fence="true" stretchy="true">{_DELIMITERS[token]}</mo>'

    def environment(self, name: str) -> str:
        if name not in _ENVIRONMENTS:
            raise _Unknown
        if name == "array":
            self.columns()
        left, right, align = _ENVIRONMENTS[name]
        end = f"\\end{{{name}}}"
        table = _table(self.rows((end,)), align)
        self.expect(end)
        fences = [f"<mo>{fence}</mo>" if fence else "" for fence in (left, right)]
        return f"<mrow>{fences[0]}{table}{fences[1]}</mrow>"

    def columns(self) -> None:
        """Skip the columns of an array: `{cc|c}`."""
        self.expect("{")
        while self.peek() in ("c", "l", "r", "|"):
            self.at += 1
        self.expect("}")

    def characters(self) -> str:
        """Take the letters that a font command applies to."""
        if self.peek() != "{":
            return self.character()
        self.expect("{")
        chars = ""
        while self.peek() != "}":
            chars += self.character()
        self.expect("}")
        return chars

    def character(self) -> str:
        token = self.take()
        char = _LETTERS.get(token[1:], "") if token.startswith("\\") else token
        if not char.isalnum():
            raise _Unknown
        return char

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise _Unknown


def _is_shown(token: str) -> bool:
    return not token.isspace() and token[1:] not in _SILENT


def _with_scripts(base: _Atom, below: str, above: str) -> str:
    over, under = ("over", "under") if base.limits else ("sup", "sub")
    if below and above:
        return f"<m{under}{over}>{base.markup}{below}{above}</m{under}{over}>"
    if below:
        return f"<m{under}>{base.markup}{below}</m{under}>"
    if above:
        return f"<m{over}>{base.markup}{above}</m{over}>"
    return base.markup


def _table(rows: list[list[str]], align: str) -> str:
    cells = ("".join(f"<mtd>{cell}</mtd>" for cell in row) for row in rows)
    return f'<mtable class="{align}">{"".join(f"<mtr>{row}</mtr>" for row in cells)}</mtable>'


def _named(word: str) -> str:
    r"""Return the words of `\text{...}` or the name of `\operatorname{...}`."""
    command, brace, text = word.removesuffix("}").partition("{")
    tag = _NAMES.get(command.rstrip("* ")) if brace else None
    if tag is None:
        raise _Unknown
    # MathML drops spaces at the ends of a text, where they matter in `\text{ if }`.
    shown = escape(text).replace(" ", "\u00a0")
    return f"<{tag}>{shown}</{tag}>"


def _character(char: str) -> str:
    if char in _CHARACTERS:
        return f"<mo>{escape(_CHARACTERS[char])}</mo>"
    category = unicodedata.category(char[:1] or "\0")
    if category.startswith("L"):
        return f"<mi>{char}</mi>"
    if category.startswith("N"):
        return f"<mn>{char}</mn>"
    if category == "Sm":
        return f"<mo>{escape(char)}</mo>"
    raise _Unknown


def _styled(char: str, style: str) -> str:
    """Return a letter in another alphabet, found by its name: BOLD, SCRIPT, DOUBLE-STRUCK."""
    name = re.sub("LATIN |GREEK |LETTER ", "", unicodedata.name(char, ""))
    for full_name in (f"MATHEMATICAL {style} {name}", f"{style} {name}"):
        try:
            return unicodedata.lookup(full_name)
        except KeyError:
            continue
    raise _Unknown


def _words(text: str) -> dict[str, str]:
    """Return a dictionary of a line of words and their signs."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _each(text: str) -> frozenset[str]:
    """Return the words of a line."""
    return frozenset(text.split())


_TOKEN = re.compile(
    r"""\\(?:begin|end)\{[A-Za-z]+\*?\}
      | \\(?:text(?:rm|bf|it|normal)?|mathrm|mathit|mbox|operatorname\*?)\s*\{[^{}\\$]*\}
      | \\[A-Za-z]+ | \\.
      | \d{1,3}(?:,\d{3})+(?!\d) | \d+(?:\.\d+)?
      | \s+ | .""",
    re.VERBOSE | re.DOTALL,
)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no page may hold; a text that was made safe to show has none of it."""

_SCRIPTS = ("^", "_", "'")

_LETTERS = _words(
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι "
    "kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π rho ρ varrho ϱ sigma σ varsigma ς tau τ "
    "upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π "
    "Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ imath ı jmath ȷ "
    "partial ∂ nabla ∇ infty ∞ emptyset ∅ varnothing ∅ top ⊤ bot ⊥ dots … ldots … cdots ⋯ "
    "vdots ⋮ ddots ⋱ prime ′ angle ∠ % %"
)

_OPERATORS = _words(
    "cdot ⋅ times × div ÷ ast ∗ star ⋆ circ ∘ bullet ∙ odot ⊙ otimes ⊗ oplus ⊕ ominus ⊖ pm ± mp ∓ "
    "le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ lt < gt > ll ≪ gg ≫ ne ≠ neq ≠ equiv ≡ approx ≈ "
    "sim ∼ simeq ≃ cong ≅ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ cup ∪ cap ∩ "
    "setminus ∖ forall ∀ exists ∃ neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ perp ⊥ parallel ∥ "
    "mid ∣ to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ mapsto ↦ "
    "Rightarrow ⇒ Longrightarrow ⟹ implies ⟹ Leftarrow ⇐ iff ⟺ Leftrightarrow ⇔ uparrow ↑ "
    "downarrow ↓ therefore ∴ because ∵ colon : dagger † intercal ⊺ triangleq ≜ coloneqq ≔ & & # #"
)

_DELIMITERS = _words(
    r"( ( ) ) [ [ ] ] | | / / \{ { \} } \lbrace { \rbrace } \lbrack [ \rbrack ] \| ‖ \Vert ‖ "
    r"\lVert ‖ \rVert ‖ \vert | \lvert | \rvert | \langle ⟨ \rangle ⟩ \lfloor ⌊ \rfloor ⌋ "
    r"\lceil ⌈ \rceil ⌉"
)

_CHARACTERS = _words("+ + - − * ∗ = = < < > > , , ; ; : : ! ! ? ? . . / / · ⋅")

_BIG = _words(
    "sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigodot ⨀"
)

_LIMITS = _words(
    "lim lim max max min min sup sup inf inf argmax argmax argmin argmin det det Pr Pr"
)

_FUNCTIONS = _each(
    "ln log lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan arg deg dim "
    "gcd ker tr rank sign sgn diag softmax relu"
)

_BRACES = {"underbrace": ("under", "⏟"), "overbrace": ("over", "⏞")}

_ACCENTS = {
    "hat": ("mover", "^", False),
    "widehat": ("mover", "^", True),
    "bar": ("mover", "¯", False),
    "overline": ("mover", "¯", True),
    "tilde": ("mover", "~", False),
    "widetilde": ("mover", "~", True),
    "vec": ("mover", "→", False),
    "dot": ("mover", "˙", False),
    "ddot": ("mover", "¨", False),
    "underline": ("munder", "_", True),
}

_FONTS = {
    "mathbf": "BOLD",
    "boldsymbol": "BOLD",
    "bm": "BOLD",
    "bf": "BOLD",
    "mathbb": "DOUBLE-STRUCK",
    "mathcal": "SCRIPT",
    "mathscr": "SCRIPT",
    "mathfrak": "FRAKTUR",
    "mathsf": "SANS-SERIF",
    "mathtt": "MONOSPACE",
}

_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})

_SPACES = {
    ",": "0.17em",
    ":": "0.22em",
    ";": "0.28em",
    " ": "0.25em",
    "quad": "1em",
    "qquad": "2em",
}

# Words about size and place that leave a formula readable when they are ignored.
_SILENT = _each(
    "! displaystyle textstyle limits nolimits nonumber notag hline middle big Big bigg Bigg bigl "
    "bigr Bigl Bigr biggl biggr Biggl Biggr"
)

_NAMES = {
    **dict.fromkeys(("mathrm", "mathit", "operatorname"), "mi"),
    **dict.fromkeys(("text", "textrm", "textbf", "textit", "textnormal", "mbox"), "mtext"),
}
"""The element for what stands in the braces of `\\mathrm{...}` and its like."""

_ENVIRONMENTS = {
    "bmatrix": ("[", "]", "matrix"),
    "pmatrix": ("(", ")", "matrix"),
    "vmatrix": ("|", "|", "matrix"),
    "Vmatrix": ("‖", "‖", "matrix"),
    "Bmatrix": ("{", "}", "matrix"),
    "matrix": ("", "", "matrix"),
    "smallmatrix": ("", "", "matrix"),
    "array": ("", "", "matrix"),
    "cases": ("{", "", "cases"),
    "aligned": ("", "", "aligned"),
    "align": ("", "", "aligned"),
    "align*": ("", "", "aligned"),
    "split": ("", "", "aligned"),
    "eqnarray": ("", "", "aligned"),
    "eqnarray*": ("", "", "aligned"),
    "gather": ("", "", "matrix"),
    "gather*": ("", "", "matrix"),
    "gathered": ("", "", "matrix"),
    "equation": ("", "", "matrix"),
    "equation*": ("", "", "matrix"),
}
