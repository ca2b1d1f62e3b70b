"""Windows: where things go. Nothing runs by itself there, and no client's name is fronted."""

from tipstaff_policy.clients.shim import Shim
from tipstaff_policy.errors import UsageError
from tipstaff_policy.installation.platforms.interface import (
    Fronting,
    HostPlatform,
    Places,
    Rights,
    Services,
    ServiceWords,
)

PLACES = Places(
    state="/ProgramData/Tipstaff",
    aside="/Program Files/Tipstaff/clients",
    folders=("/Program Files/nodejs",),
    services=(),
    kept=("/ProgramData", "/Program Files"),
    logs="/ProgramData/Tipstaff/Logs",
)


def _refuse_shim(_shim: Shim) -> bytes:
    raise UsageError("Tipstaff fronts no client on Windows")


WINDOWS = HostPlatform(
    name="windows",
    places=PLACES,
    services=Services(
        words=ServiceWords(
            file="scheduled task",
            enables="",
            manager="the task scheduler",
            change="disable the task instead",
            where_to_check="check on that Windows",
            silent="it does not answer",
            more="its history shows more",
        ),
        files=lambda _python: (),
        present=lambda _root: False,
        read_managers=lambda: (),
        plan_restart=lambda _managers: (),
        plan_stop=lambda _managers: (),
        plan_reload=lambda _managers: (),
        run=lambda _words: "",
        read_states=lambda: None,
    ),
    fronting=Fronting(
        entry_names=lambda _program: (),
        render_shim=_refuse_shim,
        parse_shim=lambda _content: None,
        is_marked=lambda _content: False,
        is_program=lambda name, _mode: name.lower().endswith((".exe", ".cmd", ".ps1")),
    ),
    rights=Rights(needed="an administrator", are_held=lambda: False, prefix=""),
    apart="msiexec /i tipstaff.msi",
    apart_program="C:\\Program Files\\Tipstaff\\bin\\tipstaff",
)
