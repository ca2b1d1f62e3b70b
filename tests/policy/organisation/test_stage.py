"""How far the start of a policy has come: dates, scopes, cohorts."""

import hashlib

import pytest

from tipstaff_policy.model.state import Machine
from tipstaff_policy.organisation.model import OrganisationPolicy, Rule, Scope
from tipstaff_policy.organisation.rollout_stage import WHOLE, in_cohort, scope_of, stage_of

NOW = 1_000_000
HOST = Machine("0123", "dev-7.example.com", "ada")


def policy(scopes=(), **fields):
    rules = {name: Rule(value, ()) for name, value in fields.items()}
    return OrganisationPolicy(scopes=scopes, **rules)


STAGES = {
    "no dates": (policy(), "enforce"),
    "not yet valid": (policy(valid_from=NOW + 1), "silent"),
    "valid from this second": (policy(valid_from=NOW), "enforce"),
    "no longer valid still holds": (policy(valid_until=NOW - 1), "enforce"),
    "before the warning": (policy(warn_from=NOW + 1, enforce_from=NOW + 2), "silent"),
    "warning": (policy(warn_from=NOW, enforce_from=NOW + 1), "warn"),
    "enforced from this second": (policy(warn_from=NOW - 1, enforce_from=NOW), "enforce"),
    "only reported": (policy(on_violation="report"), "warn"),
    "reported, and not even warned of yet": (
        policy(on_violation="report", warn_from=NOW + 1),
        "silent",
    ),
    "an empty cohort": (policy(enforce_from=NOW, cohort=0), "warn"),
    "a whole cohort": (policy(enforce_from=NOW, cohort=WHOLE), "enforce"),
    "a scope that reports": (policy([Scope("dev", ("dev-*",), "report")]), "warn"),
    "a scope of other hosts": (policy([Scope("ci", ("ci-*",), "report")]), "enforce"),
    "a scope in other letters": (policy([Scope("dev", ("DEV-7.*",), "report")]), "warn"),
    "a scope that goes first": (
        policy([Scope("dev", ("dev-*",), enforce_from=NOW)], enforce_from=NOW + 9),
        "enforce",
    ),
    "a scope with an own cohort": (
        policy([Scope("dev", ("dev-*",), cohort=0)], enforce_from=NOW, cohort=WHOLE),
        "warn",
    ),
}


@pytest.mark.parametrize(("made", "mode"), STAGES.values(), ids=STAGES)
def test_the_stage_follows_dates_scopes_and_cohorts(made, mode):
    assert mode == stage_of(made, HOST, NOW).mode


def test_the_first_scope_that_fits_counts():
    scopes = (Scope("a", ("x-*",)), Scope("b", ("dev-*",)), Scope("c", ("*",)))

    assert "b" == scope_of(policy(scopes), HOST).name


def hosts(count):
    return [
        Machine(hashlib.sha256(bytes([n // 256, n % 256])).hexdigest(), "", "")
        for n in range(count)
    ]


def test_a_cohort_has_about_its_share_and_keeps_its_hosts_as_it_grows():
    made = policy(id="p")

    small, large = (
        {host for host in hosts(2000) if in_cohort(made, host, share)} for share in (500, 2500)
    )

    assert small < large
    assert 60 < len(small) < 140
    assert 430 < len(large) < 570


def test_another_policy_starts_on_other_hosts():
    one, two = (
        {host for host in hosts(400) if in_cohort(policy(id=name), host, 1000)} for name in "pq"
    )

    assert one != two


def test_a_host_without_an_id_comes_last():
    nameless = HOST._replace(host_id=None)

    assert [False, True] == [in_cohort(policy(), nameless, share) for share in (WHOLE - 1, WHOLE)]
