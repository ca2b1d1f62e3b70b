"""What a symptom is, and those of the machine: its disk, its clock, its libraries."""

from datetime import UTC, datetime
from typing import Literal

from tipstaff_policy.action_log.chain import Verified
from tipstaff_policy.errors import LOGGED_OUT_EXIT
from tipstaff_policy.model.host_facts import Obstacle, Removal
from tipstaff_policy.model.state import IMAGE_HIDES
from tipstaff_policy.record import Record

Mark = Literal["good", "bad", "cannot tell"]
ON_HOST = "run it on the host itself, in the session of the user whose client it is"
ON_TEST_ACCOUNT = "try `tipstaff enforce` on a test account"
NOT_ON_WINDOWS = "a log-out is rehearsed on Linux and macOS only"
LEEWAY_S = 300
"""How far two machines' clocks may be apart without either being wrong."""


class Diagnosis(Record):
    """One thing that was looked at."""

    name: str
    mark: Mark
    observed: str
    remedy: str = ""
    """Empty where it is good."""


class Rehearsal(Record):
    """A log-out from a made-up login, in a folder of its own."""

    place: str
    exit_code: int | None
    """None where it could not be tried."""
    detail: str = ""
    same_file_system: bool = True
    """Whether the client's own folder is on the same one."""


class Moment(Record):
    """A time in the past, unless the clock is wrong or it was planned ahead."""

    what: str
    at: int
    """Seconds since 1970."""
    planned: bool = False
    """Whether it may have been written for the future."""


class Library(Record):
    """What only the full program has."""

    name: str
    needed_for: str
    fault: str
    """Why it cannot be used; empty where it can."""


class ActionLog(Record):
    """What reading the action log gave."""

    verified: Verified | None
    """None where it could not be read."""
    why: str = ""
    image: bool = False
    """Whether it is not read because an image is looked at."""


def of_rehearsal(rehearsal: Rehearsal) -> Diagnosis:
    """Diagnose whether a log-out works on this host's disk; only a verified one is good."""
    name, detail = "log-out rehearsed", rehearsal.detail
    if rehearsal.exit_code is None:
        remedy = ON_TEST_ACCOUNT if detail == NOT_ON_WINDOWS else ON_HOST
        return Diagnosis(name, "cannot tell", f"not tried in {rehearsal.place}: {detail}", remedy)
    if rehearsal.exit_code != LOGGED_OUT_EXIT:
        observed = f"exit {rehearsal.exit_code} in {rehearsal.place}: {detail}"
        return Diagnosis(name, "bad", observed, "find out what prevents the removal of files there")
    if not rehearsal.same_file_system:
        observed = f"works in {rehearsal.place}, but the client's folder is on another disk"
        return Diagnosis(name, "cannot tell", observed, ON_TEST_ACCOUNT)
    observed = f"a made-up login in {rehearsal.place} was removed, and verified"
    return Diagnosis(name, "good", observed)


def of_removal(removal: Removal | None) -> tuple[Diagnosis, ...]:
    """Diagnose what would prevent the removal of the present credential."""
    name = "log-out here"
    if removal is None:
        remedy = "fix the client's files that are named here"
        return (Diagnosis(name, "cannot tell", "which store is in force is unknown", remedy),)
    in_the_way = "remove the obstacle (`lsattr`, `ls -li` show it)"
    groups: tuple[tuple[Mark, str, tuple[Obstacle, ...]], ...] = (
        ("bad", in_the_way, removal.obstacles),
        ("cannot tell", "make that store readable for its user", removal.unseen),
    )
    found = [
        Diagnosis(
            name,
            "cannot tell" if IMAGE_HIDES in obstacle.why else mark,
            f"{obstacle.path or obstacle.source}: {obstacle.why}",
            settle(obstacle.why, remedy),
        )
        for mark, remedy, group in groups
        for obstacle in group
    ]
    stores = ", ".join(removal.tried)
    nothing = f"nothing prevents the removal from {stores}" if stores else "nothing is stored"
    return tuple(found) or (Diagnosis(name, "good", nothing),)


def settle(why: str, remedy: str) -> str:
    """Return what settles a doubt: of what an image hides, only a look at the host itself does."""
    return ON_HOST if IMAGE_HIDES in why else remedy


def of_clock(now: int, against: tuple[Moment, ...]) -> Diagnosis:
    """Diagnose whether the clock is behind a known past moment; more needs a network."""
    ahead = [other_moment for other_moment in against if now + LEEWAY_S < other_moment.at]
    remedy = "set the clock; waivers, validity and the age of logins depend on it"
    for later in sorted(ahead, key=lambda moment: moment.planned):
        observed = f"{date_of(now)} is before {later.what} ({date_of(later.at)})"
        if later.planned:
            return Diagnosis("clock", "cannot tell", f"{observed}, if not planned ahead", remedy)
        return Diagnosis("clock", "bad", observed, remedy)
    newest = max(against, key=lambda moment: moment.at)
    observed = f"{date_of(now)}; not before {newest.what} ({date_of(newest.at)})"
    return Diagnosis("clock", "good", observed)


def of_library(library: Library) -> Diagnosis:
    """Diagnose whether a library that some policies need is available."""
    name = f"library {library.name}"
    if library.fault:
        observed = f"{library.fault}; needed for {library.needed_for}"
        return Diagnosis(name, "bad", observed, "install Tipstaff with its dependencies")
    return Diagnosis(name, "good", f"available for {library.needed_for}")


def of_action_log(log: ActionLog) -> Diagnosis:
    """Diagnose whether the action log is whole; only a report shows what is missing at its end."""
    name = "action log"
    if log.verified is None:
        remedy = ON_HOST if log.image else "see who owns the folder of the log"
        return Diagnosis(name, "cannot tell", log.why, remedy)
    found, breaks = log.verified, log.verified.breaks
    if breaks:
        more = f", and {len(breaks) - 1} more" if len(breaks) > 1 else ""
        remedy = "compare it with the system's log (`journalctl -t tipstaff`) and earlier reports"
        return Diagnosis(name, "bad", f"{breaks[0]}{more}", remedy)
    if found.open_end:
        observed = f"record {found.standing.length + 1} was never finished"
        return Diagnosis(name, "cannot tell", observed, "see the system log for its content")
    if not found.standing.length:
        return Diagnosis(name, "good", "empty: no action was recorded on this host")
    kept = f"whole, records {found.first} to {found.standing.length}"
    torn = f"; {found.torn} unfinished before one of them" if found.torn else ""
    return Diagnosis(name, "good", kept + torn)


def date_of(seconds: int) -> str:
    """Return a time as a person reads it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"  # a year beyond the calendar
