"""When, where and by whom: what a report says of its run."""

import getpass
import uuid
from datetime import UTC, datetime

from tipstaff_policy.clients.model import Request
from tipstaff_policy.machine import read_machine
from tipstaff_schemas.build import Circumstances


def observe(request: Request, started_at: datetime) -> Circumstances:
    """Return the circumstances of a run that ends now."""
    machine = read_machine(request.system_root, "")
    return Circumstances(
        run_id=str(uuid.uuid4()),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        host_id=machine.host_id,
        host_name=machine.host_name,
        user=_user(),
        system_root=request.system_root,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
