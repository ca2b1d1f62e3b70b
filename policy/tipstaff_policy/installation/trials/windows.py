"""What is tried on one real Windows: what `tipstaff doctor` does of its page.

The page is docs/try-one-first-windows.md. Each is good, bad, or unknown; nothing is changed.
"""

import os
from collections.abc import Iterator

from tipstaff_policy.doctor.diagnosis import Diagnosis
from tipstaff_policy.errors import TipstaffError
from tipstaff_policy.installation import scheduled_tasks
from tipstaff_policy.installation.platforms.windows import LAUNCHER, STATE
from tipstaff_policy.installation.trials import Trial
from tipstaff_policy.organisation.paths import FOLDERS
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.windows import credential_manager
from tipstaff_policy.system.windows.known_folders import find_known_folder, live_path

AGAIN = "run `tipstaff install` in an administrator's console"
ASKED = ("ProgramData", "ProgramFiles", "Profile", "LocalAppData")


def _folders() -> Iterator[Diagnosis]:
    """Ask for every folder that the client or Tipstaff uses."""
    for name in ASKED:
        try:
            yield Diagnosis(f"folder {name}", "good", find_known_folder(name))
        except TipstaffError as error:
            yield Diagnosis(f"folder {name}", "bad", error.what, error.remedy)


def _policy_folder() -> Iterator[Diagnosis]:
    """Ask whether users could change what the administrators say."""
    for path in dict.fromkeys((FOLDERS["windows"], STATE)):
        name = f"rights on {path}"
        try:
            there = os.path.isdir(live_path(path))
            loose = loose_places(path, None, "windows") if there else ()
        except (OSError, TipstaffError) as error:
            yield Diagnosis(name, "cannot tell", str(error), "run it as an administrator")
            continue
        if not there:
            yield Diagnosis(name, "good", "there is none, so nothing to change")
        elif loose:
            remedy = "rename the folder, and deliver the policy again (docs/rollout/windows.md)"
            yield Diagnosis(name, "bad", str(loose[0]), remedy)
        elif loose is None:
            yield Diagnosis(name, "cannot tell", "its access list is unknown", "run it on Windows")
        else:
            yield Diagnosis(name, "good", "administrators alone can change it")


def _credential_manager() -> Iterator[Diagnosis]:
    """Ask for the names of its entries; no secret is read."""
    name = "Credential Manager"
    try:
        found = credential_manager.list_targets()
        yield Diagnosis(name, "good", f"answers; entries of this user: {len(found)}")
    except (OSError, TipstaffError) as error:
        remedy = "run it in the user's own session, not by a service or over the network"
        yield Diagnosis(name, "cannot tell", f"{error}".removeprefix("error: "), remedy)


def _event_log() -> Iterator[Diagnosis]:
    """Ask whether the source is registered under which actions are recorded."""
    program = scheduled_tasks.program_path()
    if not program:
        yield Diagnosis("event log", "cannot tell", "no Windows here", "run it on Windows")
        return
    registry = os.path.join(os.path.dirname(program), scheduled_tasks.REG)
    code, _ = scheduled_tasks.call((registry, "query", scheduled_tasks.EVENT_SOURCE, "/reg:64"))
    if code == 0:
        yield Diagnosis("event log", "good", "the source Tipstaff is registered")
    elif code < 0:
        yield Diagnosis("event log", "cannot tell", "the registry was not read", AGAIN)
    else:
        observed = "the source Tipstaff is not registered, so records have no text"
        yield Diagnosis("event log", "bad", observed, AGAIN)


def _tasks() -> Iterator[Diagnosis]:
    """Ask the Task Scheduler for every task; an ordinary user may not see those of SYSTEM."""
    states = scheduled_tasks.read_states()
    if states is None:
        yield Diagnosis("tasks", "cannot tell", "the Task Scheduler was not asked", AGAIN)
        return
    for state in states:
        name = f"task {state.unit}"
        if state.enabled == "enabled":
            yield Diagnosis(name, "good", "registered, enabled")
        elif state.enabled == "disabled":
            yield Diagnosis(name, "bad", "is disabled", "enable it in the Task Scheduler")
        else:
            remedy = "ask again in an administrator's console; if it is missing there, " + AGAIN
            yield Diagnosis(name, "cannot tell", "cannot be seen", remedy)


def _launcher() -> Iterator[Diagnosis]:
    """Ask for what a shim for a program is made of."""
    if os.path.isfile(live_path(LAUNCHER)):
        yield Diagnosis("launcher", "good", "is there")
    else:
        observed = f"{LAUNCHER} is missing, so no .exe can be guarded"
        yield Diagnosis("launcher", "bad", observed, "install Tipstaff by its package")


DOCTOR, STATUS = "tipstaff doctor --verbose", "tipstaff status --verbose"
"""Where no command of Windows shows it, Tipstaff's own does."""
TRIALS = (
    Trial("folders", DOCTOR, _folders),
    Trial(
        "rights",
        'powershell -NoProfile -Command "(Get-Acl C:\\ProgramData\\Tipstaff).Sddl; '
        "(Get-Acl 'C:\\Program Files\\Tipstaff').Sddl\"",
        _policy_folder,
    ),
    Trial("Credential Manager", DOCTOR, _credential_manager),
    Trial(
        "event log",
        "wevtutil qe Application /q:\"*[System[Provider[@Name='Tipstaff']]]\" "
        "/c:1 /rd:true /f:text",
        _event_log,
    ),
    Trial("tasks", "schtasks /Query /TN \\Tipstaff\\Enforce /FO LIST /V", _tasks),
    Trial("launcher", STATUS, _launcher),
)
