"""Where the client keeps its files."""

import os
from glob import glob

from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Fault
from tipstaff_policy.record import Record

FOLDER, PROGRAM = ".scribe", "scribe"
HOME_VARIABLE = "SCRIBE_HOME"
FILE = "scribe-settings.json"
MANAGED = {
    "linux": f"/etc/scribe/{FILE}",
    "macos": f"/Library/Application Support/Scribe/{FILE}",
    "windows": rf"%ProgramData%\Scribe\{FILE}",
}
ON_DISK = {**MANAGED, "windows": f"/ProgramData/Scribe/{FILE}"}
DROP_INS = "scribe-settings.d"
STATE, VAULT, SETTINGS = "state.json", "vault.json", "settings.json"
BACKUPS = "backups"
"""A folder of copies of the state document; the name of each carries the moment."""
LOCK, LOCK_STALE_S = ".state.lock", 15.0
HOMES = ("home/*", "root", "Users/*")


class Home(Record):
    """The client's folder, and what named it."""

    path: str
    named_by: str
    fault: Fault | None = None


def find_home(request: Request) -> Home:
    """Return the client's folder; one that is named must be there."""
    if request.client_home is not None:
        return _named(request.client_home, "--client-home")
    if request.system_root:
        return Home(_home_in_image(request.system_root), "the image")
    if named := request.env.get(HOME_VARIABLE):
        return _named(os.path.join(request.started_in, named), HOME_VARIABLE)
    return Home(f"{request.env.get('HOME') or os.path.expanduser('~')}/{FOLDER}", "the user's home")


def _named(path: str, by: str) -> Home:
    if os.path.isdir(path):
        return Home(os.path.realpath(path), by)
    fault = Fault("is no folder", path, "refuse", "the client's folder", f"correct {by}")
    return Home(path, by, fault)


def _home_in_image(root: str) -> str:
    homes = sorted(home for pattern in HOMES for home in glob(f"{root}/{pattern}"))
    used = [home for home in homes if os.path.isdir(f"{home}/{FOLDER}")]
    if len(used) > 1:
        raise UsageError(
            f"{root} holds {len(used)} homes with {FOLDER}",
            expected="one",
            remedy="name one by --client-home",
        )
    return f"{(used or homes or [f'{root}/root'])[0]}/{FOLDER}"


def on_disk(path: str, request: Request) -> str:
    """Return where a path of the system is on this machine."""
    return f"{(request.system_root or '').rstrip('/')}{path}"
