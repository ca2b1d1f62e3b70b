"""The ``tipstaff`` program: its commands, and the one place that turns failures into exit codes."""

import gc
import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

from tipstaff_cli.shared.help_pages import ORDER, lay_out
from tipstaff_cli.shared.lean_libraries import load_no_plugins, read_what_is_given
from tipstaff_cli.shared.usage_errors import text_of_library, with_help, with_way_out
from tipstaff_policy import __version__, errors, load_part
from tipstaff_policy.late_patterns import load_readers
from tipstaff_policy.record import Record
from tipstaff_policy.system.streams import say


class Entry(Record):
    """A command or a group of them: where it is, and the line by which a list shows it."""

    module: str
    member: str
    help: str
    """The first paragraph of the command's own help; `tests/cli/test_start.py` compares both."""
    reader: str
    """The heading of the list: for whom it is."""


SELF, HOST, AUTHOR, EVIDENCE, _ = ORDER


COMMANDS = {
    "audit": Entry(
        "commands.audit",
        "audit",
        "Report what the client will do on this host, and what is wrong; change nothing.",
        HOST,
    ),
    "enforce": Entry(
        "commands.enforce",
        "enforce",
        "Log out of every store whose credential violates the policy, and verify the log-out.",
        HOST,
    ),
    "why": Entry(
        "commands.policy.show",
        "why",
        "Explain what happens to your sign-in on this host, what to do, and whom to ask.",
        SELF,
    ),
    "login": Entry(
        "commands.login",
        "login",
        "Sign in with the client's own login, if the policy allows it.",
        SELF,
    ),
    "logout": Entry(
        "commands.logout",
        "logout",
        "Log out of every store, even if the client refuses, and verify the log-out.",
        SELF,
    ),
    "watch": Entry(
        "commands.watch",
        "watch",
        "Enforce now, and again after every change that can affect the decision.",
        HOST,
    ),
    "exec": Entry(
        "commands.exec",
        "exec_",
        "Enforce, remove forbidden variables from the environment, and run COMMAND.",
        HOST,
    ),
    "doctor": Entry(
        "commands.doctor", "doctor", "Diagnose what Tipstaff can see and do on this host.", HOST
    ),
    "install": Entry(
        "commands.install",
        "install",
        "Install or repair the guard in front of every client, and its services.",
        HOST,
    ),
    "uninstall": Entry(
        "commands.install",
        "uninstall",
        "Remove what `tipstaff install` made, and restore every client.",
        HOST,
    ),
    "status": Entry(
        "commands.install",
        "status",
        "Show whether the installation is intact, and list unguarded clients.",
        HOST,
    ),
    "policy": Entry(
        "commands.policy.group",
        "app",
        "Show the policy in force; write, check, sign and ship policies.",
        AUTHOR,
    ),
    "report": Entry(
        "commands.report", "app", "Convert, merge, compare and verify saved reports.", EVIDENCE
    ),
    "fleet": Entry(
        "commands.fleet.group", "app", "Collect and query reports of many hosts.", EVIDENCE
    ),
    "waiver": Entry("commands.waiver", "app", "Use and list waivers from your help desk.", SELF),
    "credentials": Entry(
        "commands.credentials", "app", "List, find, move and revoke logins.", SELF
    ),
    "client": Entry("commands.client", "app", "List client programs, and compare versions.", HOST),
    "checks": Entry("commands.describe", "checks", "List and explain the checks.", EVIDENCE),
    "schema": Entry(
        "commands.describe", "schema", "Print the JSON Schema of a document.", EVIDENCE
    ),
}


COLLECT_FROM = 50_000
"""Objects. One audit makes fewer, and as a rule of thumb Python would search them for cycles
forty times; what makes many reports is collected all the same."""


class Commands(TyperGroup):
    """All commands by name and a line of help each; what one needs is loaded when it is asked for.

    All of them together take several times as long as to show the help or to complete a word.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._completes_a_command = False
        self.commands = {
            name: TyperCommand(name=name, help=entry.help, rich_help_panel=entry.reader)
            for name, entry in COMMANDS.items()
        }
        read_what_is_given(lay_out(self))

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
    load_no_plugins()
    load_readers()
    command = load_part(f"tipstaff_cli.{entry.module}:{entry.member}")
    gc.freeze()  # what is loaded by now stays
    gc.set_threshold(COLLECT_FROM)
    gc.enable()
    # By a program around it, because only that makes of a function what a group holds.
    around = typer.Typer(callback=lambda: None, add_completion=False)
    if isinstance(command, typer.Typer):
        around.add_typer(command, name=name)
    else:
        # What stands behind the name of `exec` is the command's own.
        own = {"allow_interspersed_args": False} if name == "exec" else {}
        around.command(name=name, context_settings=own)(command)
    made = lay_out(get_group(around).commands[name])
    made.rich_help_panel = entry.reader
    read_what_is_given(made)
    return made


app = typer.Typer(
    name="tipstaff",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Audit and enforce who may sign in to AI coding clients on this host.",
)


def _show_version(value: bool) -> None:
    if value:
        sys.stdout.write(f"tipstaff {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
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
        return _fail(str(with_way_out(error)), error.exit_code)
    except TyperException as error:
        return _explain(error)
    except (typer.Abort, KeyboardInterrupt):
        return errors.INTERRUPTED_EXIT
    except Exception as error:  # noqa: BLE001 - the last resort
        return _fail(f"error: internal error ({type(error).__name__})", errors.INTERNAL_EXIT)
    return code if isinstance(code, int) else 0


def _explain(error: TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(f"{error.format_message()}\n")
        return errors.USAGE_EXIT
    return _fail(text_of_library(error, sys.argv[1:]), errors.USAGE_EXIT)


def _fail(text: str, code: int) -> int:
    if text:
        say(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
