"""When, where and by whom: what a report says of its run."""

import getpass
import hashlib
import platform
import uuid
from datetime import UTC, datetime
from pathlib import Path

from tipstaff_policy.clients.model import Request
from tipstaff_schemas.build import Circumstances

ID_PURPOSE = b"tipstaff host id\0"
"""Mixed into the machine's id, which its documentation asks not to pass on as it is."""


def observe(request: Request, started_at: datetime) -> Circumstances:
    """Return the circumstances of a run that ends now."""
    root = Path(request.system_root or "/")
    return Circumstances(
        run_id=str(uuid.uuid4()),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        host_id=_host_id(root),
        host_name=_host_name(root, live=request.system_root is None),
        user=_user(),
        system_root=request.system_root,
    )


def _host_id(root: Path) -> str | None:
    machine_id = _line(root / "etc/machine-id")
    if not machine_id:
        return None
    return hashlib.sha256(ID_PURPOSE + machine_id.encode()).hexdigest()[:32]


def _host_name(root: Path, *, live: bool) -> str:
    return platform.node() if live else _line(root / "etc/hostname") or root.name


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8")[:256].strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
