"""Logins that are on several hosts: by keyed fingerprints, never by a secret."""

from collections.abc import Collection
from typing import Literal

from tipstaff_fleet.answers.expected import ExpectedHost, define_expected
from tipstaff_fleet.answers.moments import Moments, define_hosts
from tipstaff_fleet.answers.report import moment
from tipstaff_fleet.engines.interface import Engine
from tipstaff_fleet.questions import ask, define_relations
from tipstaff_policy import __version__
from tipstaff_schemas.fleet import FleetDuplicates, LoginOnHost, LoginOnHosts
from tipstaff_schemas.report import Tool

PLACES = 20
"""Hosts of a login that a document names at most."""


def make_duplicates(
    engine: Engine, moments: Moments, expected: Collection[ExpectedHost], *, limit: int
) -> FleetDuplicates:
    """Return which logins of the newest reports are on more than one host.

    Args:
        engine: Holds the store.
        moments: The moment asked about; the earlier one is not read.
        expected: The hosts that are expected, for their units.
        limit: Logins at most.

    Raises:
        MemoryLimitError: A question needs more memory.
        BadStoreError: The store cannot be read.
    """
    numbers = moments.numbers() | {"limit": limit, "places": PLACES}
    define_expected(engine, expected, numbers)
    define_hosts(engine, moments)
    define_relations(engine, numbers, ("held_logins",))
    credentials, unkeyed, logins = map(int, ask(engine, "duplicate_counts", numbers)[0])
    places: dict[str, list[LoginOnHost]] = {}
    for fingerprint, host, host_id, unit, user, client, store, seen_s in ask(
        engine, "duplicate_places", numbers
    ):
        places.setdefault(str(fingerprint), []).append(
            LoginOnHost(
                host=str(host),
                host_id=str(host_id),
                unit=str(unit),
                user=str(user),
                client=str(client),
                store=str(store),
                seen_at=moment(int(seen_s)),
            )
        )
    return FleetDuplicates(
        tool=Tool(version=__version__),
        at=moment(moments.at_s),
        credentials=credentials,
        without_fingerprint=unkeyed,
        logins=logins,
        entries=[
            LoginOnHosts(
                fingerprint=str(fingerprint),
                kind=str(kind),
                method=str(method),
                hosts=int(hosts),
                users=int(users),
                places=places.get(str(fingerprint), []),
            )
            for fingerprint, kind, method, hosts, users in ask(engine, "duplicates", numbers)
        ],
        exit_code=_exit_code(credentials, unkeyed, logins),
    )


def _exit_code(credentials: int, unkeyed: int, logins: int) -> Literal[0, 1, 4, 5]:
    if logins:
        return 1
    if not credentials:
        return 5
    return 4 if unkeyed else 0
