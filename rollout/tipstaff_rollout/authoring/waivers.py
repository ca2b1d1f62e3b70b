"""A waiver as an entry of a policy file."""

from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tipstaff_policy.errors import AccessDeniedError, PolicyError
from tipstaff_policy.organisation.model import Waiver
from tipstaff_policy.organisation.wording import moment
from tipstaff_rollout.storing import PLAIN, write_whole


def append_waiver(path: Path, waiver: Waiver) -> None:
    """Add a waiver to a policy file; keep its comments and order.

    Raises:
        AccessDeniedError: The file cannot be read or written.
        PolicyError: It is not valid TOML.
    """
    try:
        text = path.read_text("utf-8") if path.exists() else "schema = 1\n"
        document = tomlkit.parse(text)
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise PolicyError("is not valid TOML", where=str(path)) from error
    table = tomlkit.table()
    table.add("check", waiver.check)
    table.add("expires", moment(waiver.expires_at))
    for name in ("owner", "approver", "ticket", "reason", "host", "user"):
        if getattr(waiver, name) is not None:
            table.add(name, getattr(waiver, name))
    rows = document.get("waivers", tomlkit.aot())
    rows.append(table)
    document["waivers"] = rows
    mode = path.stat().st_mode & 0o777 if path.exists() else PLAIN
    write_whole(path, tomlkit.dumps(document).encode(), mode)
