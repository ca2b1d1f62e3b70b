"""Build the document of a summary of simulations."""

from tipstaff_policy import __version__
from tipstaff_policy.assessment.simulation import OUTCOMES, Shipment, later_moments
from tipstaff_policy.assessment.simulation_summary import Example, SimulationSummary
from tipstaff_policy.organisation.wording import moment
from tipstaff_schemas.comparison import (
    Lost,
    OutcomeCounted,
    PersonSimulated,
    PolicyNamed,
    PolicySimulated,
    Unreadable,
)
from tipstaff_schemas.report import Tool

MOST_NAMED = 10
"""Workspaces that are shown by name."""


def build_person(example: Example) -> PersonSimulated:
    """Return a person on a host, and what becomes of the person."""
    return PersonSimulated(**example._asdict())


def build_simulation(
    named: PolicyNamed, shipment: Shipment, summary: SimulationSummary
) -> PolicySimulated:
    """Return what all simulations amount to; of a gate it knows nothing yet."""
    lost = summary.workspaces.most_common(MOST_NAMED)
    return PolicySimulated(
        tool=Tool(version=__version__),
        policy=named,
        at=moment(shipment.at),
        ships=["policy", *(file.name for file in shipment.files)],
        later=list(map(moment, later_moments(shipment.policy, shipment.at))),
        way=shipment.way,
        simulated=summary.simulated,
        unreadable=summary.unread,
        unread=[Unreadable(**example._asdict()) for example in summary.unread_examples],
        outcomes=[
            OutcomeCounted(
                outcome=outcome,
                count=summary.outcomes[outcome],
                new=summary.new[outcome],
                examples=[build_person(example) for example in summary.examples[outcome]],
            )
            for outcome in OUTCOMES
        ],
        methods_lost=[Lost(name=name, count=n) for name, n in summary.methods.most_common()],
        workspaces_lost=[Lost(name=name, count=n) for name, n in lost],
        without_environment=summary.without_environment,
        exit_code=0,
    )
