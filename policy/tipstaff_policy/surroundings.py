"""What lies around a client and is evidence for checks, though its decision does not read it.

Gathered at the edge by the client's adapter, for an audit only; free of secrets, ready for JSON.
A part is None where nobody looked: in an image, on another platform, or because the check that
reads it was not selected.
"""

from typing import Literal, NamedTuple

from tipstaff_policy.values import HeldCredential, Origin, UnreadableCredential

About = Literal["login method", "workspace", "store"]


class LooseFile(NamedTuple):
    """A file of the administrators that somebody else could change."""

    path: str
    who: tuple[str, ...]
    """Each place on the way to it that others can write, in words."""


class StatedRule(NamedTuple):
    """A sign-in setting as one layer states it, whether it wins or not."""

    about: About
    key: str
    allows: tuple[str, ...] | None
    """None where it restricts nothing, so that it only clears what weaker layers say."""
    origin: Origin
    held_by: Literal["administrators", "user", "start"]
    """``start`` for what a folder, a profile or a flag brings along."""
    beatable: bool
    """Whether some layer of the user's is stronger, or it is one itself."""
    heeded: bool
    """Whether this version of the client reads the key at all."""
    in_force: bool
    """Whether it is heeded and no stronger layer has the key."""


class StoreUse(NamedTuple):
    """The store in force, and whether the client can keep a login there."""

    name: str
    origins: tuple[Origin, ...]
    """The setting that names it; empty where nothing does."""
    falls_back: str = ""
    """Why the plain file is used in its place; empty where it is not."""
    unclear: str = ""
    """Why nobody can tell; empty where it is known."""


class LeftOver(NamedTuple):
    """A credential that the client, started as it is judged here, does not look at."""

    source: str
    path: str
    content: HeldCredential | UnreadableCredential


class LeftOvers(NamedTuple):
    """What was found outside of the store in force."""

    found: tuple[LeftOver, ...]
    unseen: tuple[str, ...]
    """Each place that could not be searched, and why."""


class DeviceValue(NamedTuple):
    """A value that device management has for the client."""

    path: str
    forced: bool


class LogOut(NamedTuple):
    """Whether the client's own log-out works."""

    works: bool | None
    """None where nobody can tell."""
    why: str
    places: tuple[str, ...]
    """Files, with the line where it is known."""


class Surroundings(NamedTuple):
    """One field a kind of evidence."""

    loose_files: tuple[LooseFile, ...] | None = None
    rules: tuple[StatedRule, ...] | None = None
    """Strongest first."""
    store: StoreUse | None = None
    """None also where the rules cannot be read."""
    left_over: LeftOvers | None = None
    device_values: tuple[DeviceValue, ...] | None = None
    """None also where the platform has no device management."""
    log_out: LogOut | None = None
