"""On which line each key of a TOML document stands. No TOML library tells.

The document has been accepted by a TOML reader before; so this only has to find its way, not to
judge. It never raises: of what it cannot follow it returns what it found so far.
"""

import re

Path = tuple[str, ...]

TOKEN = re.compile(
    r"""
    (?P<skip>\#[^\n]*|[ \t\r]+)
  | (?P<newline>\n)
  | (?P<long>\"{3}(?:[^"\\]+|\\[\s\S]|"{1,2}(?!"))*"{3,5}|'{3}(?:[^']+|'{1,2}(?!'))*'{3,5})
  | (?P<basic>"(?:[^"\\\n]|\\.)*")
  | (?P<literal>'[^'\n]*')
  | (?P<mark>[\[\]{}=,.])
  | (?P<bare>[^\s\[\]{}=,.\#"']+)
  | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))")
ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
LAST_CHARACTER = 0x10FFFF


def locate_keys(text: str) -> dict[Path, int]:
    """Return the line, counting from 1, on which each key path first appears.

    An element of an array adds its position to the path, as text: ``("servers", "0", "name")``;
    one that is a table has a line of its own.

    Args:
        text: A document that a TOML 1.0 or 1.1 reader accepts, without byte order mark.
    """
    walk = _Walk()
    for token in TOKEN.finditer(text):
        walk.take(token.lastgroup or "other", token[0])
    return walk.lines


class _Walk:
    """The place reached in a document; one token moves it on."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.line = 1
        self.table: Path = ()
        self.arrays: dict[Path, int] = {}
        """How many elements each array of tables has so far, less one."""
        self.open: list[tuple[str, Path, int]] = []
        """The arrays and inline tables around the place: mark, path, position in an array."""
        self.parts: list[str] = []
        self.header = 0
        """How many brackets opened the header that is being read."""
        self.in_key = True
        self.path: Path = ()

    def take(self, kind: str, text: str) -> None:
        if self.in_key and kind in ("bare", "basic", "literal"):
            self.parts.append(_unquoted(kind, text))
        elif kind == "newline" and not self.open:
            self.in_key, self.parts, self.header = True, [], 0
        elif kind == "mark":
            (self._mark_in_key if self.in_key else self._mark_in_value)(text)
        self.line += text.count("\n")

    def _mark_in_key(self, mark: str) -> None:
        if mark == "=":
            base = self.open[-1][1] if self.open else self.table
            self.path = (*base, *self.parts)
            self._record(self.path, len(base))
            self.parts, self.in_key = [], False
        elif mark == "[" and not self.open and not self.parts:
            self.header += 1
        elif mark == "]" and self.header and self.parts:
            self._enter_table()
        elif mark == "}" and self.open:
            self._close()

    def _mark_in_value(self, mark: str) -> None:
        if mark in "[{":
            if mark == "{":
                self._record(self.path, len(self.path) - 1)
            self.open.append((mark, self.path, 0))
            self.in_key = mark == "{"
            self.path = (*self.path, "0")
        elif mark in "]}" and self.open:
            self._close()
        elif mark == "," and self.open:
            kind, path, position = self.open[-1]
            self.open[-1] = (kind, path, position + 1)
            self.in_key = kind == "{"
            self.path = (*path, str(position + 1))

    def _close(self) -> None:
        self.open.pop()
        self.in_key, self.parts = False, []

    def _enter_table(self) -> None:
        """Take a header; what stands in an array of tables belongs to its last element."""
        path: Path = ()
        for part in self.parts[:-1]:
            path = (*path, part)
            self._record(path, len(path) - 1)
            path = (*path, str(self.arrays[path])) if path in self.arrays else path
        path = (*path, self.parts[-1])
        self._record(path, len(path) - 1)
        if self.header > 1:
            self.arrays[path] = self.arrays.get(path, -1) + 1
        self.table = (*path, str(self.arrays[path])) if path in self.arrays else path
        self._record(self.table, len(self.table) - 1)
        self.parts = []

    def _record(self, path: Path, known: int) -> None:
        for length in range(known + 1, len(path) + 1):
            self.lines.setdefault(path[:length], self.line)


def _unquoted(kind: str, text: str) -> str:
    if kind == "bare":
        return text
    return ESCAPE.sub(_character, text[1:-1]) if kind == "basic" else text[1:-1]


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        return chr(min(int(digits, 16), LAST_CHARACTER))
    return ESCAPED.get(found[4], found[4])
