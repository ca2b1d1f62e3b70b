"""The meet of policies: laws as equalities, and what it may never loosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artefacts.policies import fragments, policies, roots
from tipstaff_policy.assessment.policy_contradictions import contradictions
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.merging import meet
from tipstaff_policy.organisation.model import (
    NO_POLICY,
    Allowed,
    OrganisationPolicy,
    Rule,
    Scope,
    Waiver,
)

A, B = Origin("organisation", "/a", 1), Origin("organisation", "/b", 2)


@given(policies, policies, policies)
def test_it_is_associative(one, two, three):
    assert meet([meet([one, two]), three]) == meet([one, meet([two, three])])


@given(policies, policies)
def test_it_is_commutative(one, two):
    assert meet([one, two]) == meet([two, one])


@given(policies)
def test_it_is_idempotent(one):
    assert one == meet([one, one])


@given(policies)
def test_no_policy_changes_nothing(one):
    assert one == meet([one, NO_POLICY]) == meet([NO_POLICY, one])


@given(st.lists(policies, min_size=1, max_size=4))
def test_an_allowed_set_is_what_every_file_allows(files):
    together = meet(files)

    for name in ("login_methods", "workspaces", "stores", "trusted_keys", "waiver_keys"):
        stated = [set(getattr(file, name).values) for file in files if getattr(file, name)]
        found = getattr(together, name)
        assert (set.intersection(*stated) if stated else None) == (
            None if found is None else set(found.values)
        )


@given(roots, st.lists(fragments, max_size=3))
def test_a_fragment_never_turns_a_report_into_a_log_out(root, files):
    assert root.on_violation == meet([root, *files]).on_violation


def test_the_order_in_which_a_file_has_its_scopes_is_kept():
    scopes = (Scope("z", ("ci-eu-*",)), Scope("a", ("ci-*",)))

    assert scopes == meet([OrganisationPolicy(scopes=scopes), OrganisationPolicy()]).scopes


STRICTER = {
    "environment_credentials": ("allow", "forbid"),
    "scrub_environment": (False, True),
    "on_error": ("open", "closed"),
    "oldest_client": ((0, 9, 9), (0, 10, 0)),
    "longest_age_s": (200, 100),
    "valid_from": (100, 200),
    "valid_until": (200, 100),
}


@pytest.mark.parametrize(("name", "pair"), STRICTER.items(), ids=STRICTER)
def test_the_stricter_value_wins_and_keeps_its_place(name, pair):
    loose, strict = Rule(pair[0], (A,)), Rule(pair[1], (B,))

    together = meet([OrganisationPolicy(**{name: loose}), OrganisationPolicy(**{name: strict})])

    assert strict == getattr(together, name)


def test_the_higher_severity_wins():
    low, high = (
        OrganisationPolicy(severities=(("TIP105", Rule(word, (place,))),))
        for word, place in (("low", A), ("critical", B))
    )

    assert (("TIP105", Rule("critical", (B,))),) == meet([high, low]).severities


def test_files_that_together_allow_nothing_are_named_both():
    one = OrganisationPolicy(workspaces=Allowed(("ws-a",), (A,)))
    two = OrganisationPolicy(workspaces=Allowed(("ws-b",), (B,)))

    (fault,) = contradictions(meet([one, two]))

    assert "/a:1 and /b:2" == fault.where
    assert "refuse" == fault.effect


def test_a_file_that_means_nobody_contradicts_nothing():
    nobody = OrganisationPolicy(workspaces=Allowed((), (A,), wants_none=True))
    some = OrganisationPolicy(workspaces=Allowed(("ws-b",), (B,)))

    assert () == contradictions(meet([nobody, some]))


def test_an_end_before_the_beginning_names_both():
    policy = OrganisationPolicy(valid_from=Rule(200, (A,)), valid_until=Rule(100, (B,)))

    assert ["/a:1 and /b:2"] == [contradiction.where for contradiction in contradictions(policy)]


BAD_WAIVERS = {
    "of a group that is no scope": ({"group": "ci"}, {}, "no scope is called 'ci'"),
    "of a check that may not be waived": (
        {},
        {"not_waivable": Allowed(("TIP102",), (B,))},
        "TIP102 may not be waived",
    ),
}


@pytest.mark.parametrize(("own", "policy", "what"), BAD_WAIVERS.values(), ids=BAD_WAIVERS)
def test_a_bad_waiver_is_a_bad_policy(own, policy, what):
    waiver = Waiver("TIP102", 100, "o", "a", "t", "r", origin=A, **own)

    (fault,) = contradictions(meet([OrganisationPolicy(waivers=(waiver,), **policy)]))

    assert what == fault.what
    assert "/a:1" == fault.where
