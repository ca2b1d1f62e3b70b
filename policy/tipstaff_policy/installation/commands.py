"""Installing, uninstalling and looking, from beginning to end."""

import os
import sys

from tipstaff_policy.clients.shim import parse_shim
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    UNEVALUATED_EXIT,
    AccessDeniedError,
    EvaluationError,
    reason_of,
)
from tipstaff_policy.installation import systemd
from tipstaff_policy.installation.apply import (
    apply_step,
    clear_unfinished,
    refusals,
    remove_empty_folders,
    run_alone,
)
from tipstaff_policy.installation.model import MANIFEST, Outcome, Seen, Step, Wanted, aside_of
from tipstaff_policy.installation.plan import plan_install, plan_uninstall
from tipstaff_policy.installation.status import Look
from tipstaff_policy.installation.survey import read_seen, why_unusable
from tipstaff_policy.installation.units import VENDOR
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.record import Record

REMEDY = "fix that, and run it again as root"
APART = "python3 -m venv /opt/tipstaff && /opt/tipstaff/bin/pip install WHEEL"

APART_PROGRAM = "/opt/tipstaff/bin/tipstaff"


class DoneStep(Record):
    """A step, and what came of it."""

    step: Step
    outcome: Outcome
    why: str = ""


class Result(Record):
    """What an installation or its end came to."""

    steps: tuple[DoneStep, ...]
    exit_code: int


def install(root: str | None, wanted: Wanted, *, dry_run: bool) -> Result:
    """Make an installation whole, whatever of it there is; exit code 1 where something is left.

    Raises:
        EvaluationError: Not all users could use the guard, or others than root could change it.
        AccessDeniedError: The caller is not root, or something cannot be read.
    """
    if not dry_run:
        require_root(root, "install")
    for path, program in ((wanted.python, True), (wanted.guard, False)):
        if why := why_unusable(root, path, program=program):
            raise EvaluationError(
                f"it cannot guard all users: {why}",
                where=path,
                expected="a file that all users can read; only root can change it and its folders",
                remedy=f"install Tipstaff apart: `{APART}`, then `{APART_PROGRAM} install`",
            )
    managers = systemd.read_managers() if root is None and wanted.files else ()
    if dry_run:
        steps = (*plan_install(_read_seen(root, wanted), wanted), *systemd.plan_restart(managers))
        return _plan(steps)
    with refusals(REMEDY), run_alone(root):
        seen = read_seen(root, wanted)
        clear_unfinished(root, seen)
        return _apply(root, (*plan_install(seen, wanted), *systemd.plan_restart(managers)))


def uninstall(root: str | None, wanted: Wanted, *, dry_run: bool) -> Result:
    """Take away what was installed and nothing else; afterwards no shim is left.

    Raises:
        AccessDeniedError: The caller is not root, or something cannot be read.
    """
    seen = _read_seen(root, wanted)
    managers = systemd.read_managers() if root is None and _has_unit(seen) else ()
    if dry_run:
        return _plan(_plan_uninstall(seen, wanted, managers))
    require_root(root, "uninstall")
    with refusals(REMEDY), run_alone(root):
        seen = read_seen(root, wanted)
        clear_unfinished(root, seen)
        result = _apply(root, _plan_uninstall(seen, wanted, managers))
    if result.exit_code != UNEVALUATED_EXIT:
        asides = [aside_of(entry.path) for entry in seen.entries]
        remove_empty_folders(root, (MANIFEST, *asides, *seen.files))
        return result._replace(exit_code=0)  # what others have changed is theirs
    return result


def look(root: str | None, wanted: Wanted, programs: tuple[Program, ...]) -> Look:
    """Return the facts for a status; writes nothing and needs no rights.

    Raises:
        AccessDeniedError: Something cannot be read.
    """
    seen = _read_seen(root, wanted)
    shims = [
        (entry.path, parse_shim(entry.content.decode("ascii", "replace"))) for entry in seen.entries
    ]
    faults = [
        (path, why)
        for path, shim in shims
        if shim
        for part, program in ((shim.python, True), (shim.guard, False))
        if (why := why_unusable(root, part, program=program))
    ]
    units = systemd.read_units() if root is None else None
    return Look(wanted.version, seen, tuple(faults), programs, units, live=root is None)


def require_root(root: str | None, command: str) -> None:
    """Refuse to change this machine without root's rights.

    Raises:
        AccessDeniedError: The caller is not root.
    """
    if root is None and os.geteuid() != 0:
        raise AccessDeniedError(
            "only root can change a program of all users",
            expected="root; or --root with a tree of your own",
            remedy=f"`sudo {os.path.abspath(sys.argv[0])} {command}`",
        )


def _read_seen(root: str | None, wanted: Wanted) -> Seen:
    with refusals(REMEDY):
        return read_seen(root, wanted)


def _plan_uninstall(
    seen: Seen, wanted: Wanted, managers: tuple[systemd.Manager, ...]
) -> tuple[Step, ...]:
    plan = plan_uninstall(seen, wanted)
    return (*systemd.plan_stop(managers), *plan, *systemd.plan_reload(managers))


def _has_unit(seen: Seen) -> bool:
    return any(file is not None and path.startswith(VENDOR) for path, file in seen.files.items())


def _plan(steps: tuple[Step, ...]) -> Result:
    outcomes: list[DoneStep] = [
        DoneStep(step, "left" if step.action == "leave" else "planned") for step in steps
    ]
    return Result(tuple(outcomes), 0)


def _apply(root: str | None, steps: tuple[Step, ...]) -> Result:
    """Do the steps in their order; the first that cannot be done ends it, but for systemd's."""
    done: list[DoneStep] = []
    for at, step in enumerate(steps):
        outcome = _do(root, step)
        done.append(outcome)
        if outcome.outcome == "failed" and step.action != "run":
            rest = [DoneStep(step, "not done") for step in steps[at + 1 :]]
            return Result((*done, *rest), UNEVALUATED_EXIT)
    imperfect = any(step.outcome in ("left", "failed") for step in done)
    return Result(tuple(done), FINDINGS_EXIT if imperfect else 0)


def _do(root: str | None, step: Step) -> DoneStep:
    if step.action == "leave":
        return DoneStep(step, "left")
    if step.action == "run":
        why = systemd.run_systemctl(step.words)
        return DoneStep(step, "failed" if why else "done", why)
    try:
        apply_step(root, step)
    except OSError as error:
        return DoneStep(step, "failed", reason_of(error))
    return DoneStep(step, "done")
