"""The people of a fleet's store, compared between two versions of a client."""

from tipstaff_cli.commands.fleet.asking import (
    EMBEDDED,
    GONE_AFTER,
    SILENT_AFTER,
    open_asked,
    read_moments,
)
from tipstaff_fleet.answers.expected import define_expected
from tipstaff_fleet.simulation.fleet import LEAST_MB, define_people, read_people
from tipstaff_policy.assessment.simulation_subjects import Person
from tipstaff_policy.assessment.simulation_summary import Unread
from tipstaff_policy.assessment.upgrade import HostUpgraded, Upgrade, compare_person


def compare_fleet(upgrade: Upgrade, folder: str) -> tuple[list[HostUpgraded | Unread], int]:
    """Return the users for whom something changes or is not known, and how many were compared.

    Users of equal states are judged once.
    """
    numbers = read_moments(None, None, SILENT_AFTER, GONE_AFTER).numbers()
    judged: dict[object, HostUpgraded | Unread | None] = {}
    found: list[HostUpgraded | Unread] = []
    compared = 0
    with open_asked(folder, EMBEDDED, least_mb=LEAST_MB) as engine:
        define_expected(engine, (), numbers)
        people = define_people(engine, numbers).people
        for kept in read_people(engine, people):
            if kept.client != upgrade.adapter.name:
                continue
            compared += 1
            if kept.key not in judged:
                subject = kept.read()
                judged[kept.key] = (
                    Unread(kept.host, subject)
                    if isinstance(subject, str)
                    else compare_person(upgrade, Person(kept.host, subject, from_report=True))
                )
            one = judged[kept.key]
            if isinstance(one, Unread):
                found.append(Unread(kept.host, one.why))
            elif one is not None and one.kinds:
                found.append(one._replace(host=kept.host, user=kept.user))
    return found, compared
