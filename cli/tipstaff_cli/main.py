"""The ``tipstaff`` program: its commands, and the one place that turns failures into exit codes."""

import io
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from tipstaff_policy import __version__, errors

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


def _commands() -> None:
    from tipstaff_cli import (  # noqa: PLC0415 - heavy
        audit,
        authoring,
        client,
        comparing,
        credentials,
        delivering,
        describe,
        doctor,
        enforce,
        fronting,
        login,
        logout,
        policy,
        publishing,
        rendering,
        reports,
        setup,
        signing,
        simulating,
        verifying,
        waivers,
        watch,
    )

    # What stands behind the command's name is the command's own.
    own = {"allow_interspersed_args": False}
    app.command(name="exec", context_settings=own)(fronting.exec_)
    for command in (audit.audit, enforce.enforce, login.login, logout.logout, watch.watch):
        app.command()(command)
    for command in (policy.why, doctor.doctor, setup.install, setup.uninstall, setup.status):
        app.command()(command)
    for command in (authoring.init, authoring.lint, comparing.diff, simulating.simulate):
        policy.app.command()(command)
    for command in (rendering.render, verifying.verify, signing.sign, waivers.waive):
        policy.app.command()(command)
    policy.app.command()(delivering.sync)
    policy.app.add_typer(publishing.app, name="publish")
    app.add_typer(policy.app, name="policy")
    app.add_typer(waivers.app, name="waiver")
    app.add_typer(reports.app, name="report")
    app.add_typer(client.app, name="client")
    app.add_typer(credentials.app, name="credentials")
    app.command()(describe.schema)
    app.add_typer(describe.checks, name="checks")


def main() -> int:
    """Run the program and return its exit code; no traceback reaches a user."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale: reports are UTF-8
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        _commands()
        code = app(standalone_mode=False)
    except errors.TipstaffError as error:
        return _fail(str(error), error.exit_code)
    except TyperException as error:
        return _fail(_message(error), errors.USAGE_EXIT)
    except (typer.Abort, KeyboardInterrupt):
        return errors.INTERRUPTED_EXIT
    except Exception as error:  # noqa: BLE001 - the last resort
        return _fail(f"error: internal error ({type(error).__name__})", errors.INTERNAL_EXIT)
    return code if isinstance(code, int) else 0


def _message(error: TyperException) -> str:
    formatted = getattr(error, "format_message", None)
    text = str(formatted() if formatted else error)
    # Without any argument the help has been shown, and there is nothing to add.
    return errors.error_text(text, remedy="see `tipstaff --help`") if text else ""


def _fail(text: str, code: int) -> int:
    sys.stderr.write(text + "\n" if text else "")
    return code


if __name__ == "__main__":
    sys.exit(main())
