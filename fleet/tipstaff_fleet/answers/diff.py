"""What became of hosts between two moments, and why; those that became the same are one entry."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, cast

from tipstaff_fleet.answers.moments import Moments, define_moved
from tipstaff_fleet.answers.report import moment, movement_of, severity_of
from tipstaff_fleet.engines.interface import Engine, Row
from tipstaff_fleet.questions import ask, define_relations
from tipstaff_fleet.tables import EXPECTED
from tipstaff_policy import __version__
from tipstaff_schemas.fleet import (
    Cause,
    FaultMoved,
    FleetDiff,
    HostMoved,
    Move,
    Movement,
    Now,
    Reason,
)
from tipstaff_schemas.report import Tool

GROUPS = 20_000
"""Groups of hosts that are looked at, those of the most hosts first."""
CHANGES = 200_000
"""Failures of them that are looked at."""
ORDER: tuple[Move, ...] = ("worse", "better", "gone", "new")
UNSEEN = ("silent", "absent")


class Build(NamedTuple):
    """What made a report."""

    tipstaff: str
    client: str
    policy: str


class _Same(NamedTuple):
    """What is the same of the hosts of an entry."""

    move: Move
    before: Now
    after: Now
    because: tuple[Reason, ...]
    changes: tuple[FaultMoved, ...]


Key = tuple[str, ...]
"""What is the same of hosts by their numbers in a session."""


class _Entry(NamedTuple):
    hosts: int
    names: list[str]


def make_diff(engine: Engine, moments: Moments, *, limit: int, names: int) -> FleetDiff:
    """Return what became of the hosts.

    Args:
        engine: Holds the store.
        moments: The two moments.
        limit: Entries at most.
        names: Of hosts in an entry at most.

    Raises:
        MemoryLimitError: A question needs more memory.
        BadStoreError: The store cannot be read.
    """
    engine.load(EXPECTED, ())
    define_moved(engine, moments)
    numbers = moments.numbers() | {"places": names}
    define_relations(engine, numbers, ("changed_hosts",))
    movement = movement_of(engine, moments)
    moved = _list_moved(engine, numbers, names)
    judged = sum(int(hosts) for _, hosts, _ in ask(engine, "standings", numbers)) + movement.gone
    return FleetDiff(
        tool=Tool(version=__version__),
        since=moment(moments.since_s),
        until=moment(moments.at_s),
        silent_after_s=moments.silent_after_s,
        gone_after_s=moments.gone_after_s,
        movement=movement,
        moved=moved[:limit],
        moved_groups=len(moved),
        exit_code=_exit_code(movement, judged),
    )


def _exit_code(movement: Movement, judged: int) -> Literal[0, 1, 5]:
    if not judged:
        return 5
    return 1 if movement.worse or movement.gone else 0


def _list_moved(engine: Engine, numbers: dict[str, int], most: int) -> list[HostMoved]:
    """Return the entries: hosts that became the same for the same reason, in whatever builds."""
    builds = {int(number): _build(rest) for number, *rest in ask(engine, "build_names", {})}
    changes: dict[tuple[str, str], list[FaultMoved]] = {}
    for before, after, *fault in ask(engine, "group_changes", {"limit": CHANGES}):
        changes.setdefault((str(before), str(after)), []).append(_fault(fault))
    limited = numbers | {"limit": GROUPS}
    found: dict[Key, list[str]] = {}
    for *key, name in ask(engine, "move_names", limited):
        found.setdefault(tuple(map(str, key)), []).append(str(name))
    entries: dict[_Same, _Entry] = {}
    for row in ask(engine, "moves", limited):
        *key, hosts = row
        same = _same(row, builds, changes)
        known = entries.get(same, _Entry(0, []))
        names = sorted([*known.names, *found.get(tuple(map(str, key)), [])])[:most]
        entries[same] = _Entry(known.hosts + int(hosts), names)
    moved = [
        HostMoved(
            move=same.move,
            before=same.before,
            after=same.after,
            because=list(same.because),
            changes=list(same.changes),
            hosts=entry.hosts,
            names=entry.names,
        )
        for same, entry in entries.items()
    ]
    return sorted(moved, key=lambda entry: (ORDER.index(entry.move), -entry.hosts, entry.names))


def _same(
    row: Row, builds: dict[int, Build], changes: dict[tuple[str, str], list[FaultMoved]]
) -> _Same:
    move, before, after, before_group, after_group, *numbers = row
    old_first, old_last, new_first, new_last, digest_moved = map(int, numbers[:5])
    seen = not {before, after} & set(UNSEEN)
    found = changes.get((str(before_group), str(after_group)), []) if seen else []
    causes = (
        _reasons(
            (builds[old_first], builds[old_last]),
            (builds[new_first], builds[new_last]),
            digest_moved=bool(digest_moved),
        )
        if seen
        else _explain_silence(str(before))
    )
    return _Same(cast("Move", move), cast("Now", before), cast("Now", after), causes, tuple(found))


def _explain_silence(before: str) -> tuple[Reason, ...]:
    """Return why a host moved that was not seen before, or is not now."""
    return () if before == "absent" else (Reason(cause="silence", before="", after=""),)


def _reasons(
    old: tuple[Build, ...], new: tuple[Build, ...], *, digest_moved: bool
) -> tuple[Reason, ...]:
    """Return what is another one than before; the host where nothing else is."""
    found = [
        _reason("policy", [run.policy for run in old], [run.policy for run in new]),
        _reason("client", [run.client for run in old], [run.client for run in new]),
        _reason("tipstaff", [run.tipstaff for run in old], [run.tipstaff for run in new]),
    ]
    moved = [reason for reason in found if reason.before != reason.after]
    if digest_moved and not any(reason.cause == "policy" for reason in moved):
        moved.insert(0, found[0])
    return tuple(moved) or (Reason(cause="host", before="", after=""),)


def _reason(cause: Cause, old: list[str], new: list[str]) -> Reason:
    return Reason(cause=cause, before=_versions(old), after=_versions(new))


def _versions(names: list[str]) -> str:
    return ", ".join(sorted(set(names)))


def _build(row: Iterable[int | str]) -> Build:
    tipstaff, client, version, policy, policy_version = map(str, row)
    return Build(tipstaff, f"{client} {version}".strip(), f"{policy} {policy_version}".strip())


def _fault(row: Iterable[int | str]) -> FaultMoved:
    check, subject, rank, began = row
    return FaultMoved(
        change="began" if began else "ended",
        check=str(check),
        subject=str(subject),
        severity=severity_of(int(rank)),
    )
