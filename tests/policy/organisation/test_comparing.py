"""What changes between two policies: nothing exactly where they mean the same."""

import pytest
from hypothesis import given

from support.artefacts.policies import KEY, ROOT, policies, waiver
from tipstaff_policy.assessment.policy_diff.compare import compare
from tipstaff_policy.assessment.policy_diff.meaning import DEFAULTS, meaning_of
from tipstaff_policy.assessment.policy_loading import draft_of
from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.merging import meet
from tipstaff_policy.organisation.model import Allowed, OrganisationPolicy, Rule
from tipstaff_policy.organisation.parsing import File

HERE = Origin("organisation", "elsewhere", 77)
LOOSER_IN_A_MEET = ("waiver", "on_error", "severity")
"""What a meet adds although it lets more pass than the default where nothing is stated."""
SCOPE = '[[scopes]]\nname = "ci"\nhosts = ["ci-*"]\n'


def policy(text):
    return draft_of(File("policy.toml", (ROOT + text).encode(), root=True)).policy


def moved(given):
    """Return a policy that says the same at another place."""
    rules = {
        name: rule._replace(origins=(HERE,))
        for name, rule in given._asdict().items()
        if hasattr(rule, "origins")
    }
    return given._replace(
        **rules, waivers=tuple(old_waiver._replace(origin=HERE) for old_waiver in given.waivers)
    )


def stated(value):
    return Allowed((), (HERE,), wants_none=True) if value == () else Rule(value, (HERE,))


@given(policies)
def test_a_policy_does_not_differ_from_itself_at_another_place(one):
    assert () == compare(one, one) == compare(one, moved(one))


@given(policies, policies)
def test_nothing_changes_exactly_where_both_mean_the_same(one, two):
    assert (meaning_of(one) == meaning_of(two)) == (compare(one, two) == ())


def test_a_counter_that_grows_is_a_change():
    one, two = (OrganisationPolicy(counter=Rule(number, (HERE,))) for number in (1, 2))

    (change,) = compare(one, two)

    assert "counter" == change.field
    assert "other" == change.direction
    assert change.what.endswith("1 until now, 2 from then on")


@given(policies)
def test_a_default_written_out_changes_nothing(one):
    unstated = {name: default for name, default in DEFAULTS.items() if getattr(one, name) is None}

    written = one._replace(**{name: stated(field) for name, field in unstated.items()})

    assert () == compare(one, written)


@given(policies, policies)
def test_what_a_further_file_adds_only_tightens(one, fragment):
    fragment = fragment._replace(
        **dict.fromkeys(("on_violation", "enforce_from", "running_clients"))
    )

    changes = compare(one, meet([one, fragment]))

    assert [] == [
        change
        for change in changes
        if change.direction == "loosened" and not change.field.startswith(LOOSER_IN_A_MEET)
    ]


@given(policies, policies)
def test_the_way_back_turns_every_direction_round(one, two):
    back = {"tightened": "loosened", "loosened": "tightened", "other": "other"}

    there = sorted((change.field, change.direction) for change in compare(one, two))

    assert there == sorted((change.field, back[change.direction]) for change in compare(two, one))


API, CHATGPT = 'login_methods = ["api", "chatgpt"]\n', 'login_methods = ["chatgpt"]\n'
NAMED = 'workspaces = [{ id = "ws-a", name = "Alpha" }]\n'
CASES = {
    "a method is gone": (
        API,
        CHATGPT,
        "tightened",
        "people who sign in with an API key: allowed until now, logged out from then on",
    ),
    "a method where all were allowed": (
        "",
        CHATGPT,
        "tightened",
        "people who sign in with an API key: allowed until now, logged out from then on",
    ),
    "a method is back": (
        CHATGPT,
        API,
        "loosened",
        "people who sign in with an API key: logged out until now, allowed from then on",
    ),
    "nobody may": (
        "",
        "login_methods = []\n",
        "tightened",
        "people who sign in with ChatGPT: allowed until now, logged out from then on",
    ),
    "workspaces where all were allowed": (
        "",
        NAMED,
        "tightened",
        "people of any other workspace: allowed until now, logged out from then on",
    ),
    "another workspace": (
        NAMED,
        'workspaces = [{ id = "ws-b" }]\n',
        "tightened",
        'people of workspace "Alpha" (ws-a): allowed until now, logged out from then on',
    ),
    "only reported": (
        "",
        f'on_violation = "report"\n{NAMED}',
        "tightened",
        "people of any other workspace: allowed until now, reported from then on",
    ),
    "later": (
        "",
        f'enforce_from = 2027-01-10\ncohort = "5%"\n{NAMED}',
        "tightened",
        "people of any other workspace: allowed until now, logged out from 2027-01-10T00:00:00Z on on 5% of the hosts",
    ),
    "a start that is put off": (
        "",
        "enforce_from = 2027-01-10\n",
        "loosened",
        "log-outs start: the first moment until now, 2027-01-10T00:00:00Z from then on",
    ),
    "a greater share": (
        'enforce_from = 2027-01-10\ncohort = "5%"\n',
        'enforce_from = 2027-01-10\ncohort = "10%"\n',
        "tightened",
        "the share of hosts that go first: 5% until now, 10% from then on",
    ),
    "a shorter age": (
        'longest_age = "30d"\n',
        'longest_age = "7d"\n',
        "tightened",
        "people whose login is older than: 30d until now, 7d from then on",
    ),
    "a store": (
        "",
        'stores = ["keyring"]\n',
        "tightened",
        "credentials in any other store: accepted until now, a finding (TIP201) from then on",
    ),
    "a home more": (
        "",
        'homes = ["/srv"]\n',
        "tightened",
        "logins of homes in /srv: not looked for until now, looked for from then on",
    ),
    "a weight below its own": (
        "",
        '[severity]\nTIP102 = "low"\n',
        "loosened",
        "findings of TIP102: the severity of their own until now, low from then on",
    ),
    "a waiver": (
        "",
        waiver(),
        "loosened",
        "TIP102 for all users: not waived until now, waived until 2026-12-02T00:00:00Z (o, a, T-1: r)",
    ),
    "a waiver that vanishes": (
        waiver(user='"ada"'),
        "",
        "tightened",
        "TIP102 for user ada: waived until 2026-12-02T00:00:00Z so far; no longer",
    ),
    "a waiver that ends earlier": (
        waiver(),
        waiver(expires="2026-11-30"),
        "tightened",
        "TIP102 for all users: waived until 2026-12-02T00:00:00Z so far, until 2026-12-01T00:00:00Z instead",
    ),
    "somebody else's waiver": (
        waiver(),
        waiver(owner='"p"'),
        "other",
        "TIP102 for all users: waived as before, and answered for by p, a, T-1: r (so far o, a, T-1: r)",
    ),
    "a group of hosts": (
        "",
        f'{SCOPE}on_violation = "report"\n',
        "other",
        "hosts ci-* (ci): the start of all others until now, a start of their own (on_violation report) from then on",
    ),
    "a group that starts": (
        f'{SCOPE}on_violation = "report"\n',
        f'{SCOPE}on_violation = "log_out"\n',
        "tightened",
        "hosts ci-* (ci): on_violation report until now, log_out from then on",
    ),
    "a group of others": (
        SCOPE,
        SCOPE.replace("ci-*", "run-*"),
        "other",
        "the group ci: ci-* until now, run-* from then on",
    ),
    "a message": (
        "",
        'message = """a\nb"""\n',
        "other",
        "the message to users who are logged out: nothing until now, a / b from then on",
    ),
    "a name": (
        NAMED,
        NAMED.replace("Alpha", "Beta"),
        "other",
        "the workspace ws-a is called Beta, until now Alpha",
    ),
    "the help desk's key": (
        "",
        f'waiver_keys = ["{KEY}"]\n',
        "loosened",
        f"waivers signed by the key {KEY}: without effect until now, counted from then on",
    ),
}


@pytest.mark.parametrize(("before", "after", "direction", "what"), CASES.values(), ids=CASES)
def test_a_change_is_told_for_those_whom_it_concerns(before, after, direction, what):
    found = compare(policy(before), policy(after))

    assert (direction, what) in [(change.direction, change.what) for change in found]


def test_a_change_has_the_lines_of_both_sides():
    (change,) = compare(policy(CHATGPT), policy(f"\n\n{API}"))

    assert ["policy.toml:4"] == [str(origin) for origin in change.before]
    assert ["policy.toml:6"] == [str(origin) for origin in change.after]


def test_of_the_fleets_key_only_that_it_is_another_one_is_told():
    keys = ("a-key-that-nobody-may-see", "another-key-that-nobody-may-see")
    one, two = (OrganisationPolicy(fleet_key=Rule(FleetKey(key), (HERE,))) for key in keys)

    found = compare(one, two)

    assert ["fleet_key"] == [change.field for change in found]
    assert "nobody-may-see" not in repr(found)


def test_each_group_and_each_waiver_has_a_line_of_its_own():
    groups = SCOPE + SCOPE.replace("ci", "qa")
    waivers = waiver() + waiver(check='"TIP103"')

    found = compare(policy(""), policy(groups + waivers))

    assert [4, 7, 10, 17] == [change.after[0].line for change in found]
