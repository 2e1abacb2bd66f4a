"""How the same sign is spelled in LaTeX, in Unicode and on a keyboard."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType


def words(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


_ALPHABET = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
    final sigma tau upsilon phi chi psi omega
"""
_GREEK_LETTERS = tuple(_ALPHABET.split())

GREEK: Mapping[str, str] = MappingProxyType(
    {chr(0x3B1 + i): name for i, name in enumerate(_GREEK_LETTERS)}
    | {chr(0x391 + i): name.capitalize() for i, name in enumerate(_GREEK_LETTERS)}
    | {"ς": "sigma", "ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta", "ϱ": "rho", "ϖ": "pi", "µ": "mu"}
)

GREEK_NAMES = frozenset(GREEK.values()) - {"final", "Final"}

# Spellings that a declared name is never told apart by.
SAME_NAME: Mapping[str, str] = MappingProxyType(
    {
        "varepsilon": "epsilon",
        "varphi": "phi",
        "vartheta": "theta",
        "varrho": "rho",
        "varsigma": "sigma",
        "varpi": "pi",
        "lam": "lambda",
        "lmbda": "lambda",
        "lamb": "lambda",
        "lmb": "lambda",
        "lambd": "lambda",
        "lamda": "lambda",
        "lambda_": "lambda",
        "eps": "epsilon",
        "ell": "l",
    }
)

# What is said of a quantity that a model estimates, and of the one that was observed.
ESTIMATED = words("pred preds predicted prediction predictions output outputs out")
OBSERVED = words("true truth actual label labels target targets gt")

ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "hat": "hat",
        "widehat": "hat",
        "tilde": "tilde",
        "widetilde": "tilde",
        "bar": "bar",
        "overline": "bar",
        "dot": "dot",
        "ddot": "ddot",
        "check": "check",
        "breve": "breve",
    }
)

COMBINING: Mapping[str, str] = MappingProxyType(
    {
        "\u0302": "hat",
        "\u0303": "tilde",
        "\u0304": "bar",
        "\u0305": "bar",
        "\u0307": "dot",
        "\u0308": "ddot",
        "\u20d7": "",  # an arrow over a letter says that it is a vector; the shape says so too
    }
)

# Commands that say how a letter looks, or only how the line is set.
FONTS = words(
    """
    mathbf mathrm mathit mathsf mathtt mathcal mathfrak mathscr mathbb boldsymbol bm bold pmb vec
    operatorname operatorname* text textrm textbf textit textsf texttt mbox hbox rm bf it
    textnormal mathnormal
    """
)
SILENT = words(
    """
    left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm
    displaystyle textstyle scriptstyle limits nolimits nonumber notag quad qquad hspace* hfill
    enspace thinspace medspace thickspace boxed fbox underline cancel bcancel xcancel ensuremath
    mathstrut strut null relax noindent centering large Large small normalsize mathop mathrel
    mathbin mathord allowbreak smash mathclap
    """
)
# As above, with an argument that is no part of the formula.
SILENT_WITH_ARGUMENT = words(
    """
    tag tag* label color textcolor hspace vspace phantom hphantom vphantom ref eqref
    """
)

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "cdot": ("op", "·"),
        "bullet": ("op", "·"),
        "cdotp": ("op", "·"),
        "times": ("op", "×"),
        "ast": ("op", "*"),
        "star": ("op", "*"),
        "div": ("op", "/"),
        "odot": ("op", "⊙"),
        "circ": ("op", "⊙"),
        "otimes": ("op", "⊗"),
        "bigodot": ("op", "⊙"),
        "oslash": ("op", "./"),
        "pm": ("bad", "±"),
        "mp": ("bad", "∓"),
        "backslash": ("op", "\\"),
        "setminus": ("op", "\\"),
        "mod": ("op", "mod"),
        "bmod": ("op", "mod"),
        "pmod": ("op", "mod"),
        "land": ("op", "and"),
        "wedge": ("op", "and"),
        "lor": ("op", "or"),
        "vee": ("op", "or"),
        "oplus": ("op", "xor"),
        "lnot": ("op", "not"),
        "neg": ("op", "not"),
        "le": ("rel", "<="),
        "leq": ("rel", "<="),
        "leqslant": ("rel", "<="),
        "ge": ("rel", ">="),
        "geq": ("rel", ">="),
        "geqslant": ("rel", ">="),
        "lt": ("rel", "<"),
        "gt": ("rel", ">"),
        "ne": ("rel", "!="),
        "neq": ("rel", "!="),
        "equiv": ("rel", "="),
        "approx": ("rel", "="),
        "simeq": ("rel", "="),
        "cong": ("rel", "="),
        "triangleq": ("rel", "="),
        "coloneqq": ("rel", "="),
        "coloneq": ("rel", "="),
        "doteq": ("rel", "="),
        "propto": ("rel", "∝"),
        "sim": ("rel", "~"),
        "leftarrow": ("rel", "="),
        "gets": ("rel", "="),
        "Leftarrow": ("rel", "="),
        "longleftarrow": ("rel", "="),
        "to": ("rel", "->"),
        "rightarrow": ("rel", "->"),
        "longrightarrow": ("rel", "->"),
        "mapsto": ("rel", "->"),
        "Rightarrow": ("sep", "=>"),
        "Longrightarrow": ("sep", "=>"),
        "implies": ("sep", "=>"),
        "iff": ("sep", "=>"),
        "Leftrightarrow": ("sep", "=>"),
        "leftrightarrow": ("sep", "=>"),
        "therefore": ("sep", "=>"),
        "because": ("sep", "=>"),
        "in": ("rel", "in"),
        "lbrace": ("open", "\\{"),
        "rbrace": ("close", "\\}"),
        "lbrack": ("open", "["),
        "rbrack": ("close", "]"),
        "langle": ("open", "<"),
        "rangle": ("close", ">"),
        "lfloor": ("open", "⌊"),
        "rfloor": ("close", "⌋"),
        "lceil": ("open", "⌈"),
        "rceil": ("close", "⌉"),
        "lvert": ("bar", "|"),
        "rvert": ("bar", "|"),
        "vert": ("bar", "|"),
        "mid": ("bar", "|"),
        "lVert": ("bar", "‖"),
        "rVert": ("bar", "‖"),
        "Vert": ("bar", "‖"),
        "parallel": ("bar", "‖"),
        "prime": ("prime", "'"),
        "partial": ("word", "∂"),
        "nabla": ("word", "∇"),
        "infty": ("word", "inf"),
        "top": ("word", "⊤"),
        "intercal": ("word", "⊤"),
        "transpose": ("word", "⊤"),
        "dagger": ("word", "†"),
        "sum": ("command", "sum"),
        "prod": ("command", "prod"),
        "frac": ("command", "frac"),
        "dfrac": ("command", "frac"),
        "tfrac": ("command", "frac"),
        "cfrac": ("command", "frac"),
        "nicefrac": ("command", "frac"),
        "sfrac": ("command", "frac"),
        "over": ("command", "over"),
        "sqrt": ("command", "sqrt"),
        "underbrace": ("command", "brace"),
        "overbrace": ("command", "brace"),
        "underset": ("command", "set"),
        "overset": ("command", "set"),
        "stackrel": ("command", "set"),
        "substack": ("command", "substack"),
        "square": ("sep", "."),
        "blacksquare": ("sep", "."),
        "Box": ("sep", "."),
        "qed": ("sep", "."),
        "forall": ("text", "forall"),
        "colon": ("sep", ":"),
        "ldots": ("bad", "…"),
        "cdots": ("bad", "…"),
        "dots": ("bad", "…"),
    }
)

# Commands whose name is the function's name.
FUNCTION_COMMANDS = words(
    """
    log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan max min sup inf
    det dim ker arg tr Tr diag sign sgn softmax sigmoid ReLU relu argmax argmin lim Pr logit erf
    step E
    """
)

_OPERATORS = {
    "−": ("op", "-"),
    "–": ("op", "-"),
    "—": ("op", "-"),
    "‐": ("op", "-"),
    "‑": ("op", "-"),
    "﹣": ("op", "-"),
    "·": ("op", "·"),
    "⋅": ("op", "·"),
    "•": ("op", "·"),
    "∙": ("op", "·"),
    "×": ("op", "×"),
    "✕": ("op", "×"),
    "∗": ("op", "*"),
    "⋆": ("op", "*"),
    "÷": ("op", "/"),
    "⁄": ("op", "/"),
    "∕": ("op", "/"),
    "⊙": ("op", "⊙"),
    "∘": ("op", "⊙"),
    "◦": ("op", "⊙"),
    "⨀": ("op", "⊙"),
    "⊗": ("op", "⊗"),
    "⊘": ("op", "./"),
    "∧": ("op", "and"),
    "∨": ("op", "or"),
    "⊕": ("op", "xor"),
    "¬": ("op", "not"),
    "≤": ("rel", "<="),
    "⩽": ("rel", "<="),
    "≥": ("rel", ">="),
    "⩾": ("rel", ">="),
    "≠": ("rel", "!="),
    "≡": ("rel", "="),
    "≈": ("rel", "="),
    "≃": ("rel", "="),
    "≔": ("rel", "="),
    "≜": ("rel", "="),
    "←": ("rel", "="),
    "⟵": ("rel", "="),
    "∝": ("rel", "∝"),
    "∈": ("rel", "in"),
    "→": ("rel", "->"),
    "⟶": ("rel", "->"),
    "↦": ("rel", "->"),
    "⇒": ("sep", "=>"),
    "⟹": ("sep", "=>"),
    "∴": ("sep", "=>"),
    "⇔": ("sep", "=>"),
    "⟺": ("sep", "=>"),
    "⟨": ("open", "<"),
    "⟩": ("close", ">"),
    "⌊": ("open", "⌊"),
    "⌋": ("close", "⌋"),
    "⌈": ("open", "⌈"),
    "⌉": ("close", "⌉"),
    "‖": ("bar", "‖"),
    "∥": ("bar", "‖"),
    "∣": ("bar", "|"),
    "′": ("prime", "'"),
    "’": ("prime", "'"),
    "‘": ("prime", "'"),
    "´": ("prime", "'"),
    "″": ("prime", "''"),
    "∂": ("word", "∂"),
    "𝜕": ("word", "∂"),
    "∇": ("word", "∇"),
    "∞": ("word", "inf"),
    "⊤": ("word", "⊤"),
    "†": ("word", "†"),
    "∑": ("command", "sum"),
    "∏": ("command", "prod"),
    "√": ("command", "root"),
    "∛": ("command", "cuberoot"),
    "𝟏": ("word", "𝟏"),
    "𝟙": ("word", "𝟏"),
    "𝕀": ("word", "indicator"),
    "ℝ": ("word", "reals"),
    "…": ("bad", "…"),
    "⋯": ("bad", "…"),
    "〖": ("open", "{"),
    "〗": ("close", "}"),
    "，": ("sep", ","),
    "；": ("sep", ";"),
    "：": ("sep", ":"),
    "。": ("sep", "."),
    "、": ("sep", ","),
    "∀": ("text", "forall"),
    "∎": ("sep", "."),
    "□": ("sep", "."),
    "■": ("sep", "."),
    "✓": ("sep", "."),
}

FRACTIONS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "½": (1, 2),
        "⅓": (1, 3),
        "⅔": (2, 3),
        "¼": (1, 4),
        "¾": (3, 4),
        "⅕": (1, 5),
        "⅖": (2, 5),
        "⅗": (3, 5),
        "⅘": (4, 5),
        "⅙": (1, 6),
        "⅚": (5, 6),
        "⅛": (1, 8),
        "⅜": (3, 8),
        "⅝": (5, 8),
        "⅞": (7, 8),
        "⅒": (1, 10),
    }
)

OPERATORS: Mapping[str, tuple[str, str]] = MappingProxyType(_OPERATORS)

# Characters without width that mean nothing, or a product that is meant anyway.
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\ufe0e\ufe0f▒")


def _scripts(mark: str) -> dict[str, str]:
    """Return each raised (`<super>`) or lowered (`<sub>`) character with its plain one."""
    found = {}
    for code in (
        *range(0xB2, 0xBB),
        *range(0x2B0, 0x2E5),
        *range(0x1D2C, 0x1D6B),
        *range(0x2070, 0x209D),
        0x2C7C,
    ):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0] == mark:
            found[chr(code)] = chr(int(parts[1], 16))
    return found


SUPERSCRIPTS: Mapping[str, str] = MappingProxyType(_scripts("<super>") | {"ᵀ": "T", "ᐟ": "'"})
SUBSCRIPTS: Mapping[str, str] = MappingProxyType(_scripts("<sub>"))


def plain(char: str) -> tuple[str, str]:
    """Return the plain letter or digit that `char` is a form of, and its accent; ("", "") if none.

    Bold, italic, full-width and accented letters are one letter to a reader of mathematics.
    """
    if char in GREEK:
        return GREEK[char], ""
    decomposed = unicodedata.normalize("NFKD", char)
    base, marks = decomposed[:1], decomposed[1:]
    if base in GREEK and not marks:
        return GREEK[base], ""
    if not base.isascii() or not base.isprintable() or len(marks) > 1:
        return "", ""
    if not marks:
        return base, ""
    accent = COMBINING.get(marks)
    return ("", "") if accent is None else (base, accent)
