"""``tipstaff policy publish …``: a folder of signed files from which endpoints get a policy."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tipstaff_cli.commands.policy.publisher_options import (
    MOST_KEYS,
    by_role,
    public_key_in,
    publishing_command,
    role_of,
)
from tipstaff_cli.shared.output import write_out
from tipstaff_policy.errors import FINDINGS_EXIT, UsageError

if TYPE_CHECKING:
    from tipstaff_rollout.sync.deliverables import Delivery
    from tipstaff_rollout.sync.publishing import Work
    from tipstaff_rollout.sync.standing import RoleStanding

app = typer.Typer(
    no_args_is_help=True,
    help="A folder of signed files for any web server, from which endpoints sync their policy.",
)
ROLES = ("root", "targets", "snapshot", "timestamp")


def _keys(role: str) -> Any:
    return typer.Option(f"--{role}", metavar="FILE", help=f"A public key of {role}; repeatable.")


@app.command()
@publishing_command
def init(  # noqa: PLR0913 - one argument an option
    *,
    root: Annotated[list[Path], _keys("root")],
    targets: Annotated[list[Path], _keys("targets")],
    snapshot: Annotated[list[Path], _keys("snapshot")],
    timestamp: Annotated[list[Path] | None, _keys("timestamp")] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=N", help="How many signatures a role asks for; default 1."),
    ] = None,
    work: "Work",
) -> None:
    r"""Begin a folder: whose signatures each role asks for.

    Keys of root and targets belong to people and stay offline; those of snapshot and timestamp may
    lie where a timer refreshes them. `ssh-keygen -t ed25519 -f ada` makes a key. Without
    `--timestamp` the keys of snapshot are used.

    \b
    Examples:
      tipstaff policy publish init site --root ada.pub --root bob.pub --threshold root=2 \
        --targets ada.pub --snapshot server.pub --sign-with ada

    Exit codes: 0 begun, 2 wrong usage or key, 4 a file cannot be read or written.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    files = zip(ROLES, (root, targets, snapshot, timestamp or snapshot), strict=True)
    asked = by_role(threshold, "--threshold", MOST_KEYS)
    wanted = {
        role_of(name): publishing.RoleWanted(
            tuple(map(public_key_in, paths)), asked.get(role_of(name), 1)
        )
        for name, paths in files
    }
    publishing.begin(work, wanted)
    _finish(work)


@app.command()
@publishing_command
def add(
    policy: Annotated[Path, typer.Argument(metavar="POLICY")],
    *,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your copy of the public keys that the policy names."),
    ] = None,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once", help="Deliver the client's own files although the policy begins later."
        ),
    ] = False,
    work: "Work",
) -> None:
    r"""Deliver a policy: the document, the keys that it names, and the client's own files.

    It is published as soon as it has all its signatures; until then endpoints see what was there.

    \b
    Examples:
      tipstaff policy publish add site policy.toml --sign-with ada --sign-with server
      tipstaff policy publish add site policy.toml --public-key hsm.pub --sign-cmd "hsm-sign slot-4"

    Exit codes: 0 published or waiting for signatures, 2 wrong usage or key, 3 no policy, 4 a file
    cannot be read or written, or the signer failed, 6 older than what is published, or what the
    signer gave is no good signature.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    _require_begun(work)
    delivery = _delivery(policy, keys, at_once=at_once)
    publishing.require_newer(work.repository, delivery)
    publishing.add(work, delivery)
    _finish(work)


@app.command()
@publishing_command
def sign(*, work: "Work") -> None:
    """Add your signature to what waits; what then is complete is published.

    See by `publish status` first what you sign: the fingerprint is that of the policy document.

    Examples: `tipstaff policy publish sign site --sign-with bob`

    Exit codes: 0 signed, 2 wrong usage, or nothing waits for these keys, 4 a file cannot be read or
    written, or the signer failed, 6 what the signer gave is no good signature.
    """
    from tipstaff_rollout.sync.publishing import waits_for  # noqa: PLC0415 - the extra

    _require_begun(work)
    if not any(waits_for(work.repository, signer.public_key) for signer in work.signers):
        raise UsageError(
            "nothing waits for the signature of these keys",
            where=str(work.repository.folder),
            expected="--sign-with a key that `tipstaff policy publish status` names",
        )
    _finish(work)


@app.command()
@publishing_command
def rotate(
    role: Annotated[str, typer.Argument(metavar="ROLE", help=", ".join(ROLES))],
    *,
    add_key: Annotated[
        list[Path] | None,
        typer.Option("--add", metavar="FILE", help="A further public key; repeatable."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="The beginning of a key's id; repeatable."),
    ] = None,
    threshold: Annotated[
        int | None, typer.Option(metavar="N", help="How many signatures it asks for.")
    ] = None,
    work: "Work",
) -> None:
    r"""Give a role other keys, by a root that the former and the new keys of root sign.

    What the role had signed is signed anew. After a theft of snapshot or timestamp keys this is
    also how endpoints forget versions that the thief has made up.

    \b
    Examples:
      tipstaff policy publish rotate site timestamp --add new.pub --remove 1f3b \
        --sign-with ada --sign-with bob --sign-with new

    Exit codes: 0 published or waiting for signatures, 2 wrong usage or key, 4 a file cannot be read
    or written, or the signer failed, 6 what the signer gave is no good signature.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    _require_begun(work)
    if not (add_key or remove or threshold is not None):
        raise UsageError("nothing is to change", expected="--add, --remove or --threshold")
    added = tuple(map(public_key_in, add_key or ()))
    publishing.rotate(work, role_of(role), add=added, remove=remove or (), threshold=threshold)
    _finish(work)


@app.command()
@publishing_command
def refresh(
    roles: Annotated[
        list[str] | None, typer.Argument(metavar="[ROLE]…", help="Default: snapshot timestamp.")
    ] = None,
    *,
    work: "Work",
) -> None:
    """Publish the same again with a later end, before what is there expires.

    Examples: `tipstaff policy publish refresh site --sign-with server` ·
    `tipstaff policy publish refresh site root targets --sign-with ada`

    Exit codes: 0 published or waiting for signatures, 2 wrong usage or key, 4 a file cannot be read
    or written, or the signer failed, 6 what the signer gave is no good signature.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    _require_begun(work)
    publishing.refresh(work, [role_of(role) for role in roles or ROLES[2:]])
    _finish(work)


@app.command()
@publishing_command
def status(*, work: "Work") -> None:
    """Say what is published, until when it is good, and whose signatures are missing.

    Examples: `tipstaff policy publish status site`

    Exit codes: 0 nothing waits or has expired, 1 something does, 2 no publisher's folder, 4 a file
    cannot be read, 6 a file is missing or another than the metadata names.
    """
    from tipstaff_rollout.sync.standing import standing_of  # noqa: PLC0415 - the extra

    _require_begun(work)
    standing = standing_of(work.repository)
    write_out(_text(standing, work.now))
    bad = any(each.draft is not None or each.is_expired(work.now) for each in standing)
    raise typer.Exit(FINDINGS_EXIT if bad else 0)


def _require_begun(work: "Work") -> None:
    from tipstaff_rollout.sync.repository import opened  # noqa: PLC0415 - the extra

    opened(work.repository.folder)


def _delivery(policy: Path, keys: Path | None, *, at_once: bool) -> "Delivery":
    """Return what is to be delivered, read as an endpoint will read it."""
    from tipstaff_cli.commands.policy.drafts import draft_in  # noqa: PLC0415 - heavy
    from tipstaff_cli.commands.policy.render import say_start  # noqa: PLC0415
    from tipstaff_rollout.artefacts.compiling import compile_policy, policy_of  # noqa: PLC0415
    from tipstaff_rollout.sync.deliverables import delivery_of  # noqa: PLC0415

    draft = draft_in(policy, keys)
    made = compile_policy(draft, at_once=at_once)
    delivery = delivery_of(made.payloads)
    stated = policy_of(draft)
    say_start(stated, draft.path, at_once=at_once)
    if made.has_secret:
        sys.stderr.write(
            f"tipstaff: {policy}: who can read the web server can read its fleet_key\n"
        )
    return delivery


def _finish(work: "Work") -> None:
    from tipstaff_rollout.sync.publishing import advance  # noqa: PLC0415 - the extra
    from tipstaff_rollout.sync.standing import standing_of  # noqa: PLC0415

    released = advance(work)
    first = f"published: {', '.join(released)}\n" if released else "nothing was published yet\n"
    write_out(first + _text(standing_of(work.repository), work.now))


def _text(standing: "tuple[RoleStanding, ...]", now: datetime) -> str:
    lines = []
    for each in standing:
        version = "-" if each.version is None else str(each.version)
        until = each.good_until.strftime("good until %Y-%m-%d %H:%M UTC") if each.good_until else ""
        expired = " (expired)" if each.is_expired(now) else ""
        lines.append(f"  {each.role:<9}  {version:>3}  {until}{expired}".rstrip())
        if each.draft is not None:
            lines += [f"             {each.draft} waits for {need}" for need in each.needs] or [
                f"             {each.draft} has its signatures, and waits for the others"
            ]
        if each.policy:
            lines.append(f"             policy {each.policy}")
    return "\n".join(lines) + "\n"
