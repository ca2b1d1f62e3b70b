"""What the real client did on whole configurations of real life, held against Tipstaff.

Recorded by `make real-life CLIENT=x.y.z`, a file a version; here the client is not needed.
"""

import pytest

from conformance import generator, real_life
from conformance.client import Case
from conformance.engine import request_of
from conformance.test_corpus import CWD, HOME, lay_out
from tipstaff_policy.clients import load_client

VERSIONS = sorted(
    path.name.removeprefix("real-life-").removesuffix(".jsonl.gz")
    for path in real_life.HERE.glob("real-life-*.jsonl.gz")
)
# Each process that takes one of these tests would lay out all hosts again.
pytestmark = [pytest.mark.rest, pytest.mark.xdist_group("real life")]

FEWEST = 300
MOST_UNKNOWN = 0.02
"""Share of the decisions."""


@pytest.fixture(scope="module")
def decisions(tmp_path_factory):
    """Return what each version's hosts are decided to be, each host laid out once."""
    root = tmp_path_factory.mktemp("real") / "host"
    found = {}
    for name, case in real_life.hosts().items():
        lay_out(root, case._asdict())
        for version in VERSIONS:
            found[version, name] = decided(root, case, version)
    return found


def decided(root, case: Case, version):
    """Return what a host is decided to be, whatever else a client of that version could be."""
    request = request_of(case.flags, case.entry_point, version, {}, str(root / CWD))
    request = request._replace(system_root=str(root), client_home=str(root / HOME))
    client = load_client("codex")
    return client.decide(client.read_state(request)._replace(readings=()))


def test_there_are_enough_configurations_and_each_is_recorded():
    hosts = real_life.hosts()
    assert len(real_life.configurations()) >= FEWEST
    assert VERSIONS != []
    for version in VERSIONS:
        client, ends = real_life.recorded(version)
        assert client == f"codex-cli {version}"
        assert {name: end["digest"] for name, end in ends.items()} == {
            name: real_life.digest(case) for name, case in hosts.items()
        }, f"`make real-life CLIENT={version}` records again what was changed"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_decision_is_wrong(version, decisions):
    _, ends = real_life.recorded(version)

    wrong = {
        name: (end["verdict"], end["removes"], found.verdict, found.reason)
        for name, end in ends.items()
        if (found := decisions[version, name]).verdict != "unknown"
        and (end["verdict"], end["removes"]) != (found.verdict, sorted(found.removes))
    }

    assert {} == wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_hardly_any_decision_is_unknown(version, decisions):
    found = [decision for (of, _), decision in decisions.items() if of == version]

    unknown = [decision.reason for decision in found if decision.verdict == "unknown"]

    assert len(unknown) <= MOST_UNKNOWN * len(found), unknown


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_client_left_is_what_it_was_decided_to_leave(version, decisions):
    _, ends = real_life.recorded(version)

    wrong = [
        name
        for name, end in ends.items()
        if (found := decisions[version, name]).verdict != "unknown"
        and ("file" in end["left"]) == ("file" in found.removes)
    ]

    assert [] == wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_random_hosts_leave_out_what_is_undecided_and_nothing_else(version, decisions):
    undecided = {
        name[0]
        for (of, name), decision in decisions.items()
        if of == version and decision.verdict == "unknown"
    }

    assert {*generator.UNDECIDED} == undecided


def test_every_part_of_a_configuration_lies_in_a_place_of_the_client():
    for name, made in real_life.configurations().items():
        assert made.etc or made.home or made.cwd or made.flags, name
