"""A campaign fails where the two differ, and where Tipstaff does not judge."""

import random

from conformance import campaign, cases_not_evaluated, generator, real_life

ALLOW, UNKNOWN = ("allow", []), ("unknown", [])
HOSTS = 400


def test_a_host_that_is_not_judged_is_a_disagreement():
    assert campaign.disagree(ALLOW, UNKNOWN)
    assert not campaign.disagree(ALLOW, ALLOW)


def test_a_campaign_on_a_host_that_is_not_judged_has_found_something(client, monkeypatch):
    monkeypatch.setattr(campaign, "SHRINKING_LIMIT", 0)
    name, case = next(iter(cases_not_evaluated.CASES.items()))
    recorded = []

    counts, found = campaign.run(0, [case], client, lambda *arguments: recorded.append(arguments))

    assert len(found) == 1, name
    assert counts["not judged by Tipstaff"] == 1


def test_random_hosts_take_configurations_of_real_life():
    source = random.Random(1)
    hosts = [generator.case(source) for _ in range(HOSTS)]
    texts = {
        text
        for configuration in real_life.configurations().values()
        for text in configuration.home.values()
    }
    whole = [text for text in texts if text.strip()]

    with_one = sum(
        any(
            isinstance(mine, str) and mine.endswith(text)
            for mine in host.home.values()
            for text in whole
        )
        for host in hosts
    )

    assert HOSTS * generator.REAL_LIFE / 3 < with_one < HOSTS / 2


def test_the_same_seed_makes_the_same_hosts():
    first, second = (
        [generator.as_text(generator.case(source)) for _ in range(20)]
        for source in (random.Random(7), random.Random(7))
    )

    assert first == second
