"""The made-up host on which `tipstaff doctor` rehearses a log-out."""

from collections.abc import Mapping

from tipstaff_policy.record import Record


class MadeUpHost(Record):
    """A host on which a log-out is rehearsed: a made-up login that its files order to go."""

    store: str
    """The store that is a file with the login."""
    login: str
    """The file's content; no secret."""
    files: Mapping[str, str]
    """The administrators' files, each with its path from ``/``, by which that login must go."""
