"""Where the client looks for its files. Linux; facts proven on client 0.169.0."""

import os
import stat
from typing import NamedTuple

from tipstaff_policy.clients.codex.documents import Source
from tipstaff_policy.clients.model import Request
from tipstaff_policy.errors import UsageError
from tipstaff_policy.values import Fault

FOLDER = ".codex"
CREDENTIAL_FILE = "auth.json"
CLOUD_CACHE = "cloud-config-bundle-cache.json"
SYSTEM = "/etc/codex"


class Home(NamedTuple):
    """The client's folder, or why the client refuses to start."""

    path: str
    fault: Fault | None = None


def sources(home: str) -> tuple[Source, ...]:
    """Return the configuration files, weakest first.

    The requirements stand beside the configuration; where both have a key, theirs is used.
    """
    return (
        Source("system", 0, f"{SYSTEM}/config.toml", administrators=True, grammar="config"),
        Source("user", 1, f"{home}/config.toml", administrators=False, grammar="config"),
        Source("flags", 4, "-c", administrators=False, grammar="config"),
        Source(
            "managed", 5, f"{SYSTEM}/managed_config.toml", administrators=True, grammar="config"
        ),
        Source(
            "requirements",
            7,
            f"{SYSTEM}/requirements.toml",
            administrators=True,
            grammar="requirements",
        ),
    )


def find_home(request: Request) -> Home:
    """Return the client's folder by the client's own rules.

    A folder that is named must exist and is made canonical; the one below the user's home need
    not exist.

    Raises:
        UsageError: A system root holds several homes and none was chosen.
    """
    named = request.client_home
    if named is None and request.system_root:
        return Home(_home_in_image(request.system_root))
    if named is None:
        named = request.env.get("CODEX_HOME") or None
    if named is None:
        return Home(f"{_user_home(request)}/{FOLDER}")
    path = os.path.join(request.cwd, named)
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            return _refused(path, "is not a directory")
        return Home(os.path.realpath(path))
    except OSError as error:
        return _refused(path, error.strerror or "cannot be used")


def _user_home(request: Request) -> str:
    if request.env.get("HOME"):
        return request.env["HOME"]
    import pwd  # noqa: PLC0415 - rarely needed

    return pwd.getpwuid(os.getuid()).pw_dir


def _home_in_image(root: str) -> str:
    try:
        users = sorted(os.listdir(f"{root}/home"))
    except OSError:
        users = []
    places = [f"{root}/root/{FOLDER}", *(f"{root}/home/{user}/{FOLDER}" for user in users)]
    found = [place for place in places if os.path.isdir(place)]
    if len(found) > 1:
        raise UsageError(
            f"{root} holds several homes of the client",
            expected="one of " + ", ".join(found),
            remedy="choose one by --codex-home",
        )
    return found[0] if found else places[0]


def _refused(path: str, why: str) -> Home:
    fault = Fault(
        f"the client's folder: {why}",
        path,
        "refuse",
        "a directory that exists",
        "correct or unset CODEX_HOME; the client does not start with it",
    )
    return Home(path, fault)
