"""Installing, uninstalling and looking, from beginning to end."""

import os
import sys
from contextlib import AbstractContextManager

from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    UNEVALUATED_EXIT,
    AccessDeniedError,
    EvaluationError,
    reason_of,
)
from tipstaff_policy.installation.apply import (
    alone,
    apply_step,
    clear_unfinished,
    refusals,
    remove_empty_folders,
)
from tipstaff_policy.installation.model import Manager, Outcome, Seen, Step, Wanted
from tipstaff_policy.installation.plan import plan_install, plan_uninstall
from tipstaff_policy.installation.platforms import load_platform
from tipstaff_policy.installation.platforms.interface import HostPlatform
from tipstaff_policy.installation.status import Look
from tipstaff_policy.installation.survey import read_seen, why_unusable
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.record import Record

REMEDY = "fix that, and run it again as {needed}"


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
    platform = load_platform(wanted.platform)
    if not dry_run:
        require_root(root, "install", platform)
    for path, program in ((wanted.python, True), (wanted.guard, False)):
        if why := why_unusable(root, path, platform.name, program=program):
            needed = platform.rights.needed
            raise EvaluationError(
                f"it cannot guard all users: {why}",
                where=path,
                expected="a file that all users can read; "
                f"only {needed} can change it and its folders",
                remedy=f"install Tipstaff apart: `{platform.apart}`, "
                f"then `{platform.apart_program} install`",
            )
    services = platform.services
    managers = services.read_managers() if root is None and wanted.files else ()
    if dry_run:
        steps = (*plan_install(_seen(root, wanted), wanted), *services.plan_restart(managers))
        return _planned(steps)
    with _refusals(platform), alone(root, platform.places.state):
        seen = read_seen(root, wanted)
        clear_unfinished(root, seen, platform.places)
        steps = (*plan_install(seen, wanted), *services.plan_restart(managers))
        return _apply(root, steps, platform)


def uninstall(root: str | None, wanted: Wanted, *, dry_run: bool) -> Result:
    """Take away what was installed and nothing else; afterwards no shim is left.

    Raises:
        AccessDeniedError: The caller is not root, or something cannot be read.
    """
    platform, seen = load_platform(wanted.platform), _seen(root, wanted)
    live = root is None and _has_service(seen, platform)
    managers = platform.services.read_managers() if live else ()
    if dry_run:
        return _planned(_uninstalling(seen, wanted, managers))
    require_root(root, "uninstall", platform)
    places = platform.places
    with _refusals(platform), alone(root, places.state):
        seen = read_seen(root, wanted)
        clear_unfinished(root, seen, places)
        result = _apply(root, _uninstalling(seen, wanted, managers), platform)
    if result.exit_code != UNEVALUATED_EXIT:
        asides = [places.aside_of(entry.path) for entry in seen.entries]
        inside = [f"{folder}/" for folder in places.made]
        paths = (places.manifest, *asides, *seen.files, *inside)
        remove_empty_folders(root, paths, places.kept)
        return result._replace(exit_code=0)  # what others have changed is theirs
    return result


def look(root: str | None, wanted: Wanted, programs: tuple[Program, ...]) -> Look:
    """Return the facts for a status; writes nothing and needs no rights.

    Raises:
        AccessDeniedError: Something cannot be read.
    """
    platform, seen = load_platform(wanted.platform), _seen(root, wanted)
    shims = [(entry.path, platform.fronting.parse_shim(entry.content)) for entry in seen.entries]
    faults = [
        (path, why)
        for path, shim in shims
        if shim
        for part, program in ((shim.python, True), (shim.guard, False))
        if (why := why_unusable(root, part, platform.name, program=program))
    ]
    live = root is None
    states = platform.services.read_states() if live else None
    return Look(wanted.version, seen, tuple(faults), programs, states, live, platform.name)


def require_root(root: str | None, command: str, platform: HostPlatform) -> None:
    """Refuse to change this machine without an administrator's rights.

    Raises:
        AccessDeniedError: The caller does not have them.
    """
    rights = platform.rights
    if root is None and not rights.are_held():
        raise AccessDeniedError(
            f"only {rights.needed} can change a program of all users",
            expected=f"{rights.needed}; or --root with a tree of your own",
            remedy=f"`{rights.prefix}{os.path.abspath(sys.argv[0])} {command}`",
        )


def _refusals(platform: HostPlatform) -> AbstractContextManager[None]:
    return refusals(REMEDY.format(needed=platform.rights.needed))


def _seen(root: str | None, wanted: Wanted) -> Seen:
    with _refusals(load_platform(wanted.platform)):
        return read_seen(root, wanted)


def _uninstalling(seen: Seen, wanted: Wanted, managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    services = load_platform(wanted.platform).services
    plan = plan_uninstall(seen, wanted)
    return (*services.plan_stop(managers), *plan, *services.plan_reload(managers))


def _has_service(seen: Seen, platform: HostPlatform) -> bool:
    folders = platform.places.services
    return any(file is not None and path.startswith(folders) for path, file in seen.files.items())


def _planned(steps: tuple[Step, ...]) -> Result:
    outcomes: list[DoneStep] = [
        DoneStep(step, "left" if step.action == "leave" else "planned") for step in steps
    ]
    return Result(tuple(outcomes), 0)


def _apply(root: str | None, steps: tuple[Step, ...], platform: HostPlatform) -> Result:
    """Do the steps in their order; the first that fails ends it, but for those of a manager."""
    done: list[DoneStep] = []
    for at, step in enumerate(steps):
        outcome = _do(root, step, platform)
        done.append(outcome)
        if outcome.outcome == "failed" and step.action != "run":
            rest = [DoneStep(each, "not done") for each in steps[at + 1 :]]
            return Result((*done, *rest), UNEVALUATED_EXIT)
    imperfect = any(each.outcome in ("left", "failed") for each in done)
    return Result(tuple(done), FINDINGS_EXIT if imperfect else 0)


def _do(root: str | None, step: Step, platform: HostPlatform) -> DoneStep:
    if step.action == "leave":
        return DoneStep(step, "left")
    if step.action == "run":
        why = platform.services.run(step.words)
        return DoneStep(step, "failed" if why else "done", why)
    try:
        apply_step(root, step)
    except OSError as error:
        return DoneStep(step, "failed", reason_of(error))
    return DoneStep(step, "done")
