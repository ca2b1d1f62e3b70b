"""The ``tipstaff`` program: its commands, and the one place that turns failures into exit codes."""

import gc
import io
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

from tipstaff_cli.shared.drawing import load_drawing
from tipstaff_cli.shared.usage_errors import text_of_library, with_help
from tipstaff_policy import __version__, errors
from tipstaff_policy.record import Record
from tipstaff_policy.system.streams import say


class Entry(Record):
    """A command or a group of them: where it is, and the line by which a list shows it."""

    module: str
    member: str
    help: str
    """What the command says of itself; `tests/cli/test_start.py` holds both to be the same."""


COMMANDS = {
    "exec": Entry(
        "commands.exec",
        "exec_",
        "Enforce, take away what the policy forbids from the environment, become COMMAND.",
    ),
    "audit": Entry(
        "commands.audit",
        "audit",
        "Say what the client will do here, and what is wrong. Changes nothing.",
    ),
    "enforce": Entry(
        "commands.enforce",
        "enforce",
        "Log out of every store whose credential violates the policy, and prove it.",
    ),
    "login": Entry(
        "commands.login",
        "login",
        "Sign in by the client's own login, where the policy allows it; by a browser unless told.",
    ),
    "logout": Entry(
        "commands.logout",
        "logout",
        "Log out of every store, in force or not, and prove it, even if the client itself refuses.",
    ),
    "watch": Entry(
        "commands.watch",
        "watch",
        "Enforce now, and again after every change of a file or keyring that the decision reads.",
    ),
    "why": Entry(
        "commands.policy.show",
        "why",
        "Explain in a sentence what happens to your sign-in here, what to do, and whom to ask.",
    ),
    "doctor": Entry(
        "commands.doctor",
        "doctor",
        "Say what Tipstaff can see and do here: good, bad, or cannot tell.",
    ),
    "install": Entry(
        "commands.install",
        "install",
        "Put the guard in front of every client here, and start the watch; repair what is there.",
    ),
    "uninstall": Entry(
        "commands.install",
        "uninstall",
        "Take away what `tipstaff install` made, and put every client back in its place.",
    ),
    "status": Entry(
        "commands.install",
        "status",
        "Say whether all is as it was installed, and which clients start without the guard.",
    ),
    "schema": Entry(
        "commands.describe",
        "schema",
        "Print the JSON Schema of a document: `tipstaff schema report`.",
    ),
    "policy": Entry(
        "commands.policy.group",
        "app",
        "What is in force and why; writing, proving and shipping a policy.",
    ),
    "report": Entry("commands.report", "app", "Saved reports: convert, merge, diff, verify."),
    "fleet": Entry("commands.fleet.group", "app", "Reports of many hosts: gather them, and ask."),
    "waiver": Entry("commands.waiver", "app", "Waivers that the helpdesk gave you."),
    "client": Entry("commands.client", "app", "The client programs, and what versions change."),
    "credentials": Entry(
        "commands.credentials", "app", "Logins: where they lie, copies of them, moving them."
    ),
    "checks": Entry("commands.describe", "checks", "The checks that there are."),
}


class Commands(TyperGroup):
    """All commands by name and a line of help each; what one needs is loaded when it is asked for.

    All of them together take several times as long as to show the help or to complete a word.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._completes_a_command = False
        self.commands = {
            name: TyperCommand(name=name, help=entry.help) for name, entry in COMMANDS.items()
        }

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the program itself."""
        load_drawing()
        super().format_help(ctx, formatter)

    def get_params(self, ctx: Any) -> Any:
        """Return the program's own options; none while a word is completed behind them."""
        return [] if self._completes_a_command else super().get_params(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the program's own options where there are some, or where they have an effect."""
        self._completes_a_command = ctx.resilient_parsing and not "".join(args[:1]).startswith("-")
        try:
            return super().parse_args(ctx, args)
        finally:
            self._completes_a_command = False

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is asked for, loaded."""
        if args[0] in COMMANDS:
            self.commands[args[0]] = load_command(args[0])
        return super().resolve_command(ctx, args)


def load_command(name: str) -> Any:
    """Return a command that can be run, or a group of them."""
    entry = COMMANDS[name]
    command = getattr(import_module(f"tipstaff_cli.{entry.module}"), entry.member)
    gc.freeze()  # what is loaded by now stays
    gc.enable()
    # By a program around it, because only that makes of a function what a group holds.
    around = typer.Typer(callback=lambda: None, add_completion=False)
    if isinstance(command, typer.Typer):
        around.add_typer(command, name=name)
    else:
        # What stands behind the name of `exec` is the command's own.
        own = {"allow_interspersed_args": False} if name == "exec" else {}
        around.command(name=name, context_settings=own)(command)
    return get_group(around).commands[name]


app = typer.Typer(
    name="tipstaff",
    cls=Commands,
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


def main() -> int:
    """Run the program and return its exit code; no traceback reaches a user."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale: reports are UTF-8
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
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
