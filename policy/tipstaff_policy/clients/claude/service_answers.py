"""Answers of the service that are kept for a while, each bound to the credential it is about.

A file of the user's own, with a digest that only the credential itself makes: without the token
nothing in it says whose it is, and no answer about one token serves for another. A run that no user
asks for (a root run, `watch`) does not read it.

Source: tests/clients/claude/test_service.py.
"""

import hmac
import json
import os
import stat
import sys
from contextlib import suppress
from typing import Any

from tipstaff_policy.model.request import Request
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.system.folder_files import read_plain, write_all
from tipstaff_policy.system.state_folder import state_folder

NAME = "claude-organisations.json"
KEPT_FOR_S = 900
"""How long an answer counts. A login that its owner moves elsewhere gets another token."""
MOST = 8
SIZE_LIMIT = 1 << 16
NAMED_FOR, SIGNED_FOR = b"tipstaff claude token", b"tipstaff claude organisation"


def find_kept(token: Secret[str], request: Request, home: str) -> str | None:
    """Return the organisation that the service named for a token; None where none is kept."""
    if request.options.unasked or request.system_root is not None:
        return None
    for entry in _read_entries(request, home):
        if not hmac.compare_digest(entry["token"], _digest(token, NAMED_FOR)):
            continue
        age = request.now - entry["at"]
        signed = _signature(token, entry["organisation"], entry["at"])
        if 0 <= age < KEPT_FOR_S and hmac.compare_digest(entry["signature"], signed):
            return str(entry["organisation"])
    return None


def keep(token: Secret[str], organisation: str, request: Request, home: str) -> None:
    """Keep an answer, in a file that only its user can read; where that fails, nothing is kept.

    Nor on Windows, where the mode of a file says nothing of who can read it.
    """
    if sys.platform == "win32" or request.options.unasked or request.system_root is not None:
        return
    named = _digest(token, NAMED_FOR)
    entry = {
        "token": named,
        "organisation": organisation,
        "at": request.now,
        "signature": _signature(token, organisation, request.now),
    }
    others = [record for record in _read_entries(request, home) if record["token"] != named]
    fresh = [record for record in others if 0 <= request.now - record["at"] < KEPT_FOR_S]
    data = json.dumps({"schema": 1, "answers": [entry, *fresh[: MOST - 1]]}).encode()
    folder = state_folder(request.env, home)
    with suppress(OSError):
        os.makedirs(folder, 0o700, exist_ok=True)
        _write(folder, data)


def _write(folder: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    temporary = f"{folder}/.{NAME}.{os.getpid()}"
    with suppress(FileNotFoundError):  # of a process of that number that was killed
        os.unlink(temporary)
    file = os.open(temporary, flags, 0o600)
    try:
        write_all(file, data)
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(file)
    os.rename(temporary, f"{folder}/{NAME}")


def _read_entries(request: Request, home: str) -> list[dict[str, Any]]:
    """Return what is kept, newest first; nothing of a file that others could write or read."""
    if sys.platform == "win32":
        return []
    try:
        folder = os.open(state_folder(request.env, home), os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return []
    try:
        facts = os.stat(NAME, dir_fd=folder, follow_symlinks=False)
        own = facts.st_uid == os.geteuid() and not stat.S_IMODE(facts.st_mode) & 0o077
        if not own or facts.st_size > SIZE_LIMIT:
            return []
        document = json.loads(read_plain(NAME, folder))
    except (OSError, ValueError, RecursionError):
        return []
    finally:
        os.close(folder)
    found = document.get("answers") if isinstance(document, dict) else None
    return [answer for answer in found if _is_entry(answer)] if isinstance(found, list) else []


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("at"), int):
        return False
    texts = [entry.get(name) for name in ("token", "organisation", "signature")]
    return all(isinstance(text, str) and text.isascii() for text in texts)


def _digest(token: Secret[str], purpose: bytes) -> str:
    key = token.reveal().encode("utf-8", "surrogateescape")
    return hmac.new(key, purpose, "sha256").hexdigest()


def _signature(token: Secret[str], organisation: str, at: int) -> str:
    said = b"%s\0%s\0%d" % (SIGNED_FOR, organisation.encode("utf-8", "surrogatepass"), at)
    return _digest(token, said)
