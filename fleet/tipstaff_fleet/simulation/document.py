"""From the tally of a fleet to the document."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tipstaff_fleet.simulation.batches import Work
from tipstaff_fleet.simulation.fleet import Apart
from tipstaff_fleet.simulation.tally import OTHER, Chosen, FleetTally, Place
from tipstaff_policy import __version__
from tipstaff_policy.assessment.simulation import OUTCOMES, Outcome, Shipment, later_moments
from tipstaff_policy.errors import FINDINGS_EXIT, NOTHING_CHECKED_EXIT
from tipstaff_policy.organisation.wording import moment
from tipstaff_schemas.build_simulation import MOST_NAMED
from tipstaff_schemas.comparison import Gate, Lost, PolicyNamed
from tipstaff_schemas.fleet_simulation import (
    Canary,
    FleetOutcome,
    FleetSimulated,
    FleetUser,
    ReasonCounted,
    UnitSimulated,
)
from tipstaff_schemas.report import Tool

MOST_REASONS = 10
"""Reasons of an outcome that are listed."""


class Ran(NamedTuple):
    """A simulation of a fleet that came to its end."""

    store: str
    numbers: dict[str, int]
    """Until when runs count, and from when hosts are silent and gone."""
    apart: Apart
    work: Work
    tally: FleetTally


def build_document(
    named: PolicyNamed, shipments: Sequence[Shipment], ran: Ran, gate: Gate | None
) -> FleetSimulated:
    """Return what a policy would do to a fleet.

    Args:
        named: The policy.
        shipments: One a client; they differ by their files alone.
        ran: The simulation.
        gate: Whether a pipeline is to stop.
    """
    tally, shipment = ran.tally, shipments[0]
    files = [file.name for sent in shipments for file in sent.files]
    exceeded = gate is not None and gate.exceeded
    lost = tally.workspaces.most_common(MOST_NAMED)
    return FleetSimulated(
        tool=Tool(version=__version__),
        policy=named,
        at=moment(shipment.at),
        ships=["policy", *files],
        later=list(map(moment, later_moments(shipment.policy, shipment.at))),
        way=shipment.way,
        store=ran.store,
        simulated=tally.simulated,
        unjudged=tally.unjudged,
        outcomes=[_outcome(outcome, tally) for outcome in OUTCOMES],
        units=_units(tally),
        methods_lost=[Lost(name=name, count=n) for name, n in tally.methods.most_common()],
        workspaces_lost=[Lost(name=name, count=n) for name, n in lost],
        without_environment=tally.without_environment,
        keys_not_seen=tally.may_lose,
        silent=tally.silent.total(),
        silent_since=moment(ran.numbers["silent_s"]),
        gone=ran.apart.gone,
        gone_since=moment(ran.numbers["gone_s"]),
        images=ran.apart.images,
        classes=ran.work.classes,
        judgements=ran.work.judgements,
        differing_classes=ran.work.differing,
        canaries=list(map(_canary, tally.choose())),
        gate=gate,
        exit_code=FINDINGS_EXIT if exceeded else 0 if tally.simulated else NOTHING_CHECKED_EXIT,
    )


def _outcome(outcome: Outcome, tally: FleetTally) -> FleetOutcome:
    found = sorted(
        tally.reasons[outcome].items(), key=lambda item: (-item[1].count, not item[0][0], item[0])
    )
    shown = [(key, reason) for key, reason in found if key[1] != OTHER][:MOST_REASONS]
    count = tally.outcomes[outcome]
    return FleetOutcome(
        outcome=outcome,
        count=count,
        new=tally.new[outcome],
        silent=tally.silent[outcome],
        reasons=[
            ReasonCounted(
                why=why,
                is_new=is_new,
                count=reason.count,
                examples=[FleetUser(**_user(place)) for place in reason.examples],
            )
            for (is_new, why), reason in shown
        ],
        further=count - sum(reason.count for _, reason in shown),
    )


def _units(tally: FleetTally) -> list[UnitSimulated]:
    def count_lost(counts: Counter[str]) -> int:
        return counts["log_out"] + counts["refused"]

    found = sorted(
        tally.units.items(), key=lambda item: (-count_lost(item[1]), -item[1]["unknown"], item[0])
    )
    return [
        UnitSimulated(
            unit=unit or None,
            users=sum(counts[outcome] for outcome in OUTCOMES),
            new=counts["new"],
            **{outcome: counts[outcome] for outcome in OUTCOMES},
        )
        for unit, counts in found
    ]


def _canary(chosen: Chosen) -> Canary:
    return Canary(
        **_user(chosen.place),
        outcome=chosen.outcome,
        is_new=chosen.is_new,
        stands_for=chosen.stands_for,
    )


def _user(place: Place) -> dict[str, str | None]:
    return place._asdict() | {"host_id": place.known_id, "unit": place.unit or None}
