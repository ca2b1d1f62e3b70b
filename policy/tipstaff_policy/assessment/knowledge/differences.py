"""What is otherwise in a later version of a client, in words, by all that is known of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.knowledge import (
    ClientKnowledge,
    Learned,
    Version,
    as_number,
    as_text,
    whole_rows,
)
from tipstaff_policy.clients.learned import of_client


class _Known:
    """All that is known of one client: by this release, and by an installed document."""

    def __init__(self, part: ClientKnowledge, learned: Learned | None) -> None:
        own = part.read_own()
        rows = whole_rows(own["rows"])
        self.proven = [*map(as_number, own["proven"]), *(learned.proven if learned else ())]
        self.spans: list[tuple[Version, list[Mapping[str, Any]]]] = [
            (as_number(span["since"]), [rows[name] for name in span["rows"]])
            for span in own["spans"]
        ]
        newer = learned.spans if learned else ()
        self.spans += [(since, [row for _, row in named]) for since, named in newer]
        self.data = {
            name: {
                **{as_number(version): content for version, content in own[name].items()},
                **(learned.data(name) if learned else {}),
            }
            for name in part.measured
        }

    def rows_of(self, number: Version) -> list[Mapping[str, Any]]:
        """Return the rows that a version may have, the likeliest first."""
        found = [rows for since, rows in self.spans if since <= number]
        return found[-1] if found else []

    def find_measured_near(self, name: str, number: Version) -> Version | None:
        """Return the measured version by which a version is taken: itself, or the one before."""
        older = [version for version in self.data[name] if version <= number]
        return max(older) if older else None


def describe_release(adapter: Adapter, old: str, new: str) -> tuple[str, ...]:
    """Return what a version does otherwise than another, a line each; the behaviour first."""
    part = adapter.knowledge()
    before, after = adapter.versions.order(old), adapter.versions.order(new)
    if not part.measured or before is None or after is None:
        return ()
    known = _Known(part, of_client(adapter.name))
    return (
        *_describe_unproven(known, before, after),
        *_behaviours(part, known, before, after),
        *_compare_measured(part, known, before, after),
    )


def _describe_unproven(known: _Known, before: Version, after: Version) -> Iterator[str]:
    for number in (before, after):
        if number not in known.proven:
            yield f"{as_text(number)} is not proven: it is taken to be as the version before it"


def _behaviours(
    part: ClientKnowledge, known: _Known, before: Version, after: Version
) -> Iterator[str]:
    old, new = known.rows_of(before)[:1], known.rows_of(after)[:1]
    if not old or not new:
        return
    for field, words in part.words.items():
        was, will = old[0][field], new[0][field]
        if was == will:
            continue
        if isinstance(will, bool):
            yield f"{as_text(after)} {words}" if will else f"{as_text(after)} no longer {words}"
        else:
            yield f"{words}: {_show(was)} -> {_show(will)}"


def _compare_measured(
    part: ClientKnowledge, known: _Known, before: Version, after: Version
) -> Iterator[str]:
    for name, measured in part.measured.items():
        versions = [known.find_measured_near(name, number) for number in (before, after)]
        old, new = versions
        if old is not None and new is not None and old != new:
            yield from measured.describe_changes(known.data[name][old], known.data[name][new])


def _show(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value) or "none"
