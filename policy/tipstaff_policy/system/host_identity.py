"""Which machine, and which user of it, is judged; nothing here is taken from the environment."""

import os
import sys
from collections.abc import Iterator

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.state import Machine
from tipstaff_policy.system.files import is_inside, open_regular, show_path, within

ID_PURPOSE = b"tipstaff host id\0"
"""Mixed into the machine's id, which its documentation asks not to pass on as it is."""
LINE_LIMIT = 256
ACCOUNTS_LIMIT = 16 << 20
USERS = ("/home", "/Users")
"""Folders in which each user's home has the user's name."""


def read_machine(root: str | None, home: str) -> Machine:
    """Return the machine, or the one that an image was taken from.

    Args:
        home: The client's folder. In an image its user is the account of that home; on this machine
        it is the process's own account, even if the folder is another user's.
    """
    user = account_of_process() if root is None else _account_in_image(root, home)
    return Machine(_host_id(root), _host_name(root), user)


def _host_id(root: str | None) -> str | None:
    if os.sep != "/" and root is None:
        return _digest(_machine_of_windows())
    return _digest(_read_line(f"{root or ''}/etc/machine-id") or _id_of_mac(root))


def _digest(machine_id: str | None) -> str | None:
    if not machine_id:
        return None
    from tipstaff_policy.parsing.sha256 import sha256  # noqa: PLC0415 - not every host has an id

    return sha256(ID_PURPOSE + machine_id.encode()).hexdigest()[:32]


def _id_of_mac(root: str | None) -> str | None:
    from tipstaff_policy.model.request import this_platform  # noqa: PLC0415 - no Linux with an id

    if root or this_platform() != "macos":
        return None
    from tipstaff_policy.system.mac.hardware import platform_uuid  # noqa: PLC0415 - a Mac alone

    return platform_uuid()


def _host_name(root: str | None) -> str:
    if root is None:
        return os.uname().nodename if os.sep == "/" else os.environ.get("COMPUTERNAME", "")
    return _read_line(f"{root}/etc/hostname") or os.path.basename(root.rstrip("/"))


def name_account(uid: int) -> str:
    """Return the name of an account of this machine; empty if it has none."""
    import pwd  # noqa: PLC0415 - where a policy asks for it

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def account_of_process() -> str:
    """Return the name of the account of this process; empty where it has none."""
    if sys.platform == "win32":
        return os.getlogin()
    return name_account(os.getuid())


def account_of_preferences(root: str | None, user: str) -> str:
    """Return the account whose managed preferences a client reads.

    On this machine not the name above its folder, which a variable moves: only root looks into the
    homes of others.

    Args:
        user: As the home says it.
    """
    own = "" if root else account_of_process()
    return user if own in ("", "root") else own


def home_by_account(remedy: str) -> str:
    """Return the home of the user who asks, where ``HOME`` does not name it.

    Raises:
        EvaluationError: The user database does not name one either.
    """
    if sys.platform == "win32":
        from tipstaff_policy.system.windows.known_folders import (  # noqa: PLC0415 - there only
            find_known_folder,
        )

        return find_known_folder("Profile")
    import pwd  # noqa: PLC0415 - rarely needed

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        raise EvaluationError(
            f"HOME is not set, and user {os.getuid()} has no account here",
            expected="a home that contains the client's folder",
            remedy=remedy,
        ) from None


def _account_in_image(root: str, home: str) -> str:
    """Return the owner of the home of a client's folder; empty if the image does not show it.

    By the image's own list of accounts. Owners of files show nothing: the account that unpacked the
    image may own them all.
    """
    folder = os.path.dirname(home)
    if not is_inside(folder, root):
        return ""
    inside = show_path(folder, root)
    named = {name for name, place in _accounts(root) if place == inside}
    if len(named) == 1:
        return named.pop()
    above, name = os.path.split(inside)
    return name if above in USERS or inside == "/root" else ""


def _accounts(root: str) -> Iterator[tuple[str, str]]:
    """Yield name and home of the accounts that an image lists."""
    try:
        with open_regular(within(root, "/etc/passwd"), ACCOUNTS_LIMIT) as file:
            for line in file:
                fields = line.decode(errors="replace").rstrip("\n").split(":")
                if len(fields) == 7:
                    yield fields[0], fields[5].rstrip("/")
    except OSError:
        return


def _read_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline(LINE_LIMIT).strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _machine_of_windows() -> str:
    """Return the identifier that Windows gives itself when it is installed."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - Windows alone has it

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        place = r"SOFTWARE\Microsoft\Cryptography"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place, access=access) as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            pass
    return ""
