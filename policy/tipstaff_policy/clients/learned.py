"""What installed knowledge adds to this release's own, for clients that are newer (ADR 0071).

Loaded for a version that is newer than all that this release proves, for a command line that no
table of this release knows, and by an audit; a start of the guard does not load it otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from tipstaff_policy import load_part
from tipstaff_policy.clients.interface.knowledge import Learned, Version
from tipstaff_policy.model.request import this_platform
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import place_of_knowledge
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import within

READER = "tipstaff_policy.assessment.knowledge.installed:read_installed"
"""What reads the file and verifies it by the policy; named, because it is a floor above."""


class Found(Record):
    """What there is on a host."""

    path: str
    counter: int | None = None
    """Of the document; None where it cannot be used."""
    clients: Mapping[str, Learned] = {}
    unusable: str | None = None
    """Why the document does not count; None where it does."""


class _Host(Record):
    root: str | None
    platform: Platform
    now: int


_host: _Host | None = None
_found: Found | None = None


def learn(root: str | None, platform: Platform, now: int) -> Found | None:
    """Return what is installed on a host, and go by it from now on; None where nothing is.

    Args:
        now: The moment of the run; within one run the file is read once.
    """
    global _host, _found
    host = _Host(root, platform, now)
    if host != _host:
        _host, _found = host, _read(root, platform)
    return _found


def _read(root: str | None, platform: Platform) -> Found | None:
    """Return what is installed on a host; without a file nothing is loaded to read it."""
    path = place_of_knowledge(platform)
    try:
        there = os.path.lexists(within(root, path)) or os.path.islink(f"{root or ''}{path}")
    except OSError:
        there = True  # what cannot be looked at is for the reader to name
    found: Found | None = load_part(READER)(root, platform) if there else None
    return found


def learn_here() -> None:
    """Go by what is installed on this machine, for what was collected elsewhere."""
    learn(None, this_platform(), 0)


def of_client(client: str) -> Learned | None:
    """Return what the host that was asked about last knows of a client beyond this release."""
    return _found.clients.get(client) if _found else None


def newest_learned(client: str) -> tuple[Version, ...]:
    """Return the versions that are proven beyond this release, the oldest first."""
    learned = of_client(client)
    return learned.proven if learned else ()


def tables_here(client: str) -> tuple[Any, ...]:
    """Return the command lines of versions that are newer than this release, the newest first.

    By the host that was asked about last, else by this machine: a command line is read before
    anything else of a start.
    """
    if _host is None:
        learn_here()
    learned = of_client(client)
    tables = learned.data("command_lines") if learned else {}
    return tuple(tables[version] for version in sorted(tables, reverse=True))
