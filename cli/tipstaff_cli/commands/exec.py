"""``tipstaff exec -- COMMAND``: enforce, then become the command."""

from typing import Annotated

import typer

from tipstaff_cli.shared.state_options import judging
from tipstaff_cli.shared.targets import Target
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.errors import UsageError
from tipstaff_policy.launch import run_in_front, tell
from tipstaff_policy.model.request import Request


@judging
def exec_(
    *,
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND [ARGUMENT]...", help="What to become.")
    ],
    targets: tuple[Target, ...],
) -> None:
    """Enforce, take away what the policy forbids from the environment, become COMMAND.

    What `tipstaff-guard` does, by the full program: slower to start, and it reads TOML 1.1.

    Examples: `tipstaff exec -- CLIENT "fix the tests"` · `tipstaff exec CLIENT --help`

    Exit codes: COMMAND's own where the host complies. Otherwise nothing is started: 3 invalid
    policy, 4 not evaluated, 10 logged out and verified, 11 log-out incomplete.
    """
    if targets[0].request.system_root is not None:
        raise UsageError("a command is started on this machine, not in an image")
    lean = [(adapter, request.read_with(detail="lines")) for adapter, request in targets]

    def report(_adapter: Adapter, judged: Request, result: Enforcement) -> int:
        return tell(judged, result, "exec")

    raise typer.Exit(run_in_front(lean, tuple(command), report))
