"""Find the line of each key of a TOML document, which no TOML library provides.

The document has been accepted by a TOML reader before; so this only has to find its way, not to
judge. It never raises: of what it cannot follow it returns what it found so far.
"""

import re
from collections.abc import Collection

from tipstaff_policy.parsing import DEPTH_LIMIT
from tipstaff_policy.parsing.toml_tokens import TOKEN, unquote

Path = tuple[str, ...]

LARGE = 4096
"""Characters; below it going token by token takes less than making the patterns for whole lines."""
PLAIN_LINES = r"""
    (?: [ \t]*+
        (?: [A-Za-z0-9_-]++[ \t]*+=[ \t]*+
            (?: "(?!"")(?:[^"\\\n]++|\\.)*+" | '(?!'')[^'\n]*+' | [^\s\[\]{}=,\#"']++ )
            [ \t]*+
        )?+
        (?: \#[^\n]*+ )?+ \r?+\n
    )++
    """
"""Lines of one plain key and one plain value each, and such as hold neither."""
KEY = r"^[ \t]*+([A-Za-z0-9_-]++)[ \t]*+="


def locate_keys(text: str, wanted: Collection[Path] | None = None) -> dict[Path, int]:
    """Return the line, counting from 1, on which each key path first appears.

    An element of an array adds its position to the path, as text: ``("servers", "0", "name")``;
    one that is a table has a line of its own.

    Args:
        text: A document that a TOML 1.0 or 1.1 reader accepts, without byte order mark.
        wanted: The paths to look for, with every table around them; None for all there are.
    """
    walk = _Walk(wanted)
    plain_lines = re.compile(PLAIN_LINES, re.VERBOSE) if len(text) >= LARGE else None
    at = 0
    while at < len(text) and not walk.is_done():
        if plain_lines and walk.at_statement:
            lines = plain_lines.match(text, at)
            if lines:
                walk.take_lines(lines[0])
                at = lines.end()
        token = TOKEN.match(text, at)
        if token is None or token.lastgroup == "broken":
            break
        walk.take(token.lastgroup or "", token[0])
        if max(len(walk.open), len(walk.parts)) > DEPTH_LIMIT:
            break  # no client reads it, and paths as deep take ever longer
        at = token.end()
    return walk.lines


class _Walk:
    """The place reached in a document; one token moves it on."""

    def __init__(self, wanted: Collection[Path] | None) -> None:
        self.lines: dict[Path, int] = {}
        self.missing = None if wanted is None else {*wanted}
        self.around = {path[:-1] for path in wanted or ()}
        """The tables that hold something that is looked for."""
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
        self.at_statement = True

    def is_done(self) -> bool:
        """Return whether everything that is looked for was found."""
        return self.missing is not None and not self.missing

    def take_lines(self, text: str) -> None:
        """Go over whole lines of plain keys."""
        if self.missing is None or self.table in self.around:
            begin, line = 0, self.line
            for found in re.finditer(KEY, text, re.MULTILINE):
                line += text.count("\n", begin, found.start())
                begin = found.start()
                self._note((*self.table, found[1]), line)
        self.line += text.count("\n")

    def take(self, kind: str, text: str) -> None:
        """Go over one token."""
        if self.in_key and kind in ("bare", "basic", "literal"):
            self.parts.append(unquote(kind, text))
        elif kind == "newline" and not self.open:
            self.in_key, self.parts, self.header = True, [], 0
        elif kind == "mark":
            (self._mark_in_key if self.in_key else self._mark_in_value)(text)
        self.at_statement = kind == "newline" and not self.open
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
            self._note(path[:length], self.line)

    def _note(self, path: Path, line: int) -> None:
        if self.missing is None:
            self.lines.setdefault(path, line)
        elif path in self.missing:
            self.missing.discard(path)
            self.lines[path] = line
