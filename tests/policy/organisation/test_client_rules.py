"""What a policy says of single clients: the keys at the top are the short form for one of them."""

import pytest

from support.artefacts.policies import ROOT
from tipstaff_policy.assessment.policy_contradictions import contradictions
from tipstaff_policy.assessment.policy_diff.compare import compare
from tipstaff_policy.assessment.policy_wording import list_fields
from tipstaff_policy.clients import CLIENTS as KNOWN
from tipstaff_policy.clients import policy_fields_of
from tipstaff_policy.model.state import Credential, HeldCredential, Identity, Judged, Machine
from tipstaff_policy.organisation.field_types import text
from tipstaff_policy.organisation.fields import client_fields
from tipstaff_policy.organisation.in_force import orders_of
from tipstaff_policy.organisation.merging import meet
from tipstaff_policy.organisation.parsing import Clients, File, parse_document
from tipstaff_policy.organisation.violations import judge

PATH = "/etc/tipstaff/policy.toml"
OTHER = """\
[clients.made-up]
login_methods = ["console"]
organisations = ["org-1"]
accounts = ["a@example.org"]
stores = ["keychain"]
oldest_version = "2.1.0"
"""


TABLES = {name: policy_fields_of(name) for name in KNOWN}
CLIENTS = Clients((*KNOWN, "made-up"), TABLES.get)


@pytest.fixture(autouse=True)
def _made_up(monkeypatch):
    """A client that a later release may know."""
    known = client_fields(text(), text(), ("organisations", "accounts"), settings="Its settings.")
    monkeypatch.setitem(TABLES, "made-up", known)


def parsed(document, *, root=True, lines=True):
    head = ROOT if root else "schema = 1\n"
    return parse_document(File(PATH, f"{head}{document}".encode(), root), CLIENTS, lines=lines)


def policy(document, **how):
    return parsed(document, **how).policy


def orders(document, client):
    return orders_of(policy(document), Machine(None, "host", "dev"), client, 0)


SAME = {
    "login methods": ('login_methods = ["api"]', 'login_methods = ["api"]'),
    "no method": ("login_methods = []", "login_methods = []"),
    "stores": ('stores = ["keyring"]', 'stores = ["keyring"]'),
    "workspaces": ('workspaces = [{id = "ws-a"}]', 'workspaces = ["ws-a"]'),
    "oldest version": ('oldest_client = "0.150.0"', 'oldest_version = "0.150.0"'),
}


@pytest.mark.parametrize(("short", "long"), SAME.values(), ids=SAME)
def test_a_key_at_the_top_is_the_short_form_for_codex(short, long):
    assert () == compare(policy(short), policy(f"[clients.codex]\n{long}"))


def test_what_stands_in_both_places_must_both_hold():
    both = policy(
        'login_methods = ["api", "chatgpt"]\n[clients.codex]\nlogin_methods = ["chatgpt"]'
    )

    assert ("chatgpt",) == both.login_methods.values
    assert [4, 6] == [origin.line for origin in both.login_methods.origins]


def test_two_places_that_leave_nothing_are_a_contradiction_that_names_both():
    (fault,) = contradictions(
        policy('login_methods = ["api"]\n[clients.codex]\nlogin_methods = ["chatgpt"]')
    )

    assert f"{PATH}:4 and {PATH}:6" == fault.where


def test_another_client_goes_by_its_own_table_alone():
    ordered = orders(
        f'login_methods = ["api"]\nstores = ["file"]\n{OTHER}', "made-up"
    ).make_ordered()

    assert ("console",) == ordered.login_methods
    assert ordered.workspaces is None
    assert ("org-1",) == ordered.organisations
    assert ("a@example.org",) == ordered.accounts
    assert [8] == [origin.line for origin in ordered.places("organisation")]


def test_the_rules_of_another_client_are_not_those_of_codex():
    ordered = orders(f'login_methods = ["api"]\n{OTHER}', "codex").make_ordered()

    assert ("api",) == ordered.login_methods
    assert ordered.organisations is None
    assert ordered.accounts is None


def test_stores_and_oldest_version_of_another_client_are_its_own():
    found = orders(f'oldest_client = "0.150.0"\n{OTHER}', "made-up").policy

    assert ("keychain",) == found.stores.values
    assert (2, 1, 0) == found.oldest_client.value


def test_a_client_that_the_policy_does_not_name_is_not_restricted_by_it():
    assert not orders('login_methods = ["api"]', "made-up").make_ordered().restricts()


def test_two_files_tighten_the_rules_of_a_client():
    fragment = '[clients.made-up]\nlogin_methods = ["console", "oauth"]\norganisations = []\n'

    (rules,) = meet([policy(OTHER), policy(fragment, root=False)]).clients

    assert ("console",) == rules.login_methods.values
    assert () == rules.organisations.values
    assert rules.organisations.wants_none is True


def test_two_files_that_allow_nothing_together_are_a_contradiction():
    fragment = '[clients.made-up]\norganisations = ["org-2"]\n'

    (fault,) = contradictions(meet([policy(OTHER), policy(fragment, root=False)]))

    assert "clients.made-up.organisations allows nothing that every file allows" == fault.what


VARIABLES = {
    "its own table": ("", "forbid", True),
    "the key for every client": ('environment_credentials = "forbid"', "", True),
    "both, against each other": ('environment_credentials = "forbid"', "allow", True),
    "both, the other way round": ('environment_credentials = "allow"', "forbid", True),
    "allowed in its own table": ("", "allow", False),
}


@pytest.mark.parametrize("client", ["codex", "made-up"])
@pytest.mark.parametrize(("top", "own", "forbids"), VARIABLES.values(), ids=VARIABLES)
def test_a_credential_from_a_variable_is_forbidden_where_either_place_says_so(
    top, own, forbids, client
):
    table = f'[clients.{client}]\nenvironment_credentials = "{own}"' if own else ""

    assert forbids == orders(f"{top}\n{table}", client).make_ordered().forbids_variables


@pytest.mark.parametrize(("named", "other"), [("codex", "made-up"), ("made-up", "codex")])
def test_what_one_client_is_forbidden_another_one_is_not(named, other):
    table = f'[clients.{named}]\nenvironment_credentials = "forbid"'

    assert not orders(table, other).make_ordered().forbids_variables


@pytest.mark.parametrize("client", ["codex", "made-up"])
def test_a_forbidden_variable_names_the_line_of_the_clients_own_table(client):
    table = f'[clients.{client}]\nenvironment_credentials = "forbid"'

    places = orders(table, client).make_ordered().places("environment")

    assert [5] == [origin.line for origin in places]


def test_of_two_files_one_that_forbids_a_client_its_variables_is_enough():
    fragment = '[clients.made-up]\nenvironment_credentials = "forbid"\n'
    allowed = policy('[clients.made-up]\nenvironment_credentials = "allow"\n')

    (rules,) = meet([policy(fragment, root=False), allowed]).clients

    assert "forbid" == rules.environment_credentials.value


TOP_NAMED = 'workspaces = [{ id = "ws-a", name = "A" }]\n'
FAULTY = {
    "an owner that the client does not have": (
        '[clients.codex]\norganisations = ["o"]',
        "clients.codex.organisations is unknown",
    ),
    "a method that the client does not have": (
        '[clients.codex]\nlogin_methods = ["oauth"]',
        'clients.codex.login_methods, item 1, is "oauth"',
    ),
    "a client that nobody knows": (
        '[clients.codx]\nlogin_methods = ["api"]',
        "clients.codx is unknown",
    ),
    "a key of the top": (
        '[clients.made-up]\noldest_client = "1.0.0"',
        "clients.made-up.oldest_client is unknown",
    ),
    "a name of what is not allowed": (
        '[clients.made-up]\norganisations = ["org-1"]\nnames = { org-l = "Acme" }',
        'clients.made-up.names has a name for "org-l", which it does not allow',
    ),
    "a name where nothing is allowed by id": (
        '[clients.codex.names]\nws-a = "Alpha"',
        'clients.codex.names has a name for "ws-a", which it does not allow',
    ),
    "a name that is none": (
        '[clients.made-up]\norganisations = ["org-1"]\nnames = { org-1 = 1 }',
        "clients.made-up.names.org-1 is 1",
    ),
    "names in a list": ('[clients.made-up]\nnames = ["Acme"]', "clients.made-up.names is a list"),
    "two names of one workspace": (
        f'{TOP_NAMED}[clients.codex]\nworkspaces = ["ws-a"]\nnames = {{ ws-a = "B" }}',
        'the workspace "ws-a" has two names',
    ),
    "no list": ('[clients.made-up]\naccounts = "a"', 'clients.made-up.accounts is "a"'),
}


@pytest.mark.parametrize(("document", "what"), FAULTY.values(), ids=FAULTY)
def test_what_a_client_does_not_have_is_a_bad_policy(document, what):
    (fault,) = parsed(document).faults

    assert what == fault.what


def test_a_policy_shows_the_rules_of_a_client_with_their_places():
    shown = {name: (value, str(origins[0])) for name, value, origins in list_fields(policy(OTHER))}

    assert (["org-1"], f"{PATH}:6") == shown["clients.made-up.organisations"]
    assert ("2.1.0", f"{PATH}:9") == shown["clients.made-up.oldest_version"]


NAMED = """\
[clients.made-up]
organisations = ["org-1"]
accounts = ["a@example.org"]
[clients.made-up.names]
org-1 = "Acme"
"a@example.org" = "Ada"
"""


def test_a_misspelt_id_of_a_name_is_a_fault_at_its_line_with_the_likely_one():
    (fault,) = parsed(NAMED.replace("org-1 =", "org-l =")).faults

    assert f"{PATH}:8" == fault.where
    assert 'did you mean "org-1"?' == fault.expected


def test_a_fragment_names_no_organisation():
    (fault,) = parsed(NAMED, root=False).faults

    assert "names is in a fragment" == fault.what


def test_a_policy_shows_whose_a_login_may_be_by_id_and_name():
    shown = {name: value for name, value, _ in list_fields(policy(NAMED))}

    assert ["org-1 (Acme)"] == shown["clients.made-up.organisations"]
    assert ["a@example.org (Ada)"] == shown["clients.made-up.accounts"]


def test_what_is_ordered_of_a_client_carries_its_names_alone():
    text = f'workspaces = [{{ id = "ws-a", name = "Alpha" }}]\n{NAMED}'

    assert (("a@example.org", "Ada"), ("org-1", "Acme")) == orders(
        text, "made-up"
    ).make_ordered().names
    assert (("ws-a", "Alpha"),) == orders(text, "codex").make_ordered().names


def test_a_violation_names_the_organisations_that_are_allowed():
    ordered = orders(NAMED, "made-up").make_ordered()
    held = HeldCredential("k", "m", identity=(Identity("organisation", "org-2", "token"),))
    login = Credential("file", "/home/dev/login", held)

    judged = judge(login, Judged("file", "complies"), ordered, 0)

    assert 'belongs to organisation "org-2"' in judged.reason
    assert 'allows "org-1" (Acme).' in judged.reason


def test_a_name_in_the_table_of_codex_is_the_short_forms():
    long = '[clients.codex]\nworkspaces = ["ws-a"]\n[clients.codex.names]\nws-a = "Alpha"'

    assert () == compare(policy('workspaces = [{ id = "ws-a", name = "Alpha" }]'), policy(long))


def test_a_comparison_says_what_is_called_otherwise():
    (change,) = compare(policy(NAMED), policy(NAMED.replace("Acme", "Globex")))

    assert "org-1 of made-up is called Globex, until now Acme" == change.what
    assert ("other", "clients.made-up.names") == (change.direction, change.field)


def test_a_comparison_names_the_organisation_that_is_gone():
    without = NAMED.replace('["org-1"]', '["org-3"]').replace('org-1 = "Acme"\n', "")

    change = next(iter(compare(policy(NAMED), policy(without))))

    assert '"Acme" (org-1) until now, org-3 from then on' in change.what


CHANGES = {
    "one more": ('organisations = ["a"]', 'organisations = ["a", "b"]', "loosened"),
    "one less": ('organisations = ["a", "b"]', 'organisations = ["a"]', "tightened"),
    "another": ('organisations = ["a"]', 'organisations = ["b"]', "other"),
    "stated": ("", "organisations = []", "tightened"),
    "forbidden": (
        'environment_credentials = "allow"',
        'environment_credentials = "forbid"',
        "tightened",
    ),
    "no longer forbidden": ('environment_credentials = "forbid"', "", "loosened"),
    "newer": ('oldest_version = "1.9.0"', 'oldest_version = "1.10.0"', "tightened"),
}


@pytest.mark.parametrize(("before", "after", "direction"), CHANGES.values(), ids=CHANGES)
def test_a_comparison_says_what_changes_for_a_client(before, after, direction):
    table = "[clients.made-up]\n"

    (change,) = compare(policy(table + before), policy(table + after))

    assert direction == change.direction
    assert change.field.startswith("clients.made-up.")


def test_a_comparison_names_whose_variables_are_forbidden():
    (change,) = compare(policy(""), policy('[clients.codex]\nenvironment_credentials = "forbid"'))

    whom = "people who use codex with a credential from a variable"
    assert f"{whom}: allow until now, forbid from then on" == change.what


SAME_FOR_ALL = {
    "a default": ("", '[clients.codex]\nenvironment_credentials = "allow"'),
    "what holds for every client": (
        'environment_credentials = "forbid"',
        'environment_credentials = "forbid"\n[clients.codex]\nenvironment_credentials = "forbid"',
    ),
    "what loses to that": (
        'environment_credentials = "forbid"',
        'environment_credentials = "forbid"\n[clients.codex]\nenvironment_credentials = "allow"',
    ),
}


@pytest.mark.parametrize(("before", "after"), SAME_FOR_ALL.values(), ids=SAME_FOR_ALL)
def test_a_client_of_which_nothing_more_is_said_changes_nothing(before, after):
    assert () == compare(policy(before), policy(after))


def test_what_becomes_of_every_client_is_not_repeated_for_one_that_had_it():
    own = '[clients.codex]\nenvironment_credentials = "forbid"'

    (change,) = compare(policy(own), policy('environment_credentials = "forbid"'))

    assert "environment_credentials" == change.field


def test_the_file_of_a_client_is_still_carried_verbatim():
    (key,) = policy(f"{OTHER}[clients.made-up.settings]\ntheme = 'dark'").client_keys

    assert ("made-up", "settings", ("theme",)) == key[:3]
