"""What lies around a client and is evidence for checks, though its decision does not read it.

Gathered at the edge by the client's adapter, for an audit only; free of secrets, ready for JSON.
A part is None where nobody looked: in an image, on another platform, or because the check that
reads it was not selected.
"""

from typing import NamedTuple


class LooseFile(NamedTuple):
    """A file of the administrators that somebody else could change."""

    path: str
    who: tuple[str, ...]
    """Each place on the way to it that others can write, in words."""


class Surroundings(NamedTuple):
    """One field a kind of evidence."""

    loose_files: tuple[LooseFile, ...] | None = None
