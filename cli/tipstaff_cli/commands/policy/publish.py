"""``tipstaff policy publish …``: publish a policy as a folder of signed files."""

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tipstaff_cli.commands.policy.drafts import KnowledgeFile, draft_in
from tipstaff_cli.commands.policy.publisher_options import (
    MOST_KEYS,
    by_role,
    make_publishing_command,
    public_key_in,
    role_of,
)
from tipstaff_cli.shared.output import write_out
from tipstaff_policy.errors import FINDINGS_EXIT, UsageError

if TYPE_CHECKING:
    from tipstaff_rollout.artefacts.compiling import Draft
    from tipstaff_rollout.sync.deliverables import Delivery
    from tipstaff_rollout.sync.publishing import Work
    from tipstaff_rollout.sync.standing import RoleStanding

app = typer.Typer(
    no_args_is_help=True,
    help="Publish a policy as signed files on a web server, for `policy sync`.",
)
ROLES = ("root", "targets", "snapshot", "timestamp")


def _keys(role: str) -> Any:
    return typer.Option(
        f"--{role}", metavar="FILE", help=f"Public key of the role {role} (repeatable)."
    )


@app.command()
@make_publishing_command
def init(  # noqa: PLR0913 - one argument an option
    *,
    root: Annotated[list[Path], _keys("root")],
    targets: Annotated[list[Path], _keys("targets")],
    snapshot: Annotated[list[Path], _keys("snapshot")],
    timestamp: Annotated[list[Path] | None, _keys("timestamp")] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=N", help="Signatures that a role needs; default: 1 (repeatable)."
        ),
    ] = None,
    work: "Work",
) -> None:
    """Create a publisher's folder, and set whose signatures each role needs.

    The keys of root and targets belong to people and stay offline. The keys of snapshot and
    timestamp can be on the server, where a timer renews the metadata. Create a key with
    `ssh-keygen -t ed25519 -f ada`. Without `--timestamp`, timestamp uses the keys of snapshot.

    Examples: `tipstaff policy publish init site --root ada.pub --root bob.pub --threshold root=2
    --targets ada.pub --snapshot server.pub --sign-with ada`

    Exit codes: 0 created, 2 wrong usage or key, 4 a file cannot be read or written.
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
@make_publishing_command
def add(  # noqa: PLR0913 - one argument an option
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="Policy file.")],
    *,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your copy of the public keys that the policy names."),
    ] = None,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once", help="Publish the client's own files now, even if the policy starts later."
        ),
    ] = False,
    drop_in: Annotated[
        bool,
        typer.Option(
            "--drop-in", help="Publish a client's file as a drop-in, if the client has such."
        ),
    ] = False,
    knowledge: KnowledgeFile = None,
    work: "Work",
) -> None:
    """Add a policy: the document, the public keys that it names, and the client's own files.

    It is published as soon as it has all signatures; until then endpoints get the earlier policy.

    Examples: `tipstaff policy publish add site policy.toml --sign-with ada --sign-with server` ·
    `tipstaff policy publish add site policy.toml --public-key hsm.pub --sign-cmd "hsm-sign slot-4"`

    Exit codes: 0 published or pending, 2 wrong usage or key, 3 invalid policy, 4 a file cannot be
    read or written, or the signer failed, 6 older than the published policy, no key of the policy
    signed the knowledge, or the signer returned no valid signature.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    _require_begun(work)
    draft = draft_in(policy, keys, knowledge)
    delivery = _make_delivery(draft, at_once=at_once, drop_in=drop_in)
    publishing.require_newer(work.repository, delivery)
    if publishing.drops_knowledge(work.repository, delivery):
        sys.stderr.write(
            "tipstaff: the published knowledge is taken away from the hosts; to keep it, add it "
            "with --knowledge\n"
        )
    publishing.add(work, delivery)
    _finish(work)


@app.command()
@make_publishing_command
def sign(*, work: "Work") -> None:
    """Add your signature to pending metadata, and publish what is complete.

    First check with `publish status` what you sign: it prints the fingerprint of the policy.

    Examples: `tipstaff policy publish sign site --sign-with bob`

    Exit codes: 0 signed, 2 wrong usage, or nothing waits for these keys, 4 a file cannot be read or
    written, or the signer failed, 6 the signer returned no valid signature.
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
@make_publishing_command
def rotate(
    role: Annotated[str, typer.Argument(metavar="ROLE", help=", ".join(ROLES))],
    *,
    add_key: Annotated[
        list[Path] | None,
        typer.Option("--add", metavar="FILE", help="Public key to add (repeatable)."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Key to remove: the start of its id (repeatable)."),
    ] = None,
    threshold: Annotated[
        int | None, typer.Option(metavar="N", help="Signatures that the role needs.")
    ] = None,
    work: "Work",
) -> None:
    """Change the keys of a role; the old and the new root keys sign the change.

    The role's metadata is signed again. After a theft of snapshot or timestamp keys, this also
    makes endpoints forget the versions that the thief published.

    Examples: `tipstaff policy publish rotate site timestamp --add new.pub --remove 1f3b
    --sign-with ada --sign-with bob --sign-with new`

    Exit codes: 0 published or pending, 2 wrong usage or key, 4 a file cannot be read or written,
    or the signer failed, 6 the signer returned no valid signature.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    _require_begun(work)
    if not (add_key or remove or threshold is not None):
        raise UsageError("no change given", expected="--add, --remove or --threshold")
    added = tuple(map(public_key_in, add_key or ()))
    publishing.rotate(work, role_of(role), add=added, remove=remove or (), threshold=threshold)
    _finish(work)


@app.command()
@make_publishing_command
def refresh(
    roles: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROLE", help="Roles; default: snapshot and timestamp."),
    ] = None,
    *,
    work: "Work",
) -> None:
    """Renew the metadata before it expires; the content stays the same.

    Examples: `tipstaff policy publish refresh site --sign-with server` ·
    `tipstaff policy publish refresh site root targets --sign-with ada`

    Exit codes: 0 published or pending, 2 wrong usage or key, 4 a file cannot be read or written,
    or the signer failed, 6 the signer returned no valid signature.
    """
    from tipstaff_rollout.sync import publishing  # noqa: PLC0415 - the extra

    _require_begun(work)
    publishing.refresh(work, [role_of(role) for role in roles or ROLES[2:]])
    _finish(work)


@app.command()
@make_publishing_command
def status(*, work: "Work") -> None:
    """Show what is published, when it expires, and whose signatures are missing.

    Examples: `tipstaff policy publish status site`

    Exit codes: 0 nothing is pending or expired, 1 something is, 2 not a publisher's folder, 4 a
    file cannot be read, 6 a file is missing or differs from the metadata.
    """
    from tipstaff_rollout.sync.standing import standing_of  # noqa: PLC0415 - the extra

    _require_begun(work)
    standing = standing_of(work.repository)
    write_out(_text(standing, work.now))
    bad = any(role.draft is not None or role.is_expired(work.now) for role in standing)
    raise typer.Exit(FINDINGS_EXIT if bad else 0)


def _require_begun(work: "Work") -> None:
    from tipstaff_rollout.sync.repository import open_repository  # noqa: PLC0415 - the extra

    open_repository(work.repository.folder)


def _make_delivery(draft: "Draft", *, at_once: bool, drop_in: bool) -> "Delivery":
    """Return the delivery, parsed as an endpoint will parse it."""
    from tipstaff_cli.commands.policy.render import say_start, say_united  # noqa: PLC0415
    from tipstaff_rollout.artefacts.compiling import compile_policy, policy_of  # noqa: PLC0415
    from tipstaff_rollout.payloads import choose_payloads, every_payload  # noqa: PLC0415
    from tipstaff_rollout.sync.deliverables import delivery_of  # noqa: PLC0415

    now = int(time.time())
    made = compile_policy(draft, at_once=at_once, drop_ins=drop_in, now=now)
    delivery = delivery_of(choose_payloads(made, every_payload()))
    stated = policy_of(draft)
    say_united(made, stated, draft.path, asked=drop_in)
    say_start(stated, made, draft.path, now)
    if made.has_secret:
        sys.stderr.write(
            f"tipstaff: {draft.path}: everyone who can read the web server can read its fleet_key\n"
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
    for role in standing:
        version = "-" if role.version is None else str(role.version)
        until = role.good_until.strftime("good until %Y-%m-%d %H:%M UTC") if role.good_until else ""
        expired = " (expired)" if role.is_expired(now) else ""
        lines.append(f"  {role.role:<9}  {version:>3}  {until}{expired}".rstrip())
        if role.draft is not None:
            lines += [f"             {role.draft} waits for {need}" for need in role.needs] or [
                f"             {role.draft} has its signatures, and waits for the others"
            ]
        if role.policy:
            lines.append(f"             policy {role.policy}")
    return "\n".join(lines) + "\n"
