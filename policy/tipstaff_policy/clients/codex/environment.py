"""What the `.env` file of the client's folder makes of its environment and of its folder.

Source: tests/conformance/test_dotenv.py and test_folders.py (client 0.169.0 and 0.171.0).
"""

import os
import re
import sys
from collections.abc import Mapping

from tipstaff_policy.clients.codex.dotenv import Assignment, Loaded, parse_dotenv
from tipstaff_policy.clients.codex.locations import (
    DOTENV,
    FOLDER,
    IMAGE,
    USERS_HOME,
    Home,
    Settled,
    dotenv_place,
    user_home,
)
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, Fault, UnreadableCredential
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import TooLargeError, open_regular, show_path
from tipstaff_policy.system.owners.loose_places import loose_places

SIZE_LIMIT = 1 << 20
"""Bytes of the file; the client has no limit, and a larger one makes the folder uncertain."""
SEARCHED = 64 << 20
"""Bytes of a larger file that are searched for folders that it may name."""
NAMED = re.compile(rb"HOME[ \t]*=[ \t]*[\"']?(/[!%&(-\[\]^-~]{0,4096})")
FOLDERS = 8
"""Folders in a chain of such files: the client's own further processes each go one further."""
OF_THE_ACCOUNT = ("HOME", "USER", "LOGNAME")
"""The variables that every session of a user has, in an audit by any account."""


class _Step(Record):
    """One folder and what its file makes of the environment."""

    home: Home
    env: Mapping[str, str]
    """After the file, where there is one."""
    loaded: Loaded
    moves: Assignment | None = None
    """The assignment that names another folder."""


def settle_environment(request: Request, home: Home) -> Settled:
    """Return what the client ends up with whose folder has such a file.

    Raises:
        EvaluationError: Root, without a request, would act where others can change the path.
    """
    own = not request.system_root and not request.options.unasked
    try:
        steps = _steps(request, home, _before(request, home, own=own))
    except TooLargeError as error:
        why = f"is {error.strerror}, so which folder the client uses is not known"
        return Settled(
            request,
            home,
            request.env if own else {},
            further=_perhaps_named(request, home),
            faults=_explain_unknown(home, why),
            unread=_make_unread_credential(home, why),
        )
    first = steps[0]
    used = steps[1].home if len(steps) > 1 else home
    _require_safe_way(request, home, used)
    set_here = {assignment.name: assignment.value for assignment in first.loaded.assignments}
    others = [step.home.path for step in steps if step.home.path != used.path]
    why = _in_doubt(first, own=own)
    return Settled(
        request._replace(env={**request.env, **set_here}),
        used,
        first.env if own else set_here,
        further=tuple(dict.fromkeys(others)),
        faults=(*_faults(home, first.loaded), *_explain_unknown(home, why)),
        unread=_make_unread_credential(home, why),
    )


def _before(request: Request, home: Home, *, own: bool) -> Mapping[str, str]:
    """Return what is known of the environment before the file is read."""
    if own:
        return request.env
    if request.system_root:
        return {"HOME": os.path.dirname(show_path(home.path, request.system_root))}
    return {name: request.env[name] for name in OF_THE_ACCOUNT if name in request.env}


def _steps(request: Request, home: Home, env: Mapping[str, str]) -> list[_Step]:
    """Return the folder that is found first, then each that the file in the one before names."""
    complete = not request.system_root and not request.options.unasked
    # On Windows the system, not a variable, knows the user's home.
    movable = home.named_by in (USERS_HOME, IMAGE) and request.platform != "windows"
    steps: list[_Step] = []
    while len(steps) < FOLDERS:
        loaded = _load(request, home, env, complete=complete)
        env = {**env, **{assignment.name: assignment.value for assignment in loaded.assignments}}
        moves = next(
            (
                assignment
                for assignment in reversed(loaded.assignments)
                if assignment.name == "HOME"
            ),
            None,
        )
        steps.append(_Step(home, env, loaded, moves if movable else None))
        if not moves or not movable:
            break
        home = _move_home(request, home, env, moves)
        if home.path in [step.home.path for step in steps]:
            break
    return steps


def _perhaps_named(request: Request, home: Home) -> tuple[str, ...]:
    """Return the folders that a file which is too large may name, whatever stands around them."""
    root = (request.system_root or "").rstrip("/")
    if home.named_by not in (USERS_HOME, IMAGE):
        return ()
    try:
        with open_regular(dotenv_place(request, home.path), sys.maxsize) as file:
            found = NAMED.findall(file.read(SEARCHED))
    except OSError:
        return ()
    named = dict.fromkeys(f"{root}{os.fsdecode(folder)}/{FOLDER}" for folder in reversed(found))
    return tuple(path for path in named if os.path.isdir(path) and path != home.path)[:FOLDERS]


def _load(request: Request, home: Home, env: Mapping[str, str], *, complete: bool) -> Loaded:
    """Return what the client loads; what it cannot read it ignores, line by line.

    Raises:
        TooLargeError: The file is larger than this program reads.
    """
    try:
        with open_regular(dotenv_place(request, home.path), SIZE_LIMIT) as file:
            return parse_dotenv(file, env, complete=complete)
    except TooLargeError:
        raise
    except OSError:
        return Loaded(())


def _move_home(request: Request, home: Home, env: Mapping[str, str], moves: Assignment) -> Home:
    """Return the client's folder below the home that a file names."""
    by = f"HOME in {show_path(home.path, request.system_root)}/{DOTENV}:{moves.line}"
    root = request.system_root
    if root is None:
        return Home(f"{user_home(request._replace(env=env))}/{FOLDER}", by)
    named = os.path.normpath(f"/{env['HOME']}") if env["HOME"] else ""
    return Home(f"{root.rstrip('/')}{named}/{FOLDER}", by) if named else home


def _require_safe_way(request: Request, home: Home, used: Home) -> None:
    """Refuse that root, without the user's request, acts in a folder that others can change."""
    if (
        not request.options.unasked
        or sys.platform == "win32"
        or os.geteuid()
        or used.path == home.path
    ):
        return
    loose = loose_places(used.path) or ()
    if loose:
        raise EvaluationError(
            f"{used.named_by} leads root to a folder that others can change: {loose[0]}",
            where=used.path,
            remedy=f"take HOME out of {home.path}/{DOTENV}",
        )


def _faults(home: Home, loaded: Loaded) -> tuple[Fault, ...]:
    if loaded.stops is None:
        return ()
    what = "a value holds the character NUL, which no variable can"
    where = f"{home.path}/{DOTENV}:{loaded.stops}"
    return (Fault(what, where, "refuse", "a text", "correct the line"),)


def _in_doubt(first: _Step, *, own: bool) -> str:
    """Return why the folder that a file names is unknown; empty if it is known."""
    if first.moves is None:
        return ""
    why = first.moves.doubt
    if not why and not own and first.moves.value and not first.moves.value.startswith("/"):
        why = "the folder in which the client is started is not known here"
    return f"names the client's folder by HOME in line {first.moves.line}, and {why}" if why else ""


def _explain_unknown(home: Home, why: str) -> tuple[Fault, ...]:
    """Return that nothing can be foretold where the folder is not known."""
    remedy = "let HOME name a folder from the root on, without other variables, or take it out"
    return (Fault(why, f"{home.path}/{DOTENV}", "unknown", remedy=remedy),) if why else ()


def _make_unread_credential(home: Home, why: str) -> Credential | None:
    """Return what stands for all that a folder may hold that is not known."""
    content = UnreadableCredential(why, "unknown")
    return Credential(DOTENV, f"{home.path}/{DOTENV}", content) if why else None
