"""What is tried on one real Mac: each of its programs that Tipstaff asks, on made-up things.

A folder of the keychain's and a line of the log are all that is written; the entry is removed.
"""

import os
import time
from collections.abc import Iterable

from tipstaff_policy.doctor.diagnosis import Diagnosis, Mark
from tipstaff_policy.installation import launchd
from tipstaff_policy.installation.model import UnitState
from tipstaff_policy.installation.platforms.macos import PLACES
from tipstaff_policy.installation.trials import Trial
from tipstaff_policy.system.mac import asking, keychain, unified_log
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.secret_service import Entry, KeyringError

PKGUTIL, LOG, WORDS = "/usr/sbin/pkgutil", "/usr/bin/log", "tipstaff-doctor"
MADE_UP = Entry(WORDS, "made-up")
"""An entry of the keychain, and as its secret its own account."""
PROGRAMS = (keychain.SECURITY, launchd.LAUNCHCTL, unified_log.LOGGER)
FOLDERS = ("/opt/tipstaff", PLACES.state, os.path.dirname(PLACES.aside), PLACES.logs)
LOG_LIMIT_S, LOG_PAUSE_S = 30.0, 1.0
IN_SESSION = "run it in a session with a screen, as the user whose client it is"


def _package() -> Diagnosis:
    answer = asking.ask_program((PKGUTIL, "--pkg-info", "tipstaff"))
    if answer.code == 0:
        return Diagnosis("mac: package", "good", "the package is installed")
    if answer.code == asking.NOT_STARTED:
        return Diagnosis("mac: package", "cannot tell", "pkgutil cannot be asked", "see what it is")
    observed = "no package: Tipstaff was put here in another way"
    return Diagnosis("mac: package", "cannot tell", observed, "see docs/macos.md")


def _folders() -> Diagnosis:
    loose = [
        str(place) for folder in FOLDERS for place in loose_places(folder, None, "macos") or ()
    ]
    if loose:
        remedy = "see who made that folder so, and let root alone change it"
        return Diagnosis("mac: folders", "bad", "; ".join(dict.fromkeys(loose)), remedy)
    programs = [program for program in PROGRAMS if not os.path.exists(program)]
    if programs:
        observed = f"{', '.join(programs)} is not there"
        return Diagnosis("mac: folders", "bad", observed, "see which version of macOS this is")
    return Diagnosis("mac: folders", "good", "only root can change what Tipstaff keeps")


def _daemons() -> Diagnosis:
    states = launchd.read_states()
    return _of_states(
        "mac: daemons", [state for state in states or () if state.whose == launchd.SYSTEM]
    )


def _agent() -> Diagnosis:
    states = [state for state in launchd.read_states() or () if state.whose != launchd.SYSTEM]
    return _of_states("mac: agent", states)


def _of_states(name: str, states: Iterable[UnitState]) -> Diagnosis:
    found = {
        f"{state.unit} of {state.whose}": f"{state.enabled}, {state.active}" for state in states
    }
    if not found:
        observed = "launchd shows none to this user"
        return Diagnosis(name, "cannot tell", observed, "run it in that session, or as root")
    wrong = [f"{unit}: {state}" for unit, state in found.items() if state != "enabled, active"]
    if wrong:
        remedy = "`sudo tipstaff install`; then `launchctl print` shows why"
        return Diagnosis(name, "bad", "; ".join(wrong), remedy)
    return Diagnosis(name, "good", f"{', '.join(found)}: enabled, active")


def _session() -> Diagnosis:
    if keychain.has_session():
        return Diagnosis("mac: session", "good", "one with a screen, whose keychain can be open")
    observed = "none with a screen: no keychain of a user can be read here"
    return Diagnosis("mac: session", "cannot tell", observed, IN_SESSION)


def _preferences() -> Diagnosis:
    answer = asking.ask_frameworks("forced", "tipstaff.doctor", "made-up")
    if answer == {"forced": {}}:
        observed = "the system says which preferences it forces"
        return Diagnosis("mac: forced preferences", "good", observed)
    observed = "the system does not say which preferences it forces: their files are read instead"
    remedy = "report this with the version of macOS; nothing else depends on it"
    return Diagnosis("mac: forced preferences", "cannot tell", observed, remedy)


def _no_entry() -> Diagnosis:
    name = "mac: keychain, no entry"
    try:
        none = MADE_UP._replace(account="none")
        there = keychain.is_there(none) or keychain.is_there_without_session(none)
    except KeyringError as error:
        return Diagnosis(name, "cannot tell", f"the keychain {error.what}", IN_SESSION)
    if there:
        observed = "an entry is found that was never made"
        return Diagnosis(name, "bad", observed, "report this with the version of macOS")
    return Diagnosis(name, "good", "what is not there is not found")


def _round_trip() -> Diagnosis:
    name = "mac: keychain, made-up entry"
    words = ("-s", MADE_UP.service, "-a", MADE_UP.account)
    try:
        # The secret is made up, and may stand among the words.
        added = asking.ask_program(
            (keychain.SECURITY, "add-generic-password", *words, "-w", MADE_UP.account)
        )
        if added.code:
            observed = f"no entry can be made (exit code {added.code})"
            return Diagnosis(name, "cannot tell", observed, IN_SESSION)
        shown = keychain.read_secret(MADE_UP, prompts=False, made_by_security=True)
        keychain.remove(MADE_UP, every=False)
        left = keychain.is_there(MADE_UP)
    except KeyringError as error:
        _take_back()
        return Diagnosis(name, "cannot tell", f"the keychain {error.what}", IN_SESSION)
    if shown != MADE_UP.account or left:
        observed = (
            "it is not read as it was written" if not left else "it is there after its removal"
        )
        return Diagnosis(name, "bad", observed, "report this with the version of macOS")
    return Diagnosis(name, "good", "written, read without a window, removed, and gone")


def _take_back() -> None:
    words = ("-s", MADE_UP.service, "-a", MADE_UP.account)
    asking.ask_program((keychain.SECURITY, "delete-generic-password", *words))


def _log() -> Diagnosis:
    name, mark = "mac: unified log", f"{WORDS}-{os.getpid()}-{time.monotonic_ns()}"
    if not unified_log.send_line(mark.encode()):
        observed = "logger took no line"
        return Diagnosis(name, "bad", observed, "see that /usr/bin/logger is macOS' own")
    time.sleep(LOG_PAUSE_S)
    predicate = f'eventMessage CONTAINS "{mark}"'
    words = (LOG, "show", "--last", "1m", "--style", "compact", "--predicate", predicate)
    answer = asking.ask_program(words, LOG_LIMIT_S)
    # The first line of an answer may repeat what was asked.
    lines = [line for line in answer.out.splitlines() if predicate.encode() not in line]
    found: Mark = "good" if any(mark.encode() in line for line in lines) else "cannot tell"
    if found == "good":
        return Diagnosis(name, found, "a line that was sent can be read there")
    observed = "a line that was sent is not shown"
    return Diagnosis(name, found, observed, "run it as an administrator, who may read the log")


TRIALS = (
    Trial("package", "pkgutil --pkg-info tipstaff", _package),
    Trial(
        "folders",
        'ls -lde / /opt /opt/tipstaff /Library "/Library/Application Support" /var/log',
        _folders,
    ),
    Trial(
        "daemons",
        "sudo launchctl print system/tipstaff.enforce | grep -E 'state =|last exit code'",
        _daemons,
    ),
    Trial("agent", "launchctl print gui/$(id -u)/tipstaff.watch | grep 'state ='", _agent),
    Trial("session", "launchctl managername", _session),
    Trial(
        "forced preferences",
        'ls -l "/Library/Managed Preferences"',
        _preferences,
    ),
    Trial(
        "keychain, no entry",
        "security find-generic-password -s tipstaff-doctor -a none; echo $?",
        _no_entry,
    ),
    Trial(
        "keychain, made-up entry",
        "security add-generic-password -s tipstaff-doctor -a made-up -w made-up; "
        "security find-generic-password -s tipstaff-doctor -a made-up -w; "
        "security delete-generic-password -s tipstaff-doctor -a made-up >/dev/null; echo $?",
        _round_trip,
    ),
    Trial(
        "unified log",
        "echo tipstaff-doctor | logger -p authpriv.notice -t tipstaff; sleep 1; "
        "log show --last 1m --predicate 'eventMessage CONTAINS \"tipstaff-doctor\"'",
        _log,
    ),
)
