"""``tipstaff exec -- COMMAND``: enforce, then replace this process by the command."""

from typing import Annotated

import typer

from tipstaff_cli.shared.state_options import add_state_options
from tipstaff_cli.shared.targets import Target
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.errors import UsageError
from tipstaff_policy.launch import report_result, run_in_front
from tipstaff_policy.model.request import Request


@add_state_options
def exec_(
    *,
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND [ARGUMENT]...", help="Command to run.")
    ],
    targets: tuple[Target, ...],
) -> None:
    """Enforce, remove forbidden variables from the environment, and run COMMAND.

    It does what `tipstaff-guard` does with the full program: it starts slower and reads TOML 1.1.

    Examples: `tipstaff exec -- CLIENT "fix the tests"` · `tipstaff exec CLIENT --help`

    Exit codes: that of COMMAND if the host complies. Otherwise COMMAND is not started: 3 invalid
    policy, 4 not evaluated, 10 logged out and verified, 11 log-out incomplete.
    """
    if targets[0].request.system_root is not None:
        raise UsageError(
            "--system-root does not apply to exec: it starts a command on this machine"
        )
    lean = [(adapter, request.read_with(detail="lines")) for adapter, request in targets]

    def report(_adapter: Adapter, judged: Request, result: Enforcement) -> int:
        return report_result(judged, result, "exec")

    raise typer.Exit(run_in_front(lean, tuple(command), report))
