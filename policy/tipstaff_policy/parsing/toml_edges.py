"""Where a TOML document comes near the client's limits, or holds dates that Python has not.

One pass over the tokens, without recursion; asked only of documents that could hold such a thing.
Where a text is no TOML at all, what is found before the fault is right.
"""

import re
import tomllib
from typing import Any

from tipstaff_policy.parsing import DEPTH_LIMIT
from tipstaff_policy.parsing.toml_tokens import TOKEN
from tipstaff_policy.record import Record

MOMENT = re.compile(
    r"""
    (?: (?P<year>\d{4})-\d\d-\d\d
        (?: [Tt\ ] \d\d:\d\d (?: :(?P<second>\d\d) (?:\.\d++)?+ )?+ (?:[Zz]|[+-]\d\d:\d\d)?+ )?+
      | \d\d:\d\d:(?P<alone>\d\d) (?:\.\d++)?+
    ) (?= [\s,\]}\#] | \Z )
    """,
    re.VERBOSE,
)
LACKING = re.compile(r"\d\d:\d\d:60|(?<!\d)0000-")
"""What a document has that holds a moment which Python's calendar lacks."""
LEAP_SECOND = re.compile(r"(\d\d:\d\d:)60")
FAMILIAR_YEAR = "2000"
"""Stands for the year 0, which is a leap year as well."""
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+(?:{_PART}){{{DEPTH_LIMIT}}}", re.MULTILINE)
"""What looks like a key of too many parts, and may stand inside a text."""


class Moment(Record):
    """A date or a time that Python's calendar cannot hold, as it is written."""

    text: str

    def __str__(self) -> str:
        return self.text

    def isoformat(self) -> str:
        """Return it as the client would."""
        return self.text


class Edges(Record):
    """What one pass over a document finds."""

    too_deep: int | None
    """The first line that nests too deep."""
    text: str
    """The document with every odd moment replaced by a text."""
    moments: dict[str, Moment]
    """What these texts stand for."""


def edges_of(text: str) -> Edges:
    """Return what stands at the edges of a document."""
    walk = _Walk(text)
    while walk.step():
        if walk.parts > DEPTH_LIMIT or len(walk.open) > DEPTH_LIMIT:
            return Edges(text.count("\n", 0, walk.at) + 1, text, {})
    walk.pieces.append(text[walk.copied :])
    return Edges(None, "".join(walk.pieces), walk.moments)


def put_back(document: dict[str, Any], moments: dict[str, Moment]) -> None:
    """Put moments into a document in place of the texts that stand for them."""
    pending: list[Any] = [document]
    while pending:
        table = pending.pop()
        members = table.items() if isinstance(table, dict) else enumerate(table)
        for name, value in list(members):
            if isinstance(value, str) and value in moments:
                table[name] = moments[value]
            elif isinstance(value, dict | list):
                pending.append(value)


class _Walk:
    """The place reached in a document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.in_key = True
        self.is_fresh = False
        """Whether a value may begin here."""
        self.parts = 0
        """Of the key that is being read."""
        self.open: list[str] = []
        self.pieces: list[str] = []
        self.copied = 0
        self.moments: dict[str, Moment] = {}
        self.mark = "moment"
        while self.mark in text:  # no longer than the text, and mostly the first will do
            self.mark += str(len(self.mark)) * len(self.mark)

    def step(self) -> bool:
        """Go over one token; return whether there was one."""
        if self.is_fresh and self._replace_moment():
            return True
        token = TOKEN.match(self.text, self.at)
        if token is None or token.lastgroup in ("broken", "other"):
            return False
        self.at = token.end()
        kind, text = token.lastgroup, token[0]
        if kind == "newline":
            if not self.open:
                self.in_key, self.is_fresh, self.parts = True, False, 0
        elif kind == "mark":
            (self._mark_in_key if self.in_key else self._mark_in_value)(text)
        elif kind != "skip":
            self.parts += self.in_key
            self.is_fresh = False
        return True

    def _mark_in_key(self, mark: str) -> None:
        if mark == "=":
            self.in_key, self.is_fresh, self.parts = False, True, 0
        elif mark != ".":
            self.parts = 0
        if mark == "}" and self.open:
            self.open.pop()
            self.in_key = False

    def _mark_in_value(self, mark: str) -> None:
        if mark in "[{":
            self.open.append(mark)
        elif mark in "]}" and self.open:
            self.open.pop()
        if mark in "[{,":
            self.in_key = bool(self.open) and self.open[-1] == "{"
            self.parts = 0
        self.is_fresh = mark in "[," and not self.in_key

    def _replace_moment(self) -> bool:
        """Go over a moment that Python's calendar lacks; return whether there was one."""
        found = MOMENT.match(self.text, self.at)
        self.is_fresh = self.text[self.at : self.at + 1].isspace()
        if found is None or not _is_odd(found):
            return False
        name = f"{self.mark}{len(self.moments)}"
        self.moments[name] = Moment(found[0].replace(" ", "T").replace("t", "T").replace("z", "Z"))
        self.pieces += [self.text[self.copied : self.at], f'"{name}"']
        self.at = self.copied = found.end()
        self.is_fresh = False
        return True


def _is_odd(found: re.Match[str]) -> bool:
    """Return whether a moment is one for the client, and none for Python."""
    year = found["year"] == "0000"
    if not year and "60" not in (found["second"], found["alone"]):
        return False
    familiar = LEAP_SECOND.sub(r"\g<1>59", found[0])
    try:
        tomllib.loads(f"x = {FAMILIAR_YEAR + familiar[4:] if year else familiar}")
    except ValueError:
        return False
    return True
