"""The policy engine: layers, credentials, decision, checks, enforcement. Standard library only."""

from typing import Any

__version__ = "0.1.0"


def load_part(place: str) -> Any:
    """Return what ``module:NAME`` names, as the tables of parts write it; imports no other part.

    Here, and by Python's own function, because the guard loads its client so: a module of its own,
    and the library around that function, would be two modules more at every start.
    """
    module, _, name = place.partition(":")
    return getattr(__import__(module, fromlist=[name]), name)
