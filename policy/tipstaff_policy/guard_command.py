"""What the guard does, by its command line."""

import os
import sys
from collections.abc import Mapping
from typing import get_args

from tipstaff_policy import errors
from tipstaff_policy.clients import (
    CLIENTS,
    HOMES,
    choose_clients,
    client_of_home,
    client_of_program,
    load_clients,
    only_client_with,
)
from tipstaff_policy.clients.interface.adapter import (
    Adapter,
    StartOption,
    find_working_folder,
    with_start_option,
)
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.launch import judge_each, report_result, run_in_front
from tipstaff_policy.model.request import ReadOptions, Request, this_platform
from tipstaff_policy.model.state import Platform
from tipstaff_policy.record import Record
from tipstaff_policy.system.streams import say

USAGE = """\
usage: tipstaff-guard [OPTIONS] [-- COMMAND [ARGUMENT …]]

Check the active credential against the managed policy. Where it violates, log out,
verify, and exit 10. Where it complies, exit 0, or become COMMAND.

  --client NAME          the client to judge; default: the one that COMMAND is, else
                         every known one ({clients})
  --client-version V     judge as this version; default: those that are installed
  --program PATH         judge this program of the client; default: all, or COMMAND
  --client-home DIR      the client's folder; default: where the client looks for it
{homes}
  --cwd DIR              the folder in which the client starts
  --system-root DIR      this tree stands for /
  --platform P           linux, macos or windows: whose paths hold in it
  --entry-point E        {entry_points}
  --client-option OPT    an option as given to the client (repeatable):
{start_options}
  --version, --help

examples:
  tipstaff-guard
{examples}

exit codes: 0 complies · 1 violates, and the policy only warns so far · 3 policy or
configuration invalid · 4 could not evaluate · 10 logged out · 11 log-out incomplete.
3 and 4 remove nothing, and start nothing unless the policy says so.
"""
PLATFORMS = get_args(Platform)
PROGRAM = "from tipstaff_cli.__main__ import run; run()"
"""The full program, as what Python runs."""
VALUED = (
    "--client", "--client-version", "--program", "--client-home", "--cwd", "--system-root",
    "--platform", "--entry-point", "--client-option", *HOMES,
)  # fmt: skip
OF_ONE_CLIENT = ("--client-version", "--client-home", "--entry-point")
"""What makes sense for one client alone."""


class _Arguments(Record):
    options: dict[str, str]
    start: tuple[tuple[str, str], ...]
    """Options of the client's own that say on which state it runs, as they were given."""
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
        print(_usage(), end="")  # noqa: T201 - asked for
        return 0
    if "--version" in arguments.options:
        from tipstaff_policy import __version__  # noqa: PLC0415 - rarely asked

        print(f"tipstaff-guard {__version__}")  # noqa: T201 - asked for
        return 0
    targets = [
        (adapter, _request(adapter, arguments)) for adapter in _find_asked_clients(arguments)
    ]
    if arguments.command:
        return run_in_front(
            targets,
            arguments.command,
            lambda adapter, fronted, result: _report(adapter, fronted, arguments, result),
        )

    def judge(adapter: Adapter, request: Request) -> int:
        # A rule of the user's own is carried out by the client itself.
        lean = request.read_with(lean=True, asks=True)
        return _report(adapter, lean, arguments, enforce_all(adapter, lean))

    return judge_each(targets, judge)


def _find_asked_clients(arguments: _Arguments) -> tuple[Adapter, ...]:
    """Return the clients to judge: the one that is named or started, else every known one."""
    options, command = arguments.options, arguments.command
    program = command[0] if command else options.get("--program")
    named = options.get("--client")
    of_one = [name for name in OF_ONE_CLIENT if name in options]
    of_one += [name for name, _ in arguments.start]
    for home in HOMES:
        if home in options:
            if "--client-home" in options:
                raise errors.UsageError(f"{home} and --client-home exclude each other")
            named = client_of_home(home, named, program)
    if of_one and named is None and (program is None or client_of_program(program) is None):
        named = _find_client_with(arguments)
    return choose_clients(named, program, of_one)


def _find_client_with(arguments: _Arguments) -> str | None:
    """Return the only client that has the options that were given, if there is one such."""
    entry_point = arguments.options.get("--entry-point")
    start = frozenset(name for name, _ in arguments.start)
    return only_client_with(start, entry_point) if start or entry_point else None


def _usage() -> str:
    known = load_clients()
    rows = [
        (f"{option.name} {option.value}", f"as given to {adapter.name}")
        for adapter in known
        for option in adapter.start_options
    ]
    entry_points = [name for adapter in known for name in adapter.entry_points]
    homes = [f"  {f'{home} DIR':<22} the folder of {client}" for home, client in HOMES.items()]
    return USAGE.format(
        clients=", ".join(CLIENTS),
        homes="\n".join(homes),
        entry_points=", ".join(dict.fromkeys(entry_points)),
        start_options="\n".join(f"  {option:<22} {text}" for option, text in rows),
        examples="\n".join(f"  tipstaff-guard -- {adapter.program}" for adapter in known),
    )


def _report(adapter: Adapter, request: Request, arguments: _Arguments, result: Enforcement) -> int:
    """Say what came of it; return the exit code, of the full program where that must judge."""
    code = result.exit_code
    if code in (errors.INVALID_EXIT, errors.UNEVALUATED_EXIT) and result.needs_library:
        if _full_program():
            # It answers for this very start as well: what it reads may be of no use to it.
            return _hand_over(adapter, request, arguments)
        return report_result(request, result, "guard")
    if _lacks_lines(result):
        result = enforce_all(adapter, request.read_with(detail="lines"))  # once more, with the line
    return report_result(request, result, "guard")


def _lacks_lines(result: Enforcement) -> bool:
    """Return whether rules were read without their lines, as a log-out has no need to be asked."""
    if result.exit_code == errors.INVALID_EXIT:
        return not result.policy_faults
    rules = result.exit_code in (errors.FINDINGS_EXIT, errors.INCOMPLETE_EXIT)
    return rules and all(step.path is None and step.action == "keep" for step in result.steps)


def _parse(words: list[str]) -> _Arguments:
    options: dict[str, str] = {}
    start: list[tuple[str, str]] = []
    pending = list(reversed(words))
    while pending:
        word = pending.pop()
        name, equals, value = word.partition("=")
        if word == "--":
            return _Arguments(options, tuple(start), tuple(reversed(pending)))
        if word in ("--help", "-h", "--version"):
            options["--version" if word == "--version" else "--help"] = ""
        elif name in VALUED and (equals or pending):
            value = value if equals else pending.pop()
            if name == "--client-option":
                option, _, of_option = value.partition("=")
                start.append((option, of_option))
            else:
                options[name] = value
        elif takes := _start_options().get(name):
            if takes == "value" and not (equals or pending):
                raise _make_unknown_error(word)
            start.append((name, value if equals or takes == "none" else pending.pop()))
        else:
            raise _make_unknown_error(word)
    return _Arguments(options, tuple(start), ())


def _start_options() -> Mapping[str, str]:
    """Return the options of every known client that say on which state it runs."""
    known = load_clients()  # rare: a shim gives none
    return {
        option.name: "value" if option.value else "none"
        for adapter in known
        for option in adapter.start_options
    }


def _make_unknown_error(word: str) -> errors.UsageError:
    return errors.UsageError(
        f"unknown or incomplete option {word!r}",
        expected=", ".join((*VALUED, *_start_options())),
        remedy="see `tipstaff-guard --help`; a command stands behind `--`",
    )


def _choice(options: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = options.get(name)
    if value is not None and value not in choices:
        raise errors.UsageError(f"{name} {value!r} is unknown", expected=", ".join(choices))
    return value


def _require_root(folder: str) -> None:
    """Require a folder that can stand for /.

    Raises:
        UsageError: It cannot; then nothing that is said of it would be true of a host.
    """
    from tipstaff_policy.system.image_roots import why_no_root  # noqa: PLC0415 - images only

    if why := why_no_root(folder):
        raise errors.UsageError(f"{folder} {why}", expected="a tree that stands for /")


def _request(adapter: Adapter, arguments: _Arguments) -> Request:
    import time  # noqa: PLC0415 - built in; named here where the clock is read

    options = arguments.options
    root = options.get("--system-root")
    home = next((options[name] for name in ("--client-home", *HOMES) if name in options), None)
    if root and "--program" in options:
        raise errors.UsageError("--program names a program of this machine, not of an image")
    if root and not os.path.isdir(os.path.join(root, "etc")):  # most have it, and are one
        _require_root(root)
    entry_point = _choice(options, "--entry-point", adapter.entry_points)
    request = Request(
        env=os.environ,
        cwd=find_working_folder(options.get("--cwd", root or ".")),
        now=int(time.time()),
        client_version=options.get("--client-version"),
        system_root=find_working_folder(root) if root else None,
        client_home=find_working_folder(home) if home else None,
        entry_point=entry_point or adapter.entry_points[0],
        program=options.get("--program"),
        platform=_choice(options, "--platform", PLATFORMS) or this_platform(),  # type: ignore[arg-type]
        options=ReadOptions(hands_over=_full_program() is not None),
    )
    return _apply_options(adapter, request, arguments.start) if arguments.start else request


def _apply_options(
    adapter: Adapter, request: Request, start: tuple[tuple[str, str], ...]
) -> Request:
    """Return the request with what options of the client's own say."""
    table = {option.name: option for option in adapter.start_options}
    for name, value in start:
        if name not in table:
            raise errors.UsageError(f"{adapter.name} has no option {name}")
        request = with_start_option(request, table[name], value)
    return request


def _full_program() -> str | None:
    """Return the full program that was installed next to this one, which reads TOML 1.1."""
    if sys.platform == "win32":
        packages = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        return sys.executable if os.path.isdir(f"{packages}/tipstaff_cli") else None
    for nearby in (sys.argv[0], sys.executable):
        path = os.path.join(os.path.dirname(os.path.abspath(nearby)), "tipstaff")
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _hand_over(adapter: Adapter, request: Request, arguments: _Arguments) -> int:
    """Let the full program judge, with the same state; return its exit code."""
    program = _full_program() or ""
    words = [program, *_of_module(), "enforce", "--in-front", "--client", adapter.name]
    words += ["--cwd", request.cwd, "--process-cwd", request.started_in]
    for name in ("--client-version", "--client-home", "--system-root", "--platform", *HOMES):
        if name in arguments.options:
            words += [name, arguments.options[name]]
    words += ["--entry-point", request.entry_point]
    if request.program is not None and not request.system_root:
        words += ["--program", request.program]
    for option in adapter.start_options:
        words += _translate_options(option, request)
    words += ["--", *arguments.command] if arguments.command else []
    if sys.platform == "win32":
        return _run_there(words, request)
    child = os.posix_spawn(program, words, _isolate(request.env), file_actions=_to_stderr())
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _of_module() -> tuple[str, ...]:
    """Return the words that make Python the full program, where that is no script."""
    return ("-I", "-c", PROGRAM) if sys.platform == "win32" else ()


def _run_there(words: list[str], request: Request) -> int:
    """Run the full program on Windows; return its exit code."""
    import subprocess  # noqa: PLC0415 - where the full program is needed

    output = subprocess.DEVNULL if sys.stderr is None else sys.stderr
    done = subprocess.run(  # noqa: S603 - this very Python
        words, check=False, env=_isolate(request.env), stdout=output, stderr=output
    )
    return done.returncode


def _translate_options(option: StartOption, request: Request) -> list[str]:
    """Return the words by which the full program hears what an option of the client says."""
    value: object = getattr(request, option.field)
    given = value if isinstance(value, tuple) else (value,) if value else ()
    words = (f"{option.name}={said}" if option.value else option.name for said in given)
    return [f"--client-option={word}" for word in words]


def _to_stderr() -> list[tuple[int, int, int] | tuple[int, int, str, int, int]]:
    """Return what leads the standard output of a program to where messages go, if anywhere."""
    if sys.stderr is None:  # closed, so that the number may be any file's by now
        return [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    return [(os.POSIX_SPAWN_DUP2, 2, 1)]


def _isolate(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing but the full program itself answers.

    Its exit code is believed, which a module of the user's could give in its place; and so could
    the completion of its command line, which a variable asks for.
    """
    foreign = ("PYTHON", "_TIPSTAFF", "_TYPER")
    kept = {name: value for name, value in env.items() if not name.startswith(foreign)}
    return {**kept, "PYTHONNOUSERSITE": "1", "PYTHONSAFEPATH": "1"}
