"""The ``tipstaff`` program: its commands, and the one place that turns failures into exit codes."""

import os
import sys
from typing import Annotated

import click
import typer

from tipstaff_policy import __version__, errors

app = typer.Typer(
    name="tipstaff",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Who may sign in to an AI coding client here, and is it so?",
)


def _version(value: bool) -> None:  # noqa: FBT001 - typer's signature
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
    from tipstaff_cli import audit, describe, enforce  # noqa: PLC0415 - heavy

    app.command()(audit.audit)
    app.command()(enforce.enforce)
    app.command()(describe.schema)
    app.add_typer(describe.checks, name="checks")


def main() -> int:
    """Run the program and return its exit code; no traceback reaches a user."""
    try:
        _commands()
        code = app(standalone_mode=False)
    except errors.TipstaffError as error:
        return _fail(str(error), error.exit_code)
    except click.ClickException as error:
        error.show(sys.stderr)
        return errors.USAGE_EXIT
    except (click.Abort, KeyboardInterrupt):
        return errors.INTERRUPTED_EXIT
    except BrokenPipeError:
        # What is left in the buffer must not fail a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.CLOSED_PIPE_EXIT
    except OSError as error:
        return _fail(_os_error(error), errors.UNEVALUATED_EXIT)
    except Exception as error:  # noqa: BLE001 - the last resort
        return _fail(f"error: internal error ({type(error).__name__})", errors.INTERNAL_EXIT)
    return code if isinstance(code, int) else 0


def _os_error(error: OSError) -> str:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    where = str(error.filename or "standard output")
    return errors.error_text(error.strerror or "input or output failed", where=where)


def _fail(text: str, code: int) -> int:
    sys.stderr.write(text + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
