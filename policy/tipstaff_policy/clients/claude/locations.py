"""Where the client looks for its files.

Source: docs/clients/claude.md, "Layers" and "Stores" (client 2.1.332 on Linux).
"""

import os

from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.model.request import Request
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import find_folder_in_image, is_inside, show_path, within

FOLDER = ".claude"
OUTSIDE_OF_FOLDER = (".claude.json", ".config/anthropic")
"""What holds a login in a home and is no part of the folder."""
PROGRAM = "claude"
CA_VARIABLE = "NODE_EXTRA_CA_CERTS"
"""Names a file of further certificate authorities."""
HOME_VARIABLE = "CLAUDE_CONFIG_DIR"
MANAGED_FILE = "managed-settings.json"
DROP_IN_FOLDER = "managed-settings.d"
SERVER_CACHE = "remote-settings.json"
SETTINGS = "settings.json"
LOCAL_SETTINGS = "settings.local.json"
USERS_HOME = "the user's home"
IMAGE = "the image"


class Home(Record):
    """The client's folder; it need not exist."""

    path: str
    """On this machine, even for a file in an image."""
    named_by: str


def find_home(request: Request) -> Home:
    """Return the client's folder by the client's own rules.

    Raises:
        EvaluationError: Nothing names a home.
        UsageError: A system root holds several homes and none was chosen.
    """
    if request.client_home is not None:
        named = os.path.join(request.started_in, request.client_home)
        return Home(os.path.abspath(named), "--client-home")
    if request.system_root:
        table = TABLES[request.platform]
        place = find_folder_in_image(
            request.system_root,
            table.users,
            table.further_homes,
            (FOLDER, *OUTSIDE_OF_FOLDER),
            "--client-home",
        )
        return Home(place, IMAGE)
    if by_variable := request.env.get(HOME_VARIABLE):
        path = os.path.normpath(os.path.join(request.started_in, by_variable))
        return Home(path, HOME_VARIABLE)
    return Home(f"{user_home(request)}/{FOLDER}", USERS_HOME)


def user_home(request: Request) -> str:
    """Return the home of the user who asks.

    Raises:
        EvaluationError: Neither ``HOME`` nor the user database names one.
    """
    if request.env.get("HOME"):
        return os.path.join(request.started_in, request.env["HOME"])
    from tipstaff_policy.system.host_identity import (  # noqa: PLC0415 - where HOME is not set
        home_by_account,
    )

    return home_by_account(f"set HOME or {HOME_VARIABLE}")


def on_this_machine(path: str, request: Request) -> str:
    """Return the real place of a path of the system, also where an image stands for it.

    Raises:
        OSError: Links go round in circles.
    """
    root = request.system_root
    if root is None:
        return path
    return within(root.rstrip("/"), path, ignore_case=TABLES[request.platform].ignores_case)


def in_home(path: str, request: Request) -> str:
    """Return the real place of a file of a home, whose links lead inside its image.

    Raises:
        OSError: Links go round in circles.
    """
    root = request.system_root
    if root is None or not is_inside(path, root):
        return path
    return on_this_machine(show_path(path, root), request)
