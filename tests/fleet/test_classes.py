"""Users of one class end alike, whatever else their hosts differ in."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from support.fleet.fleets import (
    AT,
    DAY,
    HOSTS,
    LIVES,
    METHODS,
    MINE,
    POLICIES,
    SEEN,
    WORKSPACE,
    YOURS,
    Life,
    kept,
    report,
    shipment,
    simulator,
)
from tipstaff_fleet.simulation.classes import ages_of
from tipstaff_fleet.simulation.judging import in_general
from tipstaff_policy.assessment.simulation import Simulated


def judged(judge, stored):
    result = judge.judge(judge.read(stored.template, stored.person, stored.marks), stored.person)
    assert isinstance(result, Simulated), result
    return in_general(result, stored.marks)


def key(judge, stored):
    return judge.key(stored.person, stored.marks)


def near(draw, life):
    """Return a life that is as another one in some of its parts."""
    other = draw(LIVES)
    same = draw(st.sets(st.sampled_from(Life._fields)))
    return other._replace(**{name: getattr(life, name) for name in same})


@given(
    st.sampled_from(HOSTS),
    st.sampled_from(sorted(POLICIES)),
    st.booleans(),
    LIVES,
    st.data(),
)
def test_two_users_of_one_class_end_alike(name, policy, files, life, data):
    judge = simulator(POLICIES[policy], files=files).judge
    one = kept(report(name, life, trusts="a" * 64))
    other = kept(report(name, near(data.draw, life), trusts="b" * 64))
    assume(key(judge, one) == key(judge, other))

    assert judged(judge, one) == judged(judge, other)


ONE_CLASS = {
    "another home": {"home": "/srv/people/eve"},
    "another user": {"user": "eve"},
    "another host": {"host": "other", "host_id": "9" * 64},
    "another owner of the files": {"uid": 4711},
    "a moment on the same side of every mark": {"seen": SEEN + 5, "refreshed": SEEN - DAY + 5},
    "another login": {"fingerprint": "ef" * 32},
    "another foreign workspace": {"workspace": YOURS},
}


@pytest.mark.parametrize("changed", ONE_CLASS.values(), ids=ONE_CLASS)
@pytest.mark.parametrize("name", HOSTS)
def test_what_does_not_count_makes_no_class(name, changed):
    judge = simulator(METHODS + WORKSPACE + 'longest_age = "30d"\n').judge
    life = Life(fingerprint="ab" * 32, workspace=MINE)

    one, other = kept(report(name, life)), kept(report(name, life._replace(**changed)))

    assert key(judge, one) == key(judge, other)


@pytest.mark.parametrize("name", ["project-not-trusted", "user-policy-beaten"])
def test_what_else_stands_in_a_users_own_file_makes_no_class(name):
    judge = simulator(METHODS).judge
    one, other = (kept(report(name, Life(), trusts=digest * 64)) for digest in "ab")

    assert key(judge, one) == key(judge, other)


TOLD_APART = {
    "a login that gets too old": (
        "an age", "compliant-chatgpt",
        Life(refreshed=AT - 30 * DAY), Life(refreshed=AT - 30 * DAY - 1), AT,
    ),
    "a host of the cohort": (
        "half of the hosts", "api-key-under-chatgpt-only",
        Life(host_id="1" * 64), Life(host_id=None), AT,
    ),
    "a host of a scope": (
        "some hosts", "api-key-under-chatgpt-only", Life(host="ci-1"), Life(host="lap-1"), AT,
    ),
    "a host that is waived": (
        "a host waived", "api-key-under-chatgpt-only", Life(host="lap-2"), Life(host="lap-1"), AT,
    ),
    "a user that is waived": (
        "users waived", "wrong-workspace", Life(user="ada"), Life(user="eve"), AT,
    ),
    "an allowed workspace": (
        "workspaces", "wrong-workspace",
        Life(), Life(workspace="0f8fad5b-d9cb-469f-a165-708677289503"), AT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD_APART.values(), ids=TOLD_APART)
def test_what_counts_tells_classes_apart(case):
    policy, name, first, second, at = case
    judge = simulator(POLICIES[policy], at=at, files=False).judge
    one, other = kept(report(name, first)), kept(report(name, second))

    assert key(judge, one) != key(judge, other)


def test_a_waiver_that_has_ended_makes_no_class():
    judge = simulator(POLICIES["a waiver that has ended"], at=AT).judge
    one, other = (
        kept(report("unmanaged", Life(host=host, host_id="1" * 64))) for host in ("lap-1", "lap-2")
    )

    assert key(judge, one) == key(judge, other)


def test_times_are_judged_by_the_ages_of_the_client_and_of_the_policy():
    ages = ages_of(shipment(POLICIES["an age"]), "codex", (8 * DAY,))

    assert (AT, (0, 8 * DAY, 30 * DAY)) == ages
