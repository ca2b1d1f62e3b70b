"""Random hosts are reproducible, recordable, and reach every kind of ending's cause."""

import json
import random

import pytest

from conformance_claude import campaign, generator, proof
from conformance_claude.campaign import hosts_of
from conformance_claude.credentials import CREDENTIALS

COUNT = 400
SEED = 7


def made(count=COUNT):
    return list(hosts_of(SEED, count).values())


def test_the_same_seed_makes_the_same_hosts():
    assert made(20) == made(20)


def test_a_host_is_the_same_after_it_was_written_down():
    hosts = made(100)

    assert [generator.from_text(generator.as_text(host)) for host in hosts] == [
        host._replace(service=json.loads(json.dumps(host.service))) for host in hosts
    ]


def test_every_variable_of_the_matrix_is_met_somewhere():
    wanted = {name for host in CREDENTIALS.values() for name in host.env}

    assert wanted <= {name for host in made() for name in host.env}


def test_every_secret_is_made_up():
    texts = [generator.as_text(host) for host in made()]

    assert not [text for text in texts if "sk-ant" in text]


def test_what_is_tried_to_make_a_host_smaller_is_smaller():
    hosts = made(40)

    assert [] == [
        less
        for host in hosts
        for less in generator.smaller(host)
        if len(generator.as_text(less)) >= len(generator.as_text(host))
    ]


def test_a_host_with_anything_in_it_can_be_made_smaller():
    empty = generator.host(random.Random(0))._replace(
        managed={}, home={}, project={}, env={}, flags=(), service={}
    )

    assert list(generator.smaller(empty)) == []
    assert len(list(generator.smaller(empty._replace(env={"A": "b"})))) == 1


@pytest.mark.parametrize(("version", "has"), [("2.1.84", False), ("2.1.146", True)])
def test_a_version_is_given_no_option_that_it_ends_with(version, has):
    of_tables = proof.table_hosts(version)
    random_ones = campaign.hosts_of(1, 200, version)

    assert has is any(campaign.GIVEN in host.flags for host in of_tables.values())
    assert has is any(campaign.GIVEN in host.flags for host in random_ones.values())


def test_only_the_hosts_with_that_option_are_left_out_of_the_tables():
    left_out = {*proof.table_hosts("2.1.332")} - {*proof.table_hosts("2.1.84")}

    assert {name for name in left_out if "a policy that an option gives" in name} == left_out
    assert left_out
