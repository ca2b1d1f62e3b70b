"""The ``tipstaff`` program: its commands, and the one place that turns failures into exit codes."""

import io
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from tipstaff_cli.usage_errors import text_of_library, with_help
from tipstaff_policy import __version__, errors
from tipstaff_policy.streams import say

COMMANDS = {
    "exec": ("fronting", "exec_"),
    "audit": ("audit", "audit"),
    "enforce": ("enforce", "enforce"),
    "login": ("login", "login"),
    "logout": ("logout", "logout"),
    "watch": ("watch", "watch"),
    "why": ("policy", "why"),
    "doctor": ("doctor", "doctor"),
    "install": ("setup", "install"),
    "uninstall": ("setup", "uninstall"),
    "status": ("setup", "status"),
    "schema": ("describe", "schema"),
    "policy": ("policy_commands", "app"),
    "report": ("reports", "app"),
    "waiver": ("waivers", "app"),
    "client": ("client", "app"),
    "credentials": ("credentials", "app"),
    "checks": ("describe", "checks"),
}
"""Each command or group: the module and what is in it, loaded when it is asked for."""

app = typer.Typer(
    name="tipstaff",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Who may sign in to an AI coding client here, and is it so?",
)


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"tipstaff {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


def _add_commands(words: Sequence[str]) -> None:
    """Give the program its commands: of a command line that begins with one, that one alone.

    All of them together cost half of the time that an audit takes.
    """
    asked = next((each for each in words if not each.startswith("-")), "")
    names = (asked,) if asked in COMMANDS else COMMANDS
    for name in names:
        module, member = COMMANDS[name]
        _add(name, getattr(import_module(f"tipstaff_cli.{module}"), member))


def _add(name: str, command: Any) -> None:
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
        return
    # What stands behind the name of `exec` is the command's own.
    own = {"allow_interspersed_args": False} if name == "exec" else {}
    app.command(name=name, context_settings=own)(command)


def main() -> int:
    """Run the program and return its exit code; no traceback reaches a user."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale: reports are UTF-8
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        _add_commands(sys.argv[1:])
        code = app(standalone_mode=False)
    except errors.UsageError as error:
        return _fail(str(with_help(error, sys.argv[1:])), error.exit_code)
    except errors.TipstaffError as error:
        return _fail(str(error), error.exit_code)
    except TyperException as error:
        return _fail(text_of_library(error, sys.argv[1:]), errors.USAGE_EXIT)
    except (typer.Abort, KeyboardInterrupt):
        return errors.INTERRUPTED_EXIT
    except Exception as error:  # noqa: BLE001 - the last resort
        return _fail(f"error: internal error ({type(error).__name__})", errors.INTERNAL_EXIT)
    return code if isinstance(code, int) else 0


def _fail(text: str, code: int) -> int:
    if text:
        say(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
