"""``tipstaff policy waive`` for the help desk, ``tipstaff waiver …`` for users."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.shared.output import say_unlogged, write_out
from tipstaff_cli.shared.passphrase import ask_passphrase
from tipstaff_cli.shared.state_options import add_state_options
from tipstaff_cli.shared.targets import Target
from tipstaff_policy.action_log.log import record
from tipstaff_policy.action_log.record import Entry
from tipstaff_policy.assessment.inspection import inspect_host
from tipstaff_policy.assessment.presence import drop_absent_clients
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import (
    AccessDeniedError,
    BadSignatureError,
    BadWaiverError,
    UsageError,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Machine
from tipstaff_policy.organisation.field_types import age
from tipstaff_policy.organisation.model import OrganisationPolicy, Waiver
from tipstaff_policy.organisation.waivers.of_user import locate_pasted_file
from tipstaff_policy.organisation.waivers.signed import (
    fingerprint,
    read_signed,
    verify_waiver,
    write_signed,
)
from tipstaff_policy.organisation.waivers.standing import ends
from tipstaff_policy.organisation.wording import moment
from tipstaff_reports.texts.waivers import render_waivers
from tipstaff_rollout.authoring.waivers import append_waiver
from tipstaff_rollout.storing import write_whole

app = typer.Typer(no_args_is_help=True, help="Use and list waivers from your help desk.")
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
DEFAULT_LIFE = "8h"


def waive(  # noqa: PLR0913 - one argument an option
    check: Annotated[str, typer.Argument(metavar="CHECK", help="Check, such as TIP102.")],
    *,
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who owns the risk.")],
    approver: Annotated[str, typer.Option(metavar="NAME", help="Who approves it.")],
    ticket: Annotated[str, typer.Option(metavar="TEXT", help="Ticket that records it.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is needed.")],
    host: Annotated[str | None, typer.Option(metavar="NAME", help="Host that it is for.")] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="User that it is for.")] = None,
    life: Annotated[
        str, typer.Option("--for", metavar="TIME", help='Duration, such as "8h" or "3d".')
    ] = DEFAULT_LIFE,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Sign with this OpenSSH private key (ed25519)."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Add it to this policy file instead.")
    ] = None,
) -> None:
    """Create a waiver: a signed text for one user, or an entry in a policy file.

    Examples: `tipstaff policy waive TIP102 --host dev-7 --user ada --for 8h --owner it
    --approver boss --ticket T-17 --reason "moving teams" --key ~/.ssh/helpdesk` ·
    `tipstaff policy waive TIP203 --for 30d --owner it --approver boss --ticket T-18
    --reason "shared lab" --into /etc/tipstaff/policy.d/20-waivers.toml`

    Exit codes: 0 created, 2 wrong usage or key, 3 the check cannot be waived, or the file is not a
    policy, 4 a file cannot be read or written.
    """
    _require_waivable(check)
    now = int(time.time())
    waiver = Waiver(
        check, now + _seconds(life), owner, approver, ticket, reason, host=host, user=user
    )
    if (key is None) == (into is None):
        raise UsageError("a waiver is signed or added to a file", expected="--key or --into")
    if into is not None:
        append_waiver(into, waiver)
        write_out(f"added to {into}; it {ends(waiver.expires_at, now)}\n")
        return
    write_out(write_signed(waiver, now, _signer(key)) + "\n")


def _require_waivable(check: str) -> None:
    if check not in MODULES:
        raise UsageError(f"no check is called {check!r}", expected=", ".join(MODULES))
    if not load_check(check)[0].waivable:
        raise BadWaiverError(f"{check} may not be waived", remedy="correct what it finds")


def _seconds(life: str) -> int:
    try:
        seconds: int = age().read(life)
    except ValueError as error:
        raise UsageError(f"--for {life!r} is not a duration", expected=str(error)) from None
    return seconds


def _signer(path: Path | None) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - this command
        Ed25519PrivateKey,
    )

    from tipstaff_rollout.signing.key_files import read_private_key  # noqa: PLC0415 - as above

    key = read_private_key(Path(str(path)), ask_passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is not an ed25519 key", expected="ed25519")
    return key.sign


@app.command("use")
@add_state_options
def use(
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="Waiver text; default: standard input.")
    ] = None,
    *,
    targets: tuple[Target, ...],
) -> None:
    """Use a waiver from your help desk; it is valid until it expires.

    Examples: `tipstaff waiver use tipstaff-waiver-1.eyJ…` · `tipstaff waiver use < waiver.txt`

    Exit codes: 0 in use, 3 not a waiver, or not for this host and user, 6 not signed by a key that
    the policy trusts.
    """
    adapter, request = _first(targets)
    given = text if text is not None else sys.stdin.read(1 << 16)
    signed = read_signed(given)
    sight = inspect_host(adapter, request)
    if sight.orders is None:
        raise _no_keys()
    keys = _keys(sight.orders.policy)
    waiver = verify_waiver(signed, keys, request.now)
    if waiver is None:
        raise BadSignatureError(
            "this waiver is not signed by a key that the policy trusts",
            expected="a signature by one of " + ", ".join(map(fingerprint, keys)),
            remedy="ask the help desk for a new one",
        )
    _require_here(waiver, sight.orders.machine, request.now)
    path = Path(locate_pasted_file(request, sight.state.home))
    _store(path, "".join(given.split()))
    if not request.system_root:
        _record(waiver, adapter, request, sight.state.home)
    write_out(f"{waiver.check} is waived for {waiver.user} on {waiver.host}: ")
    write_out(f"{ends(waiver.expires_at, request.now)} ({waiver.ticket})\n")


def _keys(policy: OrganisationPolicy) -> tuple[str, ...]:
    if policy.waiver_keys is None or not policy.waiver_keys.values:
        raise _no_keys()
    return policy.waiver_keys.values


def _no_keys() -> BadSignatureError:
    return BadSignatureError(
        "the policy of this host trusts no key for waivers",
        expected="`waiver_keys` in the policy",
        remedy="ask the administrators of the policy",
    )


def _require_here(waiver: Waiver, machine: Machine, now: int) -> None:
    here = (machine.host_name, machine.host_id), machine.user
    if waiver.host not in here[0] or waiver.user != here[1]:
        raise BadWaiverError(
            f"the waiver is for {waiver.user} on {waiver.host}",
            expected=f"one for {machine.user} on {machine.host_name}",
            remedy="ask the help desk for a new one",
        )
    if waiver.expires_at <= now:
        raise BadWaiverError(
            f"the waiver {ends(waiver.expires_at, now)}", remedy="ask the help desk for a new one"
        )


def _store(path: Path, line: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        before = path.read_text("ascii", "replace").splitlines() if path.exists() else []
    except OSError as error:
        raise AccessDeniedError(f"cannot be used: {error.strerror}", where=str(path)) from error
    write_whole(path, ("\n".join(dict.fromkeys((*before, line))) + "\n").encode(), PRIVATE)


def _record(waiver: Waiver, adapter: Adapter, request: Request, home: str) -> None:
    """Record the waiver in the action log and in the system log, which the user cannot change."""
    reason = (
        f"{waiver.check} user={waiver.user} host={waiver.host} "
        f"until={moment(waiver.expires_at)} ticket={waiver.ticket} approver={waiver.approver} "
        f"key={waiver.signed_by}"
    )
    entry = Entry("waiver use", home, 0, adapter.name, reason=reason)
    say_unlogged(record(request.env, entry, request.now).fault)


@app.command("list")
@add_state_options
def list_waivers(*, targets: tuple[Target, ...]) -> None:
    """List every waiver for this host, and whether it is valid.

    Example: `tipstaff waiver list`

    Exit codes: 0 printed, 2 wrong usage.
    """
    orders = inspect_host(*_first(targets)).orders
    write_out(render_waivers(orders.waivers() if orders else ()))


def _first(targets: tuple[Target, ...]) -> Target:
    """Return one target of the host: policy and pasted waivers are the same for every client."""
    return drop_absent_clients(targets)[0]
