"""A real log-out of a made-up login, next to the client's folder and never in it."""

import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.rehearsal import MadeUpHost
from tipstaff_policy.doctor.diagnosis import NOT_ON_WINDOWS, Rehearsal
from tipstaff_policy.enforcement.enforce import Enforcement, enforce
from tipstaff_policy.errors import reason_of
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.system.owners.loose_places import loose_places

LOCK_TIMEOUT_S = 2.0


def rehearse_log_out(adapter: Adapter, request: Request, home: str) -> Rehearsal:
    """Enforce a rule on a scratch tree on the disk of the client's folder; leave nothing there.

    The tree has the shape of a host and the mode of the client's folder. The real login is
    neither read nor copied.
    """
    nearby = Path(home).parent
    if request.system_root is not None:
        return Rehearsal(str(nearby), None, "an image stays as it is")
    if this_platform() == "windows":
        return Rehearsal(str(nearby), None, NOT_ON_WINDOWS)
    if why := _why_not_safe(nearby):
        return Rehearsal(str(nearby), None, why)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".tipstaff-doctor-", dir=nearby))
    except OSError as error:
        return Rehearsal(str(nearby), None, reason_of(error))
    folder = scratch / "home/user" / Path(home).name
    try:
        host = adapter.rehearsal()
        _lay_out(scratch, host)
        _lay_out_login(folder / adapter.files[host.store], host, home)
        request = _request(scratch, folder, adapter)
        result = enforce(adapter, request, lock_timeout_s=LOCK_TIMEOUT_S)
        same = not Path(home).exists() or Path(home).stat().st_dev == folder.stat().st_dev
        return Rehearsal(str(nearby), result.exit_code, _detail(result), same)
    except OSError as error:
        return Rehearsal(str(nearby), None, reason_of(error))
    finally:
        if folder.exists():
            folder.chmod(0o700)
        shutil.rmtree(scratch, ignore_errors=True)


def _why_not_safe(nearby: Path) -> str:
    """Return why another user could put a different folder in place of the temporary tree.

    Root would then write where that person wants.
    """
    if os.geteuid() == 0:
        places = loose_places(str(nearby))
        return f"others than root can change it ({places[0]})" if places else ""
    facts = nearby.stat() if nearby.exists() else None
    if facts is None:
        return "there is no such folder"
    shared = facts.st_mode & 0o022 and not facts.st_mode & stat.S_ISVTX
    if shared or facts.st_uid not in (0, os.geteuid()):
        return "others can change it"
    return ""


def _lay_out(scratch: Path, host: MadeUpHost) -> None:
    for path, content in host.files.items():
        file = scratch / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def _lay_out_login(login: Path, host: MadeUpHost, home: str) -> None:
    folder = login.parent
    folder.mkdir(parents=True)
    login.touch(0o600)
    login.write_text(host.login)
    if Path(home).is_dir():
        folder.chmod(stat.S_IMODE(Path(home).stat().st_mode))


def _request(scratch: Path, folder: Path, adapter: Adapter) -> Request:
    """Ask as a proven client, so that the host is tried and not the version of its client."""
    return Request(
        env={},
        cwd=str(scratch),
        now=int(time.time()),
        client_version=adapter.versions.newest,
        system_root=str(scratch),
        client_home=str(folder),
        entry_point=adapter.entry_points[0],
    )


def _detail(result: Enforcement) -> str:
    failed = [step.detail for step in result.steps if step.outcome == "failed"]
    return "; ".join(failed) or result.note
