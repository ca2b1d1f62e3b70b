"""``tipstaff policy render``: a policy as the artefacts of channels."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.commands.policy.drafts import KnowledgeFile, draft_in
from tipstaff_cli.commands.policy.shipping import At, read_moment
from tipstaff_cli.shared.options import ClientOfVersion, Keys, OldestVersion
from tipstaff_cli.shared.output import write_out
from tipstaff_policy.errors import FINDINGS_EXIT, UsageError
from tipstaff_policy.organisation.field_types import release
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy, policy_of
from tipstaff_rollout.artefacts.pages import upload_index
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.effects import describe_now, find_effect
from tipstaff_rollout.lint.client_rules import Version, client_of_version, clients_of_policy
from tipstaff_rollout.lint.collecting import collect
from tipstaff_rollout.model import NAMES, ArtefactError, Channel, Compiled
from tipstaff_rollout.payloads import (
    can_be_drop_in,
    choose_payloads,
    client_payloads,
    every_payload,
    list_united_rules,
)
from tipstaff_rollout.proving import list_left_out, obstacles, render_artefact, with_page
from tipstaff_rollout.stages import list_stages
from tipstaff_rollout.storing import write_artefact
from tipstaff_rollout.targets import obstacle

WITH_PAGE = 2
"""How many files an artefact of one file has with its upload page."""
ALL, LIST = "all", "list"
AtOnce = Annotated[
    bool,
    typer.Option(
        "--at-once",
        help="Write the client's own files now, even if the policy starts later or in stages.",
    ),
]
DropIns = Annotated[
    bool,
    typer.Option(
        "--drop-in",
        help="Write a client's file as a drop-in next to an existing file, if the client has such.",
    ),
]


def _channels(incomplete: str) -> list[str]:
    return [name for name in (*channel_names(), ALL, LIST) if name.startswith(incomplete)]


def render(  # noqa: PLR0913 - one argument an option
    policy: Annotated[Path | None, typer.Argument(metavar="POLICY", help="Policy file.")] = None,
    *,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="CHANNEL",
            help="Channel (repeatable), `all`, or `list` to print the channels.",
            autocompletion=_channels,
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Output file or folder.")] = None,
    keys: Keys = None,
    at_once: AtOnce = False,
    at: At = None,
    drop_in: DropIns = False,
    knowledge: KnowledgeFile = None,
    merge_into: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Existing client file; the policy takes over its keys (repeatable).",
        ),
    ] = None,
    client: ClientOfVersion = None,
    client_version: OldestVersion = "",
    tipstaff_version: Annotated[
        str, typer.Option("--tipstaff", metavar="V", help="Oldest Tipstaff version on the hosts.")
    ] = "",
) -> None:
    """Render a policy as artefacts for delivery; the same policy gives the same bytes.

    Each artefact carries the policy's id, version and fingerprint. A warning on standard error
    lists what a channel cannot carry.

    Examples: `tipstaff policy render --to list` ·
    `tipstaff policy render policy.toml --to mobileconfig --out policy.mobileconfig` ·
    `tipstaff policy render policy.toml --to jamf --to deb --out artefacts` ·
    `tipstaff policy render policy.toml --to all --out artefacts` ·
    `tipstaff policy render policy.toml --merge-into FILE --to policy --out new.toml`

    Exit codes: 0 written, 1 `all` left out a channel that cannot carry the policy, 2 wrong usage, 3
    invalid policy, or a target could not read or enforce it, 4 not readable or not writable, 6 no
    key of the policy signed the knowledge.
    """
    known = channel_names()
    if LIST in to:
        write_out("".join(f"{name:<16} {channel(name).title}\n" for name in known))
        return
    chosen = _choose(to, known)
    if policy is None or out is None:
        raise UsageError("a policy and --out are needed", expected="POLICY --to CHANNEL --out PATH")
    draft = _with_files(draft_in(policy, keys, knowledge), merge_into or [])
    now = read_moment(at)
    made = compile_policy(draft, at_once=at_once, drop_ins=drop_in, now=now)
    stated = policy_of(draft)
    say_start(stated, made, draft.path, now)
    say_united(made, stated, draft.path, asked=drop_in)
    carried = tuple(name for chosen_channel in chosen for name in chosen_channel.carries)
    say_secret(made.keep_payloads(carried), stated, draft.path)
    if ALL in to:  # what only carries what this policy does not say is no artefact of it
        chosen = [chosen_channel for chosen_channel in chosen if _has_content(made, chosen_channel)]
    concerned = _clients_carried(stated, chosen)
    oldest = _read_oldest(client, client_version, concerned)
    for chosen_channel in chosen:
        reasons = _obstacles(made, stated, chosen_channel, oldest, tipstaff_version)
        _require_none(reasons, chosen_channel, draft.path)
    if ALL in to or len(chosen) > 1:
        raise typer.Exit(_write_all(made, chosen, out))
    (one,) = chosen
    _write_one(made, one, out)


def _read_oldest(
    client: str | None, version: str, concerned: tuple[str, ...]
) -> dict[str, Version]:
    """Return the oldest version on the hosts by the client that is meant.

    Raises:
        UsageError: It is none, or nothing says whose it is.
    """
    whose = client_of_version(client, concerned, given=bool(version))
    return {whose: _version(version)} if version else {}


def _clients_carried(policy: OrganisationPolicy, chosen: Sequence[Channel]) -> tuple[str, ...]:
    """Return the clients of a policy whose files some channels carry; all where they carry none."""
    named, known = clients_of_policy(policy), client_payloads()
    carried = {known[name].client for to in chosen for name in to.carries if name in known}
    return tuple(client for client in named if client in carried) or named


def _has_content(made: Compiled, to: Channel) -> bool:
    return any(payload.name in to.carries for payload in made.payloads)


def say_united(made: Compiled, policy: OrganisationPolicy, path: str, *, asked: bool) -> None:
    """Warn an author of rules to which other files of the client can add.

    Raises:
        ArtefactError: A drop-in is asked for, and no client of the policy has that form.
    """
    if not asked:
        return
    if not can_be_drop_in(policy):  # a start may hold its files back for now
        raise ArtefactError(
            "no file of this policy can be a drop-in",
            where=path,
            expected="a policy for a client that reads drop-ins",
            remedy="render it without --drop-in",
        )
    for name, keys in list_united_rules(made):
        sys.stderr.write(
            f"tipstaff: {name}: the client unites the lists of its files, so others can add to "
            f"{', '.join(keys)}; lint them together\n"
        )


def _choose(names: list[str], known: Sequence[str]) -> list[Channel]:
    """Return the requested channels, each once.

    Raises:
        UsageError: A channel is unknown.
    """
    for name in names:
        if name != ALL and name not in known:
            words = ", ".join((*known, ALL, LIST))
            raise UsageError(f"no channel is called {name!r}", expected=words)
    return [channel(name) for name in (known if ALL in names else dict.fromkeys(names))]


def _with_files(draft: Draft, files: list[Path]) -> Draft:
    """Return the policy with the keys of existing client files, and print those keys."""
    if not files:
        return draft
    from tipstaff_rollout.taking_over import take_over  # noqa: PLC0415 - rare

    taken = take_over(draft, collect(files))
    for key in taken.keys:
        sys.stderr.write(f"tipstaff: {key.origins[0]}: {key.name} was added to the policy\n")
    if taken.keys:
        sys.stderr.write(
            "tipstaff: this is a different policy now, with a new fingerprint; save it with "
            "`--to policy --out FILE`\n"
        )
    return taken.draft


def say_secret(made: Compiled, policy: OrganisationPolicy, path: str) -> None:
    """Warn an author that the output contains a secret, and say who can read it."""
    if not made.has_secret:
        return
    own = NAMES["fleet_key"]
    line = policy.fleet_key.origins[0].line if policy.fleet_key else None
    where = f"{path}:{line}" if line else str(Path(path).with_name(own))
    sys.stderr.write(
        f"tipstaff: {where}: fleet_key is a secret and is part of the output, which only you can "
        f"read. On hosts it becomes {own} next to the policy, which only root can read\n"
    )


def _write_one(made: Compiled, to: Channel, out: Path) -> None:
    """Write an artefact, and say what of the policy it does not carry."""
    write_out(f"{write_artefact(render_artefact(made, to), out, private=made.has_secret)}\n")
    missing = list_left_out(made, to)
    if missing:
        sys.stderr.write(f"tipstaff: {to.name} does not carry {', '.join(missing)}\n")


def _write_all(made: Compiled, chosen: list[Channel], out: Path) -> int:
    """Write the artefact of each channel; return 1 if a channel cannot carry the policy."""
    code, written = 0, []
    for chosen_channel in chosen:
        try:
            files = with_page(made, chosen_channel, render_artefact(made, chosen_channel))
        except ArtefactError as error:
            sys.stderr.write(
                f"tipstaff: {chosen_channel.name} is left out: {error.where}: {error.what}\n"
            )
            code = FINDINGS_EXIT
            continue
        place = write_artefact(files, out / chosen_channel.name, private=made.has_secret)
        written.append(chosen_channel)
        write_out(f"{place / files[0].path if len(files) == WITH_PAGE else place}\n")
    index = upload_index(made, tuple(written))
    write_artefact((index,), out / index.path, private=made.has_secret)
    return code


def say_start(policy: OrganisationPolicy, made: Compiled, path: str, now: int) -> None:
    """Tell an author of a policy that starts in stages what has an effect now, where and why."""
    shipped = tuple(payload.name for payload in choose_payloads(made, every_payload()))
    effect = find_effect(policy, now, shipped)
    if effect.state == list_stages(policy)[0].state == "whole":  # nothing of it is a start
        return
    first, *others = describe_now(effect, now)
    sys.stderr.write("".join(f"{line}\n" for line in (f"tipstaff: {path}: {first}", *others)))


def _obstacles(
    made: Compiled,
    policy: OrganisationPolicy,
    to: Channel,
    oldest: Mapping[str, Version],
    tipstaff: str,
) -> list[str]:
    """Return why a target could not read or enforce the policy.

    Raises:
        UsageError: A version is invalid.
    """
    reasons = obstacles(made, policy, to, oldest)
    why = obstacle(_version(tipstaff)) if tipstaff and "policy" in to.carries else ""
    return [*reasons, *([f"Tipstaff {tipstaff}: {why}"] if why else [])]


def _require_none(reasons: list[str], to: Channel, path: str) -> None:
    """Refuse a policy that a target could not read or enforce.

    Raises:
        ArtefactError: With every reason.
    """
    if reasons:
        raise ArtefactError(
            f"{to.name} would not work: {'; '.join(reasons)}",
            where=path,
            expected="a policy that the oldest target can read and enforce",
            remedy="update those targets first (oldest_client), or change the policy",
        )


def _version(text: str) -> tuple[int, int, int]:
    try:
        found: tuple[int, int, int] = release().read(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no version", expected="a number such as 0.169.0") from error
    return found
