"""The client's log of its log-ins: who can read it, and which kinds of secrets are in it."""

import os
import re
import stat

from tipstaff_policy.clients.codex.config.layer_content import SIZE_LIMIT as CONFIGURATION_LIMIT
from tipstaff_policy.clients.codex.locations import on_this_machine
from tipstaff_policy.model.host_facts import LoginLog
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, ReadLayer
from tipstaff_policy.parsing.toml_text import TomlError, parse_toml
from tipstaff_policy.system.files import READING, file_type, read_bounded, show_path

NAME = "codex-login.log"
FOLDER_KEY = "log_dir"
SEARCH_LIMIT = 16 << 20
# Compiled where there is a log: most hosts have none.
PATTERNS = {
    "an API key": rb"\bsk-[A-Za-z0-9_-]{8,}",
    "an access token": rb"\bat-[A-Za-z0-9_-]{8,}",
    "a web token": rb"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
    "a refresh token": (
        rb"\brt[_.-][A-Za-z0-9_.-]{8,}|refresh_token[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9_.-]{8,}"
    ),
}


def read_login_log(request: Request, state: HostState) -> LoginLog | None:
    """Return the facts about the log; None if there is none."""
    path = f"{log_folder(request, state)}/{NAME}"
    try:
        place = on_this_machine(path, request, state.home)
        facts = os.stat(place)
        owner = os.stat(state.home).st_uid
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return LoginLog(path, "0000", 0, 0, unread=f"cannot be looked at: {error.strerror}")
    log = LoginLog(path, f"{stat.S_IMODE(facts.st_mode):04o}", facts.st_uid, owner)
    if not stat.S_ISREG(facts.st_mode):
        return log._replace(unread=f"is a {file_type(facts.st_mode)}, and was not read")
    try:
        content = _end_of(place)
    except OSError as error:
        return log._replace(unread=f"cannot be read: {error.strerror}")
    kinds = tuple(sorted(kind for kind, pattern in PATTERNS.items() if re.search(pattern, content)))
    skipped = facts.st_size > SEARCH_LIMIT
    limit = f"only its last {SEARCH_LIMIT >> 20} MiB were searched"
    return log._replace(secrets=kinds, unread=limit if skipped else None)


def _end_of(place: str) -> bytes:
    """Return the end of a file, which may grow while it is read and may have been replaced."""
    descriptor = os.open(place, READING)
    with open(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        file.seek(max(size - SEARCH_LIMIT, 0))
        return file.read(SEARCH_LIMIT)


def log_folder(request: Request, state: HostState) -> str:
    """Return the log's folder; a relative one counts from the file that names it."""
    folder = f"{show_path(state.home, request.system_root)}/log"
    for layer in state.layers:
        if layer.grammar != "config" or not isinstance(layer.content, ReadLayer):
            continue
        try:
            place = on_this_machine(layer.path, request, state.home)
            document = parse_toml(
                read_bounded(place, CONFIGURATION_LIMIT), request.options.newer_toml
            )
        except OSError:
            continue  # flags, and what no file holds
        named = None if isinstance(document, TomlError) else document.get(FOLDER_KEY)
        if isinstance(named, str):
            folder = os.path.normpath(os.path.join(os.path.dirname(layer.path), named))
    return folder
