"""The clients that a command judges, with the request for each."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import typer

from tipstaff_policy.clients.interface.adapter import Adapter, StartOption, with_start_option
from tipstaff_policy.errors import EvaluationError, UsageError, worst_exit
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.streams import say


class Target(NamedTuple):
    """A client and the request that describes its state."""

    adapter: Adapter
    request: Request


def with_client_options(adapter: Adapter, request: Request, words: Iterable[str]) -> Request:
    """Return a request with start options of the client, such as ``--profile=work``.

    Raises:
        UsageError: The client has no such start option.
    """
    table = {option.name: option for option in adapter.start_options}
    for word in words:
        name, equals, value = word.partition("=")
        option = table.get(name)
        if option is None or bool(equals) != bool(option.value):
            raise UsageError(
                f"--client-option {word!r} is not known of {adapter.name}",
                expected=" or ".join(_show(option) for option in adapter.start_options),
            )
        request = with_start_option(request, option, value)
    return request


def _show(option: StartOption) -> str:
    return f"{option.name}={option.value}" if option.value else option.name


def run_for_each(
    targets: tuple[Target, ...], run: Callable[[Target], Any], *, as_text: bool
) -> None:
    """Run a command for each client, one after the other; a single client is not named.

    Args:
        as_text: Whether to print the name of each client. In JSON each has its own document.
    Raises:
        typer.Exit: With the worst exit code of all.
    """
    if len(targets) == 1:
        run(targets[0])
        return
    from tipstaff_cli.shared.output import (  # noqa: PLC0415 - not what `exec` loads
        write_out,
    )

    codes = []
    for target in targets:
        if as_text:
            write_out(f"{target.adapter.name}:\n")
        try:
            run(target)
        except typer.Exit as ended:
            codes.append(ended.exit_code)
        except EvaluationError as error:  # the other clients still run
            say(str(error))
            codes.append(error.exit_code)
    raise typer.Exit(worst_exit(codes))
