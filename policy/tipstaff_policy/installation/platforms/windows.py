r"""Windows: known folders, tasks of the Task Scheduler, and shims for each kind of launcher.

The folders are those that every Windows has in English, whatever language it shows; a live one is
asked for its own (`system.windows.known_folders`). npm's usual folder, `%APPDATA%\npm`, belongs to
its user, so that no shim in it could hold; the folders here are those that administrators alone
can change (docs/windows.md).
"""

import os
import sys

from tipstaff_policy.clients.shim import Shim
from tipstaff_policy.clients.windows_shims import (
    ASIDE,
    ENDINGS,
    is_marked,
    parse_windows_shim,
    render_windows_shim,
    to_image,
    to_windows,
)
from tipstaff_policy.installation import scheduled_tasks
from tipstaff_policy.installation.platforms.interface import (
    Fronting,
    HostPlatform,
    Places,
    Rights,
    Services,
    ServiceWords,
)

INSTALLED = "/Program Files/Tipstaff"
PYTHON = f"{INSTALLED}/python/python.exe"
GUARD = f"{INSTALLED}/packages/tipstaff_policy/guard.py"
LAUNCHER = f"{INSTALLED}/launcher.exe"
"""What a shim that is a program is made of."""
STATE = "/ProgramData/Tipstaff"
PLACES = Places(
    state=STATE,
    aside=ASIDE,
    folders=("/Program Files/nodejs", "/Program Files/WinGet/Links"),
    services=(scheduled_tasks.FOLDER,),
    kept=("/ProgramData", "/Program Files"),
    logs=f"{STATE}/Logs",
)
LARGEST = 1 << 20
"""Bytes of a shim that is a program: its launcher has some 110,000."""


def _entry_names(program: str) -> tuple[str, ...]:
    return tuple(program + ending for ending in ENDINGS)


def _render(shim: Shim, launcher: bytes) -> bytes:
    drive = scheduled_tasks.system_drive()
    named = (to_windows(to_image(path), drive) for path in (shim.python, shim.guard, shim.client))
    return render_windows_shim(Shim(shim.version, *named), launcher)


def _parse(content: bytes) -> Shim | None:
    """Return what a shim starts, with paths of an image."""
    found = (parse_windows_shim(content, ending) for ending in ENDINGS)
    shim = next((shim for shim in found if shim), None)
    if shim is None:
        return None
    return Shim(shim.version, to_image(shim.python), to_image(shim.guard), to_image(shim.client))


def _is_marked(content: bytes) -> bool:
    return any(is_marked(content, ending) for ending in ENDINGS)


def _is_program(name: str, _mode: int) -> bool:
    """Return whether Windows, PowerShell or Git Bash starts a file of this name."""
    return os.path.splitext(name)[1].lower() in ENDINGS


def _are_held() -> bool:
    if sys.platform == "win32":
        from tipstaff_policy.system.windows.api import function  # noqa: PLC0415 - there only

        return bool(function("IsUserAnAdmin")())
    return False


WINDOWS = HostPlatform(
    name="windows",
    places=PLACES,
    services=Services(
        words=ServiceWords(
            file="scheduled task",
            enables="",
            manager="the Task Scheduler",
            change="disable the task instead",
            where_to_check="check on that Windows, as an administrator",
            silent="the Task Scheduler does not answer",
            more="`schtasks /Query /V /TN \\Tipstaff\\` shows more",
        ),
        files=scheduled_tasks.task_files,
        present=scheduled_tasks.has_scheduler,
        read_managers=scheduled_tasks.read_managers,
        plan_restart=scheduled_tasks.plan_restart,
        plan_stop=scheduled_tasks.plan_stop,
        plan_reload=scheduled_tasks.plan_reload,
        run=scheduled_tasks.run_program,
        read_states=scheduled_tasks.read_states,
    ),
    fronting=Fronting(
        entry_names=_entry_names,
        render_shim=_render,
        parse_shim=_parse,
        is_marked=_is_marked,
        is_program=_is_program,
        size_limit=LARGEST,
        launcher=LAUNCHER,
        needs_launcher=lambda path: path.lower().endswith(".exe"),
    ),
    rights=Rights(needed="an administrator", are_held=_are_held, prefix=""),
    apart="msiexec /i tipstaff-VERSION.msi",
    apart_program="C:\\Program Files\\Tipstaff\\tipstaff.exe",
)
