"""Where the client looks for its files.

Source: tests/conformance/cases_layers.py (client 0.169.0 on Linux).
"""

import os
import stat
from collections.abc import Mapping

from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, Fault, Grammar
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import find_folder_in_image, is_inside, show_path, within


class Source(Record):
    """A configuration file of the client, before it is read."""

    name: str
    path: str
    """As reports show it; in an image, without what stands for ``/``."""
    administrators: bool
    grammar: Grammar


FOLDER = ".codex"
PROGRAM = "codex"
PROFILE_FLAG = "--profile"
CREDENTIAL_FILE = "auth.json"
CLOUD_CACHE = "cloud-config-bundle-cache.json"
ENCRYPTED_FILE = "secrets/codex_auth.age"
DOTENV = ".env"
USERS_HOME = "the user's home"
IMAGE = "the image"


class Home(Record):
    """The client's folder, or why the client refuses to start."""

    path: str
    """On this machine, even for a file in an image."""
    named_by: str
    fault: Fault | None = None


class Settled(Record):
    """What the client works with, once it has read the ``.env`` file of its folder."""

    request: Request
    """With the environment that the client ends up with."""
    home: Home
    variables: Mapping[str, str]
    """Those of its variables that are known to be the person's own."""
    further: tuple[str, ...] = ()
    """Further folders: what names the one that is used, and what its own processes may use."""
    faults: tuple[Fault, ...] = ()
    unread: Credential | None = None
    """Instead of the content of a folder that is unknown; None if all folders are known."""


class Sources(Record):
    """The configuration files of a host; project files stand between the two groups."""

    below_projects: tuple[Source, ...]
    above_projects: tuple[Source, ...]
    requirements: tuple[Source, ...]

    def of_administrators(self) -> "Sources":
        """Return those that only the administrators can write."""
        return Sources(*(tuple(file for file in group if file.administrators) for group in self))


def sources(request: Request, home: str, *, profile_files: bool) -> Sources:
    """Return the configuration files, each group weakest first.

    The requirements are next to the configuration; if both have a key, theirs is used.

    Args:
        profile_files: Whether a profile is a file; else `--profile` chooses a table by its name.
    """
    table = TABLES[request.platform]
    folder = show_path(home, request.system_root)
    managed = f"{folder if table.managed_in_home else table.system}/managed_config.toml"
    below = [_administrators("system", f"{table.system}/config.toml")]
    if not request.ignore_user_config:
        below.append(_personal("user", f"{folder}/config.toml"))
        if request.profile is not None and profile_files:
            below.append(_personal("profile", f"{folder}/{request.profile}.config.toml"))
    flags = [_personal("flags", "-c")]
    if request.profile is not None and not profile_files:
        flags.append(_personal("profile", PROFILE_FLAG))
    return Sources(
        tuple(below),
        (
            *flags,
            _administrators("managed", managed)._replace(administrators=not table.managed_in_home),
        ),
        (
            _administrators("requirements", f"{table.system}/requirements.toml")._replace(
                grammar="requirements"
            ),
        ),
    )


def _administrators(name: str, path: str) -> Source:
    return Source(name, path, administrators=True, grammar="config")


def _personal(name: str, path: str) -> Source:
    return Source(name, path, administrators=False, grammar="config")


def on_this_machine(path: str, request: Request, home: str) -> str:
    """Return the real place of a path of the image; a home outside of the image stays.

    Raises:
        OSError: Links go round in circles.
    """
    root = request.system_root
    outside = root is not None and not is_inside(home, root) and path.startswith(home + "/")
    if outside:
        return path
    return within(root, path, ignore_case=TABLES[request.platform].ignores_case)


def text_of(env: Mapping[str, str], name: str) -> str | None:
    """Return a variable as the client reads most of them: what is no UTF-8 counts as not set.

    Source: tests/conformance/test_folders.py (client 0.169.0 and 0.171.0).
    """
    value = env.get(name)
    if value is None or value.isascii():
        return value
    try:
        os.fsencode(value).decode()
    except UnicodeDecodeError:
        return None
    return value


def dotenv_place(request: Request, home: str) -> str:
    """Return the path of a folder's ``.env`` file on this machine.

    Raises:
        OSError: Links go round in circles.
    """
    path = f"{home}/{DOTENV}"
    return on_this_machine(show_path(path, request.system_root), request, home)


def find_home(request: Request) -> Home:
    """Return the client's folder by the client's own rules, before it reads its ``.env`` file.

    A folder that is named must exist and is made canonical; the one below the user's home need
    not exist.

    Raises:
        EvaluationError: Nothing names a home.
        UsageError: A system root holds several homes and none was chosen.
    """
    named, by = request.client_home, "--codex-home"
    if named is None and request.system_root:
        table = TABLES[request.platform]
        place = find_folder_in_image(
            request.system_root, table.users, table.further_homes, (FOLDER,), "--codex-home"
        )
        return Home(place, IMAGE)
    if named is None:
        named, by = text_of(request.env, "CODEX_HOME") or None, "CODEX_HOME"
    if named is None:
        return Home(f"{user_home(request)}/{FOLDER}", USERS_HOME)
    path = os.path.join(request.started_in, named)
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            return _refuse(path, by, "is not a directory")
        return Home(os.path.realpath(path), by)
    except OSError as error:
        return _refuse(path, by, error.strerror or "cannot be used")


def user_home(request: Request) -> str:
    """Return the home of the user who asks.

    Raises:
        EvaluationError: Neither ``HOME`` nor the user database names one.
    """
    if os.sep == "\\" and not request.options.unasked:
        from tipstaff_policy.system.windows.known_folders import (  # noqa: PLC0415 - there only
            find_known_folder,
        )

        return find_known_folder("Profile")  # the client asks for it too, and for no variable
    if request.env.get("HOME"):
        return os.path.join(request.started_in, request.env["HOME"])
    from tipstaff_policy.system.host_identity import (  # noqa: PLC0415 - rarely needed
        home_by_account,
    )

    return home_by_account("set HOME or CODEX_HOME; the client does not start without")


def _refuse(path: str, named_by: str, why: str) -> Home:
    fault = Fault(
        f"the client's folder: {why}",
        path,
        "refuse",
        "a directory that exists",
        "correct or unset CODEX_HOME; the client does not start with it",
    )
    return Home(path, named_by, fault)
