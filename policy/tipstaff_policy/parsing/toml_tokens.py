"""The tokens of TOML 1.0 and 1.1, as far as they separate keys from values."""

import re

TOKEN = re.compile(
    r"""
    (?P<skip>\#[^\n]*+|[ \t\r]++)
  | (?P<newline>\n)
  | (?P<long>\"{3}(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}|'{3}(?:[^']++|'{1,2}(?!'))*+'{3,5})
  | (?P<broken>"{3}|'{3})
  | (?P<basic>"(?:[^"\\\n]++|\\.)*+")
  | (?P<literal>'[^'\n]*+')
  | (?P<mark>[\[\]{}=,.])
  | (?P<bare>[^\s\[\]{}=,.\#"']++)
  | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
"""``broken`` begins a text that never ends."""
ESCAPE = r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))"
"""Compiled only for a text that has one."""
ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
LAST_CHARACTER = 0x10FFFF


def unquote(kind: str, text: str) -> str:
    """Return the name that a token spells."""
    if kind == "bare":
        return text
    name = text[1:-1]
    return re.sub(ESCAPE, _character, name) if kind == "basic" and "\\" in name else name


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        return chr(min(int(digits, 16), LAST_CHARACTER))
    return ESCAPED.get(found[4], found[4])
