"""What a simulation ships, and the options that say so; the same for hosts and for a fleet."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.commands.policy.drafts import Authored, client_files
from tipstaff_policy.assessment.simulation import Shipment
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.deployment import ClientFile, Way
from tipstaff_policy.errors import UsageError
from tipstaff_policy.organisation.field_types import moment
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.effects import find_effect
from tipstaff_rollout.questions import list_questions
from tipstaff_schemas.comparison import StartShown

PolicyPath = Annotated[Path, typer.Argument(metavar="POLICY", help="A policy, or its folder.")]
At = Annotated[
    str | None, typer.Option(metavar="DATE", help="The moment asked about; default: now.")
]
PolicyOnly = Annotated[
    bool,
    typer.Option("--policy-only", help="Tipstaff's document alone; no files of the client."),
]
AtOnce = Annotated[
    bool,
    typer.Option(
        "--at-once",
        help="Ship the client's own files although the policy is not enforced everywhere yet.",
    ),
]
WayOption = Annotated[
    Way, typer.Option("--way", help="How macOS gets the client's files: as files, or by a profile.")
]
EveryUser = Annotated[
    Path | None,
    typer.Option("--each", metavar="FILE", help="Write every user to this file, one line each."),
]
ClientName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Simulate this client; default: every known one."),
]


def read_moment(text: str | None) -> int:
    """Return the moment that is asked about, in seconds since 1970.

    Raises:
        UsageError: It is none.
    """
    if text is None:
        return int(time.time())
    try:
        found: int = moment().read(text)
    except ValueError as error:
        raise UsageError(f"--at {text!r} is not a date or time", expected=str(error)) from error
    return found


def show_start(policy: OrganisationPolicy, files: Iterable[ClientFile], now: int) -> StartShown:
    """Return what the start of a policy has come to, as documents show it."""
    shipped = ("policy", *(file.name for file in files))
    effect = find_effect(policy, now, shipped)
    return StartShown(
        state=effect.state,
        ships=effect.ships,
        with_tipstaff=effect.with_tipstaff,
        without_tipstaff=effect.without_tipstaff,
        next=effect.next,
        asks=tuple(question.says for question in list_questions(policy)),
    )


def make_shipments(  # noqa: PLR0913 - one argument an option
    authored: Authored,
    adapters: tuple[Adapter, ...],
    at: int,
    *,
    policy_only: bool,
    at_once: bool,
    way: Way,
) -> dict[str, Shipment]:
    """Return what is shipped, by the name of the client."""
    return {
        adapter.name: Shipment(
            authored.policy,
            () if policy_only else client_files(authored, adapter, at_once=at_once, now=at),
            at,
            way,
        )
        for adapter in adapters
    }
