"""Which machine, and which user of it, is judged; nothing here is taken from the environment."""

import os

from tipstaff_policy.values import Machine

ID_PURPOSE = b"tipstaff host id\0"
"""Mixed into the machine's id, which its documentation asks not to pass on as it is."""
LINE_LIMIT = 256


def read_machine(root: str | None, home: str) -> Machine:
    """Return the machine, or the one that an image was taken from.

    Args:
        home: The client's folder; its owner is the user, in an image the folder above names him.
    """
    return Machine(_host_id(root), _host_name(root), _user_of(root, home))


def _host_id(root: str | None) -> str | None:
    machine_id = _line(f"{root or ''}/etc/machine-id")
    if not machine_id:
        return None
    import hashlib  # noqa: PLC0415 - costs start-up

    return hashlib.sha256(ID_PURPOSE + machine_id.encode()).hexdigest()[:32]


def _host_name(root: str | None) -> str:
    if root is None:
        return os.uname().nodename
    return _line(f"{root}/etc/hostname") or os.path.basename(root.rstrip("/"))


def _user_of(root: str | None, home: str) -> str:
    if root is not None:
        return os.path.basename(os.path.dirname(home))
    import pwd  # noqa: PLC0415 - where a policy asks for it

    try:
        return pwd.getpwuid(os.stat(home).st_uid).pw_name
    except (OSError, KeyError):
        return ""


def _line(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline(LINE_LIMIT).strip()
    except (OSError, UnicodeDecodeError):
        return ""
