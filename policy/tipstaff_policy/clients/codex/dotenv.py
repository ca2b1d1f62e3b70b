"""The `.env` file of the client's folder, which it takes into its environment before all else.

Every oddity here is the client's own: a name it may set beats the environment, a line that it
cannot parse is passed over, the order of the lines counts, and a quote may run over many lines.
Source: tests/conformance/test_dotenv.py (client 0.169.0 and 0.171.0).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from unicodedata import category

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.locations import text_of
from tipstaff_policy.record import Record

RESERVED = "CODEX_"
"""Names that begin so, in any case of letters, the file cannot set."""
SIMPLE = re.compile(
    rb"[ \t]*(?:#[^\n]*|(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)=([!%&(-\[\]^-~]*))?[ \t]*\r?\n"
)
"""A line on which nothing depends but itself: empty, a comment, or a plain value."""
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
RUNS = {
    "": re.compile(r"[^ \t\"'\\$]*"),
    "'": re.compile(r"[^']*"),
    '"': re.compile(r"[^\"\\$]*"),
    "$": re.compile(r"[0-9A-Za-z]*"),
    "{": re.compile(r"[^}]*"),
}
"""What stands for itself outside of quotes, in either quotes, and in a name behind a dollar."""
LETTERS_FOR_SOME = ("Mn", "Mc", "So", "Cn")
"""Categories of Unicode of which some characters, by the client's newer table, are letters."""
VALUE_LIMIT = 1 << 16
"""Characters of a value that are kept: more than any path may have; so no line costs more than
its length, although values can be put together from values."""
ESCAPABLE = {"\\": "\\", "'": "'", '"': '"', "$": "$", " ": " ", "n": "\n"}
COMPLETE, ESCAPE, STRONG, STRONG_ESCAPE, WEAK, WEAK_ESCAPE, BLANK = range(7)
OPENING = {"\\": ESCAPE, '"': WEAK, "'": STRONG}
STOPS = {
    STRONG: re.compile(r"[\\']"),
    WEAK: re.compile(r'[\\"]'),
    COMPLETE: re.compile(rf"[\\\"'{re.escape(WHITE_SPACE)}]"),
}


class Assignment(Record):
    """A variable that the client sets."""

    name: str
    value: str
    line: int
    """Of its first line; counts from 1."""
    doubt: str = ""
    """Why the client may read another value; empty where it does not."""


class Loaded(Record):
    """What comes of a file."""

    assignments: tuple[Assignment, ...]
    """In order; a later one of the same name wins."""
    stops: int | None = None
    """The line at which the client itself breaks off and does not start; None where it does."""


class _UnparsableError(Exception):
    """A line that the client passes over."""


class _Names:
    """What a name in a value stands for; the environment comes first, as it is by then."""

    def __init__(self, env: Mapping[str, str], *, complete: bool) -> None:
        self.env, self.complete = env, complete
        self.set: dict[str, str] = {}
        self.stored: dict[str, str] = {}
        self.doubts: dict[str, str] = {}
        self.doubt = ""
        """Of the value that is being parsed."""

    def value(self, name: str) -> str:
        """Return what a name stands for; nothing where nothing has set it."""
        self.doubt = self.doubt or self.doubts.get(name, "")
        if name in self.set:
            return self.set[name]
        found = text_of(self.env, name) if name and "=" not in name and "\0" not in name else None
        if found is None and name and not self.complete and name not in self.env:
            self.doubt = self.doubt or f"the person's own variable {name!r} is not known here"
        return self.stored.get(name, "") if found is None else found

    def put(self, name: str, value: str) -> None:
        """Keep a value for later lines."""
        self.stored[name] = value
        self.doubts[name] = self.doubt
        if not name.upper().startswith(RESERVED):
            self.set[name] = value


def parse_dotenv(
    lines: Iterable[bytes], env: Mapping[str, str], *, complete: bool = True
) -> Loaded:
    """Return what the client takes from the lines of its file.

    Args:
        lines: With their line ends.
        env: The environment before.
        complete: Whether that is all of the client's environment.
    """
    names = _Names(env, complete=complete)
    found: list[Assignment] = []
    for number, line in _logical_lines(lines):
        names.doubt = ""
        try:
            parsed = _parse_line(line, names) if isinstance(line, str) else line
        except _UnparsableError:
            continue
        if parsed is None:
            continue
        name, value = parsed
        names.put(name, value)
        if name not in names.set:
            continue
        if "\0" in value:
            return Loaded(tuple(found), number)
        found.append(Assignment(name, value, number, names.doubt))
    return Loaded(tuple(found))


def _logical_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, str | tuple[str, str]]]:
    """Yield what the client parses at once: a line, or several that an open quote holds together.

    A comment's quotes hold nothing together. A line that is no UTF-8 is left out, with what was
    still open before it. Of a line that is plain, name and value are given at once.
    """
    parts: list[str] = []
    state, first = COMPLETE, 1
    for number, data in enumerate(lines, 1):
        if not parts and (plain := SIMPLE.fullmatch(data)):
            if plain[1]:
                yield number, (plain[1].decode(), plain[2].decode()[:VALUE_LIMIT])
            continue
        text = _utf8(data)
        if text is None:
            parts, state = [], COMPLETE
            continue
        if not parts:
            first = number
        begins = not parts and text.lstrip(WHITE_SPACE).startswith("#")
        state, comment = (COMPLETE, 0) if begins else _state_after(state, text)
        if comment is not None:
            yield first, "".join((*parts, text[:comment]))
        elif state == COMPLETE:
            yield first, "".join((*parts, text))
        else:
            parts.append(text)
            continue
        parts, state = [], COMPLETE


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _state_after(state: int, text: str) -> tuple[int, int | None]:
    """Return what is open at the end of a line, and where a comment begins that ends it."""
    at = 0
    while at < len(text):
        stops = STOPS.get(state)
        if stops:
            found = stops.search(text, at)
            if found is None:
                return state, None
            at = found.start()
        character = text[at]
        if state == BLANK and character == "#":
            return COMPLETE, at
        state = _next_state(state, character)
        at += 1
    return state, None


def _next_state(state: int, character: str) -> int:
    if state == COMPLETE:
        if character in WHITE_SPACE:
            return COMPLETE if character in "\r\n" else BLANK
        return OPENING.get(character, COMPLETE)
    if state == BLANK:
        return OPENING.get(character, COMPLETE)
    if state == WEAK:
        return {"\\": WEAK_ESCAPE, '"': COMPLETE}.get(character, WEAK)
    if state == STRONG:
        return {"\\": STRONG_ESCAPE, "'": COMPLETE}.get(character, STRONG)
    return {ESCAPE: COMPLETE, WEAK_ESCAPE: WEAK, STRONG_ESCAPE: STRONG}[state]


def _parse_line(line: str, names: _Names) -> tuple[str, str] | None:
    """Return name and value; None of an empty line.

    Raises:
        _UnparsableError: The client passes it over.
    """
    rest = line.strip(WHITE_SPACE)
    if not rest or rest.startswith("#"):
        return None
    name, rest = _key(rest)
    if name == "export" and not rest.startswith("="):
        name, rest = _key(rest)
    if not rest.startswith("="):
        raise _UnparsableError
    rest = rest[1:].lstrip(WHITE_SPACE)
    if rest.startswith("#"):
        return name, ""
    return name, _Value(rest, names).parse()


def _key(text: str) -> tuple[str, str]:
    found = KEY.match(text)
    if found is None:
        raise _UnparsableError
    return found[0], text[found.end() :].lstrip(WHITE_SPACE)


class _Value:
    """A value while it is parsed."""

    def __init__(self, text: str, names: _Names) -> None:
        self.text, self.names = text, names
        self.at = 0
        self.parts: list[str] = []
        self.room = VALUE_LIMIT
        self.quote = ""

    def parse(self) -> str:
        """Return what it stands for.

        Raises:
            _UnparsableError: An open quote or brace, an unknown escape, or a second word.
        """
        while self.at < len(self.text):
            self._put(self._run(self.quote))
            if self.at < len(self.text) and self._stops():
                break
        if self.quote:
            raise _UnparsableError
        return "".join(self.parts)

    def _put(self, text: str) -> None:
        if text and self.room > 0:
            self.parts.append(text[: self.room])
            self.room -= len(text)

    def _run(self, kind: str) -> str:
        found = RUNS[kind].match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0] if found else ""

    def _stops(self) -> bool:
        """Take the character that ends a run; return whether the value ends with it."""
        character = self.text[self.at]
        self.at += 1
        if character == "$":
            self._substitute()
        elif character == self.quote:
            self.quote = ""
        elif character == "\\":
            self._escape()
        elif character in " \t":
            self._end()
            return True
        else:
            self.quote = character
        return False

    def _escape(self) -> None:
        # An escape that nothing follows is passed over.
        escaped = self.text[self.at : self.at + 1]
        self.at += 1
        if escaped and escaped not in ESCAPABLE:
            raise _UnparsableError
        self._put(ESCAPABLE.get(escaped, ""))

    def _end(self) -> None:
        """Take what may stand behind a value: a comment, or nothing."""
        behind = self.text[self.at :].lstrip(" \t")
        if behind and not behind.startswith("#"):
            raise _UnparsableError
        self.at = len(self.text)

    def _substitute(self) -> None:
        """Put in what the name behind a dollar stands for; what ends the name means only itself.

        Even a quote does, so the one around the name remains open. Each further dollar begins a
        new name, and the empty name stands for nothing.
        """
        while self.text.startswith("$", self.at):
            self.at += 1
        name = self._name()
        if self.text[self.at : self.at + 1] == "{" and not name:
            self._substitute_braced()
            return
        self._put(self.names.value(name))
        ending = self.text[self.at : self.at + 1]
        if ending != "$":
            self._put(ending)
            self.at += 1

    def _name(self) -> str:
        begin = self.at
        self._run("$")
        while self.at < len(self.text) and self.text[self.at].isalnum():
            self.at += 1
        ending = self.text[self.at : self.at + 1]
        if not ending.isascii() and category(ending) in LETTERS_FOR_SOME:
            self.names.doubt = f"whether U+{ord(ending):04X} ends a name is not known here"
        return self.text[begin : self.at]

    def _substitute_braced(self) -> None:
        self.at += 1
        name = self._run("{")
        if self.at == len(self.text):
            raise _UnparsableError
        self.at += 1
        self._put(self.names.value(name))
