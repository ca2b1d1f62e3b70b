"""What an installation asks of the platform of its host; one value a platform, and no more."""

from collections.abc import Callable

from tipstaff_policy.clients.shim import SIZE_LIMIT, Shim
from tipstaff_policy.installation.model import File, Manager, Step, UnitState
from tipstaff_policy.model.state import Platform
from tipstaff_policy.record import Record

Managers = tuple[Manager, ...]


class Places(Record):
    """Where things go; absolute, with slashes and without a drive, as an image shows them."""

    state: str
    """The folder of the list of what was written; one installation at a time locks it."""
    aside: str
    """Every client behind a shim is here under its whole path: no PATH leads here, and its name
    stays what the guard knows."""
    folders: tuple[str, ...]
    """Folders of programs for all users, where a client's name is looked up."""
    services: tuple[str, ...]
    """The folders that hold the service files, which a manager loads."""
    kept: tuple[str, ...]
    """Folders that stay, though they be empty."""
    logs: str
    """The folder of the report log."""
    made: tuple[str, ...] = ()
    """Folders that services write to and that no manager makes, for administrators alone."""

    owned: tuple[str, ...] = ()
    """Folders that have to be the administrators' alone before anything is written to them."""
    personal: tuple[tuple[str, str], ...] = ()
    """Where a person's own client may be that no file of the administrators can stand in front of:
    a pattern with ``{home}`` and ``{name}``, and what such a client is."""

    @property
    def manifest(self) -> str:
        """Return the place of the list of what was written."""
        return f"{self.state}/install.json"

    def aside_of(self, path: str) -> str:
        """Return the place aside of an entry."""
        return f"{self.aside}{path}"


class ServiceWords(Record):
    """How the platform calls what runs by itself."""

    file: str
    """One service file, as in ``the unit``."""
    enables: str
    """What a link among the service files does; empty where none is a link."""
    manager: str
    """What runs the services."""
    change: str
    """How an administrator changes a service without editing its file."""
    where_to_check: str
    """What to do where no manager can be asked."""
    silent: str
    """What is said of a manager that does not answer."""
    more: str
    """What shows more about a service that does not run as it should."""


class Services(Record):
    """What runs by itself: its files, and the manager of the host that runs them."""

    words: ServiceWords
    files: Callable[[str], tuple[File, ...]]
    """From the path of Python on the host to every file, enabling links included."""
    present: Callable[[str | None], bool]
    """Whether the host of a tree, or this one, has a manager that could run them."""
    read_managers: Callable[[], Managers]
    """Returns the managers that run on this host and that the caller may ask; none in doubt."""
    plan_restart: Callable[[Managers], tuple[Step, ...]]
    """After the files were written: every manager reads and starts them."""
    plan_stop: Callable[[Managers], tuple[Step, ...]]
    """Before the files are taken away: every manager ends what was started."""
    plan_reload: Callable[[Managers], tuple[Step, ...]]
    """After the files were taken away: every manager forgets them."""
    run: Callable[[tuple[str, ...]], str]
    """Does the words of a step; returns why it failed, or nothing."""
    read_states: Callable[[], tuple[UnitState, ...] | None]
    """Returns what the managers say of every service; None where none can be asked."""


class Fronting(Record):
    """How a client is started by its name, and what stands there in its place."""

    entry_names: Callable[[str], tuple[str, ...]]
    """From a client's program to the names under which it may stand in a folder."""
    render_shim: Callable[[Shim, bytes], bytes]
    """From what it starts, and the launcher that a shim which is a program is made of. Raises
    UsageError for a path that it could not start."""
    parse_shim: Callable[[bytes], Shim | None]
    is_marked: Callable[[bytes], bool]
    """Whether content that is no shim was one before it was edited."""
    is_program: Callable[[str, int], bool]
    """From the name and mode of a regular file to whether it can be started."""
    size_limit: int = SIZE_LIMIT
    """Bytes of the largest shim."""
    launcher: str = ""
    """The place of the launcher; nothing where a shim is always a text."""
    needs_launcher: Callable[[str], bool] = lambda _path: False
    """Whether the shim at an entry is a program."""


class Rights(Record):
    """Who is an administrator here."""

    needed: str
    """Whose rights change a program of all users, as in ``only root can ...``."""
    are_held: Callable[[], bool]
    """Whether this process has them."""
    prefix: str
    """What a command starts with that needs them, such as ``sudo ``."""


class HostPlatform(Record):
    """One platform, as an installation sees it.

    What ``administrators alone`` means for a path is `system.owners.loose_places` by ``name``.
    """

    name: Platform
    places: Places
    services: Services
    fronting: Fronting
    rights: Rights
    apart: str
    """How Tipstaff is installed where only administrators can change it, as a command."""
    apart_program: str
    """The program that is then there."""
