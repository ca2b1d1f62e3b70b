"""What would keep the client's own log-out from removing a credential.

Source: tests/conformance/cases_stores.py, tests/conformance/cases_credentials.py (client 0.169.0).
"""

import errno
import os
import stat
import struct
import sys
import time

from tipstaff_policy.clients.codex.config.rules_in_force import layers_in_force, rules_of
from tipstaff_policy.clients.codex.decision.active_store import REMOVAL_ORDER
from tipstaff_policy.clients.codex.locations import CREDENTIAL_FILE, ENCRYPTED_FILE
from tipstaff_policy.model.host_facts import Obstacle, Removal
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    Fault,
    HostState,
    NoCredential,
    UnreadableCredential,
)

if sys.platform != "win32":
    import fcntl

GET_FLAGS = 0x80006601 | struct.calcsize("l") << 16
"""FS_IOC_GETFLAGS of <linux/fs.h>, on processors that number their calls as x86 and ARM do."""
IMMUTABLE, APPEND_ONLY = 0x10, 0x20
NO_FLAGS = (errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)
"""What a file system answers that knows none."""
LOCKS = ("auth.lock", "auth.json.lock")
LOCK_GRACE_S = 1.0
"""A client that saves its login holds the locks for a moment."""
FILES = {"file": CREDENTIAL_FILE, "encrypted": ENCRYPTED_FILE}


def removal(request: Request, state: HostState) -> Removal | None:
    """Return how a log-out would fare; None where no store is in force for sure."""
    layers = layers_in_force(state.layers, state.client, state.platform)
    rules = rules_of(layers, state.platform, state.client.version)
    if isinstance(rules, Fault) or state.faults or any(faulty(layers)):
        return None
    secure = "encrypted" if rules.encrypted else "keyring"
    order = REMOVAL_ORDER[secure if rules.store in ("keyring", "auto") else rules.store]
    known = {credential.source: credential for credential in state.credentials}
    there = [known[source] for source in order if source in known and _holds(known[source])]
    # It stops at the first store that it cannot empty, whether that one holds anything or not.
    blocked = [known[source] for source in order if source in known and not known[source].removable]
    found = [
        Obstacle(credential.source, credential.path, _why(credential)) for credential in blocked
    ]
    unseen: list[Obstacle] = []
    for credential in there:
        if credential.source in FILES:
            _look(credential, request, state, found, unseen)
    return Removal(tuple(credential.source for credential in there), tuple(found), tuple(unseen))


def _holds(credential: Credential) -> bool:
    match credential.content:
        case NoCredential():
            return credential.file is not None
        case UnreadableCredential(present=present):
            return present
        case _:
            return True


def _why(credential: Credential) -> str:
    content = credential.content
    return content.reason if isinstance(content, UnreadableCredential) else "cannot be removed"


def _look(
    credential: Credential,
    request: Request,
    state: HostState,
    found: list[Obstacle],
    unseen: list[Obstacle],
) -> None:
    """Add what stands in the way of removing one file."""
    source, path = credential.source, f"{state.home}/{FILES[credential.source]}"
    facts, folder = credential.file, os.path.dirname(path)
    reasons = []
    if facts and facts.type == "link":
        reasons.append(f"is a link; its target {facts.target} would stay")
    elif facts and facts.links > 1:
        reasons.append(f"has {facts.links} names; the content would stay")
    try:
        live = request.system_root is None
        reasons += _find_closed_folder(folder, live=live)
        if live and sys.platform != "win32" and os.statvfs(folder).f_flag & os.ST_RDONLY:
            reasons.append("is on a read-only file system")
        if live and sys.platform == "linux":
            # The folder's own name may be a link, which the client follows.
            reasons += _find_flagged(os.path.realpath(folder))
            reasons += _find_flagged(path) if facts and facts.type == "file" else []
            reasons += _find_locked(state.home)
    except OSError as error:
        why = f"cannot be looked at: {error.strerror}"
        unseen.append(Obstacle(source, str(error.filename or path), why))
    found += [Obstacle(source, credential.path, reason) for reason in reasons]


def _find_closed_folder(folder: str, *, live: bool) -> list[str]:
    facts = os.stat(folder)
    if sys.platform == "win32":
        return []  # the mode there says nothing of who may delete
    by_owner = facts.st_uid == 0 or facts.st_mode & 0o300 == 0o300
    ours = not live or os.geteuid() == 0 or os.access(folder, os.W_OK | os.X_OK)
    mode = stat.S_IMODE(facts.st_mode)
    return [] if by_owner and ours else [f"its folder is not writable (mode {mode:04o})"]


def _find_flagged(path: str) -> list[str]:
    if sys.platform == "win32":
        return []
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        answer = fcntl.ioctl(descriptor, GET_FLAGS, bytes(struct.calcsize("l")))
    except OSError as error:
        if error.errno in NO_FLAGS:
            return []
        raise
    finally:
        os.close(descriptor)
    flags = int.from_bytes(answer[:4], sys.byteorder)
    names = {IMMUTABLE: "immutable", APPEND_ONLY: "append-only"}
    return [f"{path} is {name}" for flag, name in names.items() if flags & flag]


def _find_locked(home: str) -> list[str]:
    """Return the client's locks that are held for longer than a moment; makes no file."""
    until = time.monotonic() + LOCK_GRACE_S
    while held := [name for name in LOCKS if _is_held(f"{home}/{name}")]:
        if time.monotonic() >= until:
            return [f"another process holds the client's lock {name}" for name in held]
        time.sleep(0.05)
    return []


def _is_held(path: str) -> bool:
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that looking never keeps another looker from it.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
