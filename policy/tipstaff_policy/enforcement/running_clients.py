"""Client processes that still have the removed credential: report or end them, by the policy.

A client reads its credential once (docs/checks/TIP407.md). So a log-out of the stores is not the
end of a session that runs.
"""

import os
import sys
from typing import TYPE_CHECKING

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import reason_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.steps import Step

if TYPE_CHECKING:  # only on a live machine
    from tipstaff_policy.model.host_facts import RunningClient

PATIENCE_S = 3.0
"""How long a client may take to end by itself, and once more after it was killed."""


def steps_for_running_clients(
    adapter: Adapter, request: Request, home: str, *, terminate: bool
) -> tuple[Step, ...]:
    """Return a step for each process that still has the credential; nothing in an image."""
    if request.system_root is None and sys.platform == "win32":
        what = "running clients cannot be seen on Windows; one may still have the credential"
        return (Step("process", None, "keep", "kept", what),)
    if request.system_root is not None or request.platform != "linux":
        return ()
    running = adapter.running(home)
    if running.unread is not None:
        return (Step("process", None, "keep", "failed", running.unread),)
    holders = [client for client in running.clients if client.here is not False]
    return tuple(_step(holder, terminate=terminate) for holder in holders)


def _step(client: "RunningClient", *, terminate: bool) -> Step:
    step = Step("process", f"process {client.pid}", "keep", "failed", "")
    if client.here is None:
        return step._replace(detail="cannot be read, and may still have the credential")
    if not terminate:
        held = f"still has the credential until it ends: `kill {client.pid}`"
        return step._replace(detail=held)
    try:
        _end(client.pid)
    except OSError as error:
        return step._replace(detail=f"has the credential and cannot be ended: {reason_of(error)}")
    return step._replace(action="terminate", outcome="terminated", detail="it held the credential")


def _end(pid: int) -> None:
    """End a process, gently first.

    Raises:
        OSError: It is not ours to end, or does not end.
    """
    import select  # noqa: PLC0415 - where a policy ends clients
    import signal  # noqa: PLC0415

    try:
        process = os.pidfd_open(pid)  # its number may go to another process meanwhile
    except ProcessLookupError:
        return
    try:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(process, sign)
            if select.select([process], [], [], PATIENCE_S)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(process)
    raise TimeoutError(None, "it does not end")
