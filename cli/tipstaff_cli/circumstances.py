"""When, where and by whom: what a report says of its run."""

import getpass
import uuid
from datetime import UTC, datetime

from tipstaff_policy.action_log import read_standing
from tipstaff_policy.action_record import Standing
from tipstaff_policy.clients.model import Request
from tipstaff_policy.machine import read_machine
from tipstaff_schemas.build import Circumstances


def observe(request: Request, started_at: datetime, home: str | None) -> Circumstances:
    """Return the circumstances of a run that ends now.

    Args:
        home: The client's folder; None for a run over many, each of which has a log of its own.
    """
    machine = read_machine(request.system_root, "")
    return Circumstances(
        run_id=str(uuid.uuid4()),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        host_id=machine.host_id,
        host_name=machine.host_name,
        user=_user(),
        system_root=request.system_root,
        # An image is no place where anything is logged.
        action_log=Standing()
        if home is None or request.system_root
        else read_standing(request.env, home),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
