"""The circumstances of a run, for its report: time, host and user."""

import getpass
import os
from contextlib import suppress
from datetime import UTC, datetime

from tipstaff_policy.action_log.log import read_standing
from tipstaff_policy.action_log.record import Standing
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Machine
from tipstaff_policy.system.host_identity import account_of_process, name_account, read_machine
from tipstaff_schemas.build import Circumstances


def _make_id() -> str:
    """Return a random UUID (RFC 9562, version 4); the module `uuid` loads twice as much."""
    random = bytearray(os.urandom(16))
    random[6] = random[6] & 0x0F | 0x40
    random[8] = random[8] & 0x3F | 0x80
    text = random.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def observe(request: Request, started_at: datetime, home: str | None) -> Circumstances:
    """Return the circumstances of a run that ends now.

    Args:
        home: The client's folder; None for a run over many, each of which has a log of its own.
    """
    machine = read_machine(request.system_root, home or "")
    return Circumstances(
        run_id=_make_id(),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        host_id=machine.host_id,
        host_name=machine.host_name,
        user=_user(request, machine),
        audited_by=_auditor(request),
        system_root=request.system_root,
        # Tipstaff logs no actions in an image.
        action_log=Standing()
        if home is None or request.system_root
        else read_standing(request.env, home),
    )


def _auditor(request: Request) -> str:
    """Return the account that runs Tipstaff: of a worker for a user, the one of the whole run."""
    by_root = request.options.unasked and os.sep == "/"  # no account has a number on Windows
    return (name_account(0) if by_root else account_of_process()) or "not known"


def _user(request: Request, machine: Machine) -> str:
    """Return the user whose login a report describes; the environment is no evidence of that."""
    if request.system_root:
        return machine.user or "not known"
    if request.options.unasked:  # in a worker of a root run, which has set the variables itself
        with suppress(KeyError, OSError):
            return getpass.getuser()
    return machine.user or "unknown"
