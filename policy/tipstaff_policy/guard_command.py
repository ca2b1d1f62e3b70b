"""What the guard does, by its command line."""

import os
import sys
from collections.abc import Mapping
from typing import get_args

from tipstaff_policy import errors
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.adapter import Adapter, working_folder
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.launch import run_in_front, tell
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.model.state import EntryPoint, Platform
from tipstaff_policy.record import Record
from tipstaff_policy.system.streams import say

USAGE = """\
usage: tipstaff-guard [OPTIONS] [-- COMMAND [ARGUMENT …]]

Check the active credential against the managed policy. Where it violates, log out,
verify, and exit 10. Where it complies, exit 0, or become COMMAND.

  --client NAME          the client to judge (default: codex)
  --client-version V     judge as this version; default: those that are installed
  --program PATH         judge this program of the client; default: all, or COMMAND
  --codex-home DIR       the client's folder; default: CODEX_HOME, then ~/.codex
  --cwd DIR              the folder in which the client starts
  --system-root DIR      this tree stands for /
  --platform P           linux, macos or windows: whose paths hold in it
  --profile NAME         the profile given to the client
  --entry-point E        exec, interactive, app-server or status
  -c KEY=VALUE           as given to the client (repeatable)
  --version, --help

examples:
  tipstaff-guard
  tipstaff-guard -- codex exec "fix the tests"

exit codes: 0 complies · 1 violates, and the policy only warns so far · 3 policy or
configuration invalid · 4 could not evaluate · 10 logged out · 11 log-out incomplete.
3 and 4 remove nothing, and start nothing unless the policy says so.
"""
CHOICES: dict[str, tuple[str, ...]] = {
    "--platform": get_args(Platform),
    "--entry-point": get_args(EntryPoint),
}
VALUED = (
    "--client", "--client-version", "--program", "--codex-home", "--cwd", "--system-root",
    "--profile", *CHOICES, "-c",
)  # fmt: skip


class _Arguments(Record):
    options: dict[str, str]
    overrides: tuple[str, ...]
    command: tuple[str, ...]


def main() -> int:
    """Run the guard; every failure ends in its own exit code, none in a traceback."""
    try:
        return _run(sys.argv[1:])
    except errors.TipstaffError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return errors.INTERRUPTED_EXIT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        return errors.CLOSED_PIPE_EXIT
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback reaches a user
        say(f"error: internal error ({type(error).__name__}); nothing was started")
        return errors.INTERNAL_EXIT


def _run(words: list[str]) -> int:
    arguments = _parse(words)
    if "--help" in arguments.options:
        print(USAGE, end="")  # noqa: T201 - asked for
        return 0
    if "--version" in arguments.options:
        from tipstaff_policy import __version__  # noqa: PLC0415 - rarely asked

        print(f"tipstaff-guard {__version__}")  # noqa: T201 - asked for
        return 0
    adapter = load_client(arguments.options.get("--client", "codex"))
    request = _request(arguments)
    if not arguments.command:
        # A rule of the user's own is carried out by the client itself.
        lean = request._replace(lean=True, asks=True)
        return _report(adapter, lean, arguments, enforce_all(adapter, lean))
    return run_in_front(
        adapter,
        request,
        arguments.command,
        lambda fronted, result: _report(adapter, fronted, arguments, result),
    )


def _report(adapter: Adapter, request: Request, arguments: _Arguments, result: Enforcement) -> int:
    """Say what came of it; return the exit code, of the full program where that must judge."""
    code = result.exit_code
    if code in (errors.INVALID_EXIT, errors.UNEVALUATED_EXIT) and result.needs_library:
        if _full_program():
            # It answers for this very start as well: what it reads may be of no use to it.
            return _hand_over(request, arguments)
        return tell(request, result, "guard")
    if _lacks_lines(result):
        result = enforce_all(adapter, request._replace(detail="lines"))  # once more, with the line
    return tell(request, result, "guard")


def _lacks_lines(result: Enforcement) -> bool:
    """Return whether rules were read without their lines, as a log-out has no need to be asked."""
    if result.exit_code == errors.INVALID_EXIT:
        return not result.policy_faults
    rules = result.exit_code in (errors.FINDINGS_EXIT, errors.INCOMPLETE_EXIT)
    return rules and all(step.path is None and step.action == "keep" for step in result.steps)


def _parse(words: list[str]) -> _Arguments:
    options: dict[str, str] = {}
    overrides: list[str] = []
    pending = list(reversed(words))
    while pending:
        word = pending.pop()
        name, equals, value = word.partition("=")
        if word == "--":
            return _Arguments(options, tuple(overrides), tuple(reversed(pending)))
        if word in ("--help", "-h", "--version"):
            options["--version" if word == "--version" else "--help"] = ""
        elif name in VALUED and (equals or pending):
            value = value if equals else pending.pop()
            if value not in CHOICES.get(name, (value,)):
                raise errors.UsageError(
                    f"{name} {value!r} is unknown", expected=", ".join(CHOICES[name])
                )
            overrides += [value] if name == "-c" else []
            options[name] = value
        else:
            raise errors.UsageError(
                f"unknown or incomplete option {word!r}",
                expected=", ".join(VALUED),
                remedy="see `tipstaff-guard --help`; a command stands behind `--`",
            )
    return _Arguments(options, tuple(overrides), ())


def _request(arguments: _Arguments) -> Request:
    import time  # noqa: PLC0415 - built in; named here where the clock is read

    options = arguments.options
    root = options.get("--system-root")
    home = options.get("--codex-home")
    if root and "--program" in options:
        raise errors.UsageError("--program names a program of this machine, not of an image")
    return Request(
        env=os.environ,
        cwd=working_folder(options.get("--cwd", root or ".")),
        now=int(time.time()),
        client_version=options.get("--client-version"),
        system_root=working_folder(root) if root else None,
        client_home=working_folder(home) if home else None,
        overrides=arguments.overrides,
        entry_point=options.get("--entry-point", "exec"),  # type: ignore[arg-type]
        profile=options.get("--profile"),
        program=options.get("--program"),
        hands_over=_full_program() is not None,
        platform=options.get("--platform") or this_platform(),  # type: ignore[arg-type]
    )


def _full_program() -> str | None:
    """Return the full program that was installed beside this one, which reads TOML 1.1."""
    for beside in (sys.argv[0], sys.executable):
        path = os.path.join(os.path.dirname(os.path.abspath(beside)), "tipstaff")
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _hand_over(request: Request, arguments: _Arguments) -> int:
    """Let the full program judge, with the same state; return its exit code."""
    program = _full_program() or ""
    words = [program, "enforce", "--in-front"]
    words += ["--cwd", request.cwd, "--process-cwd", request.started_in]
    for name in ("--client", "--client-version", "--codex-home", "--system-root", "--platform"):
        if name in arguments.options:
            words += [name, arguments.options[name]]
    for override in request.overrides:
        words += ["-c", override]
    words += ["--entry-point", request.entry_point]
    words += (
        [] if request.program is None or request.system_root else ["--program", request.program]
    )
    words += [] if request.profile is None else ["--profile", request.profile]
    words += ["--ignore-user-config"] if request.ignore_user_config else []
    words += ["--", *arguments.command] if arguments.command else []
    child = os.posix_spawn(program, words, _isolating(request.env), file_actions=_to_stderr())
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _to_stderr() -> list[tuple[int, int, int] | tuple[int, int, str, int, int]]:
    """Return what leads the standard output of a program to where messages go, if anywhere."""
    if sys.stderr is None:  # closed, so that the number may be any file's by now
        return [(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_WRONLY, 0) for each in (1, 2)]
    return [(os.POSIX_SPAWN_DUP2, 2, 1)]


def _isolating(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing but the full program itself answers.

    Its exit code is believed, which a module of the user's could give in its place; and so could
    the completion of its command line, which a variable asks for.
    """
    foreign = ("PYTHON", "_TIPSTAFF", "_TYPER")
    kept = {name: value for name, value in env.items() if not name.startswith(foreign)}
    return {**kept, "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1"}
