"""No two parts of one report contradict each other, on any host and for any version.

Settings in force, decision, the checks of the policy and the store, the list of credentials and
the sign-in all speak of one client on one host.
"""

import itertools
import json
import os
import tempfile
from typing import NamedTuple

import pytest
from example_hosts import BOTH, EXPECTED, copy_host, hosts_of
from hypothesis import given
from hypothesis import strategies as st

from support.clients.known_clients import ADAPTER as SCRIBE
from support.clients.known_clients import LOGINS as LOGINS_OF_SCRIBE
from support.clients.known_clients import both_clients, make_scribe
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, audit, make_host, tipstaff
from support.machines.judged_hosts import CODEX, judged
from tipstaff_policy.assessment.explanation import explain_key
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.versions import PROVEN
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.state import OWNERS
from tipstaff_policy.organisation.violations import check_of
from tipstaff_schemas.build import credential_entries
from tipstaff_schemas.listing import build_listed

__all__ = ["both_clients"]
STORE = "cli_auth_credentials_store"
HELD_IN = {
    "file": {"file"},
    "keyring": {"keyring", "encrypted"},
    "auto": {"file", "keyring", "encrypted"},
    "ephemeral": set(),
}
"""Where a stored credential that is in use can lie, by the store in force."""


class Words(NamedTuple):
    """What the laws have to know of a client."""

    adapter: Adapter
    rules: dict[str, str]
    """By key, what it restricts."""
    held_in: dict[str, set[str]]
    default_store: str
    unites: bool = False
    """Whether the lists of several files count together, so that each adds to what is allowed."""

    def key(self, about):
        return [key for key, subject in self.rules.items() if subject == about][-1]

    def left(self, sets):
        return set.union(*sets) if self.unites else set.intersection(*sets)


OF_CODEX = Words(
    CODEX,
    {
        "forced_login_method": "login method",
        "allowed_login_methods": "login method",
        "forced_chatgpt_workspace_id": "workspace",
        "allowed_chatgpt_workspaces": "workspace",
        STORE: "store",
    },
    HELD_IN,
    "file",
)
OF_SCRIBE = Words(
    SCRIBE,
    {
        "allowedMethods": "login method",
        "allowedOrganisations": "organisation",
        "store": "store",
    },
    {"state": {"state"}, "vault": {"vault"}},
    "state",
    unites=True,
)
BINDING = ("TIP101", "TIP102", "TIP103")
"""The checks of the rules that Tipstaff acts on."""
DECIDED = ("allow", "log_out", "block", "ignore_credential", "not_logged_in")
ENTRY_POINTS = ("exec", "interactive", "app-server", "status")


def finding(found, check_id):
    return [entry for entry in found.findings if entry.check == check_id]


def status(found, check_id):
    (only,) = finding(found, check_id)
    return only.status


def settings(found, adapter=CODEX):
    return {setting.key: setting for setting in adapter.effective(found.sight.state).settings}


def every_rule(found):
    return [rule for rule in found.surroundings.rules if rule.in_force]


def stated_in_force(found):
    """Return the rules in force, of several for one key the strongest."""
    return {rule.key: rule for rule in reversed(every_rule(found))}


def settings_are_the_rules_in_force(client, _request, found):
    """Return whether each sign-in rule is a setting in force, from the same place, and reverse."""
    by_setting = {
        key: setting.origin
        for key, setting in settings(found, client.adapter).items()
        if key in client.rules
    }
    by_rule = {key: rule.origin for key, rule in stated_in_force(found).items()}
    return by_setting == by_rule


def what_is_passed_over_is_not_in_force(client, _request, found):
    passed = {(entry.subject, *places(entry)) for entry in finding(found, "TIP310") if fails(entry)}
    in_force = {
        (key, str(setting.origin)) for key, setting in settings(found, client.adapter).items()
    }
    return not {(key, place) for key, *where in passed for place in where} & in_force


def fails(entry):
    return entry.status == "fail"


def places(entry):
    return [one.path if one.line is None else f"{one.path}:{one.line}" for one in entry.evidence]


def no_policy_fails_where_no_setting_restricts(_client, _request, found):
    """Return whether TIP301 says of the client's own files what the settings in force say."""
    if found.decision.verdict not in DECIDED or found.sight.orders:
        return True
    restricting = [
        rule
        for rule in stated_in_force(found).values()
        if rule.allows is not None and (rule.about != "store" or rule.held_by == "administrators")
    ]
    return (status(found, "TIP301") == "fail") == (not restricting)


def the_decision_knows_the_rules_in_force(client, _request, found):
    """Return whether the methods and workspaces that are left are those of the settings."""
    decision = found.decision
    if decision.verdict not in DECIDED:
        return True
    rules = [rule for rule in every_rule(found) if rule.allows is not None]
    methods, *owners = (
        [set(rule.allows) for rule in rules if rule.about == about]
        for about in ("login method", *OWNERS)
    )
    every = {method.name for method in client.adapter.methods}
    left = every & client.left(methods) if methods else every
    return left == set(decision.methods) and all(
        (set(decision.list_allowed(owner) or ()) == client.left(sets))
        if sets
        else decision.list_allowed(owner) is None
        for owner, sets in zip(OWNERS, owners, strict=True)
    )


def the_store_is_one_everywhere(client, _request, found):
    """Return whether settings, TIP201 and the client's own rules name one store."""
    store = found.surroundings.store
    setting = settings(found, client.adapter).get(client.key("store"))
    if store is None:
        return True
    observed = {
        entry.observed for entry in finding(found, "TIP201") if entry.status in ("pass", "fail")
    }
    return observed <= {store.name} and store.name == (
        setting.value if setting else client.default_store
    )


def what_is_in_use_lies_in_the_store(client, _request, found):
    store, active = found.surroundings.store, found.decision.active
    stored = {
        credential.source for credential in found.sight.state.credentials if credential.is_stored
    }
    return store is None or active not in stored or active in client.held_in[store.name]


def the_list_and_the_report_show_one_credential_in_use(client, request, found):
    state, decision = found.sight.state, found.decision
    listed = build_listed(client.adapter.custody().every_store(request), state, decision)
    shown = {entry.store for entry in credential_entries(state, decision) if entry.active}
    in_use = {credential.store for credential in listed.credentials if credential.active}
    return decision.verdict not in DECIDED or in_use == shown


def a_restriction_that_holds_is_in_force(_client, _request, found):
    """Return whether TIP302 passes a subject only where a setting in force restricts it."""
    if found.sight.orders:
        return True
    about = {rule.about for rule in stated_in_force(found).values() if rule.allows is not None}
    return all(
        entry.subject in about for entry in finding(found, "TIP302") if entry.status == "pass"
    )


def a_violation_is_a_finding(_client, _request, found):
    """Return whether the check of a broken rule fails for each credential that Tipstaff acts on."""
    broken = {
        (check_of(violation), judged.source)
        for judged in found.sign_in.credentials
        for violation in judged.violations
    }
    failed = {(entry.check, entry.subject) for entry in found.findings if fails(entry)}
    return broken <= failed


def a_check_that_logs_out_fails_only_where_a_rule_is_broken(_client, _request, found):
    """Return whether a host on which the sign-in complies has no failure that it stands for."""
    if found.sign_in.verdict != "complies" or found.decision.verdict != "allow":
        return True
    return not any(fails(entry) for check in BINDING for entry in finding(found, check))


def an_explanation_shows_the_setting_in_force(client, _request, found):
    state = found.sight.state
    return all(
        explain_key(client.adapter, state, key).setting == settings(found, client.adapter).get(key)
        for key in client.adapter.key_advice()
    )


LAWS = (
    settings_are_the_rules_in_force,
    what_is_passed_over_is_not_in_force,
    no_policy_fails_where_no_setting_restricts,
    the_decision_knows_the_rules_in_force,
    the_store_is_one_everywhere,
    what_is_in_use_lies_in_the_store,
    the_list_and_the_report_show_one_credential_in_use,
    a_restriction_that_holds_is_in_force,
    a_violation_is_a_finding,
    a_check_that_logs_out_fails_only_where_a_rule_is_broken,
    an_explanation_shows_the_setting_in_force,
)


def broken_laws(root, version, entry_point, platform="linux"):
    request, found = judged(root, version, entry_point, platform)
    return [law.__name__ for law in LAWS if not law(OF_CODEX, request, found)]


def broken_laws_of_scribe(root, entry_point):
    request, found = judged(root, (2, 0, 0), entry_point, adapter=SCRIBE)
    return [law.__name__ for law in LAWS if not law(OF_SCRIBE, request, found)]


@pytest.mark.parametrize("name", hosts_of("codex"))
def test_no_example_host_contradicts_itself_on_any_version(name, tmp_path):
    root = copy_host(name, tmp_path)
    platform = EXPECTED[name].get("platform", "linux")

    broken = {
        (version, entry_point): laws
        for version, entry_point in itertools.product(PROVEN, ENTRY_POINTS)
        if (laws := broken_laws(root, version, entry_point, platform))
    }

    assert broken == {}


@pytest.mark.parametrize("name", hosts_of("claude", BOTH))
def test_every_violation_of_claude_is_a_finding(name, tmp_path):
    root, platform = copy_host(name, tmp_path), EXPECTED[name].get("platform", "linux")

    request, found = judged(root, platform=platform, adapter=load_client("claude"))

    assert a_violation_is_a_finding(None, request, found)


METHOD = st.sampled_from(
    ("", *(f'forced_login_method = "{method}"\n' for method in ("chatgpt", "api")))
)
WORKSPACE = st.sampled_from(
    ("", *(f'forced_chatgpt_workspace_id = "{workspace}"\n' for workspace in ("ws-a", " ")))
)
KEPT_IN = st.sampled_from(("", *(f'{STORE} = "{store}"\n' for store in HELD_IN)))
CONFIG = st.tuples(METHOD, WORKSPACE, KEPT_IN).map("".join)
REQUIRED = st.tuples(
    st.sampled_from(
        (
            "",
            *(
                f"allowed_login_methods = {methods}\n"
                for methods in ('["chatgpt"]', '["api", "chatgpt"]')
            ),
        )
    ),
    st.sampled_from(("", 'allowed_chatgpt_workspaces = ["ws-a", "ws-b"]\n')),
    KEPT_IN,
).map("".join)
FILES = st.fixed_dictionaries(
    {"requirements": REQUIRED, "managed": CONFIG, "system": CONFIG, "user": CONFIG}
)
LOGIN = st.sampled_from((None, API_KEY, "{}x", chatgpt("ws-a"), chatgpt("ws-z"), chatgpt(None)))


@given(
    files=FILES, auth=LOGIN, version=st.sampled_from(PROVEN), entry=st.sampled_from(ENTRY_POINTS)
)
def test_no_host_contradicts_itself(files, auth, version, entry):
    with tempfile.TemporaryDirectory() as folder:
        root = make_host(os.path.join(folder, "host"), auth=auth, **files)

        assert broken_laws(root, version, entry) == []


LISTS_OF_SCRIBE = st.fixed_dictionaries(
    {},
    optional={
        "allowedMethods": st.sampled_from((["team"], ["team", "key"], [])),
        "allowedOrganisations": st.sampled_from((["acme"], [], "acme")),
        "store": st.sampled_from(("state", "vault", "elsewhere")),
        "keyHelper": st.just("/usr/bin/print-key"),
        "StoRe": st.just("vault"),
    },
)
LOGIN_OF_SCRIBE = st.sampled_from((None, *LOGINS_OF_SCRIBE))


@given(
    files=st.fixed_dictionaries(dict.fromkeys(("managed", "drop_in", "user"), LISTS_OF_SCRIBE)),
    stores=st.fixed_dictionaries({"login": LOGIN_OF_SCRIBE, "vault": LOGIN_OF_SCRIBE}),
    entry=st.sampled_from(SCRIBE.entry_points),
)
@pytest.mark.usefixtures("both_clients")
def test_no_host_of_a_client_that_unites_lists_contradicts_itself(files, stores, entry):
    with tempfile.TemporaryDirectory() as folder:
        root = make_scribe(os.path.join(folder, "host"), **files, **stores)

        assert broken_laws_of_scribe(root, entry) == []


def keep_service_policy(root, text):
    """Leave what the service would have left for a managed plan, as the client keeps it."""
    bundle = {"config_toml": {"enterprise_managed": [{"id": "0", "name": "x", "contents": text}]}}
    kept = {
        "version": 1,
        "expires_at": "2099-01-01T00:00:00Z",
        "account_id": "ws-a",
        "chatgpt_user_id": "user-1",
        "bundle": bundle,
    }
    path = root / "home/dev/.codex/cloud-config-bundle-cache.json"
    path.write_text(json.dumps({"signed_payload": kept}))
    path.chmod(0o600)


@pytest.mark.parametrize("version", PROVEN)
@pytest.mark.parametrize("managed", [None, FORCED_CHATGPT, 'forced_login_method = "api"\n'])
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_no_host_with_a_policy_of_the_service_contradicts_itself(
    entry_point, managed, version, tmp_path
):
    login = chatgpt("ws-a", plan="enterprise")
    root = make_host(tmp_path / "host", auth=login, managed=managed)
    keep_service_policy(root, f'forced_chatgpt_workspace_id = "ws-z"\n{STORE} = "file"\n')

    assert broken_laws(root, version, entry_point) == []


def test_a_policy_of_the_service_is_in_force_where_a_start_loads_it(tmp_path):
    login = chatgpt("ws-a", plan="enterprise")
    root = make_host(tmp_path / "host", auth=login, managed=FORCED_CHATGPT)
    keep_service_policy(root, 'forced_chatgpt_workspace_id = "ws-z"\n')

    shown = {
        entry_point: [*settings(judged(root, entry_point=entry_point)[1])]
        for entry_point in ("exec", "status")
    }

    by_file, by_service = "forced_login_method", "forced_chatgpt_workspace_id"
    assert shown == {"exec": [by_service, by_file], "status": [by_file]}


def test_a_requirement_that_a_version_passes_over_is_no_setting_in_force(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"), requirements=ONLY_CHATGPT)

    shown = audit(root, "--client", "codex", "--client-version", "0.130.0").stdout

    assert "settings in force\n  none\n" in shown


ONLY_CHATGPT = 'allowed_login_methods = ["chatgpt"]\n'


def test_an_explanation_says_that_a_version_passes_over_a_requirement(tmp_path):
    root = make_host(tmp_path / "host", requirements=ONLY_CHATGPT)
    old = ("--client", "codex", "--client-version", "0.130.0", "--system-root", root)

    shown = tipstaff("policy", "explain", "allowed_login_methods", *old).stdout

    assert "client version 0.130.0 ignores this requirement" in shown


def test_the_store_of_a_user_is_judged_where_a_version_passes_over_the_required_one(tmp_path):
    root = make_host(
        tmp_path / "host",
        auth=chatgpt("ws-a"),
        requirements=f'{STORE} = "keyring"\n',
        user=f'{STORE} = "file"\n',
    )

    _, found = judged(root, (0, 146, 0))

    (store,) = finding(found, "TIP201")
    assert "fail" == store.status
    assert "file" == store.observed
    assert "keyring" == store.expected


def test_a_forced_method_is_a_setting_in_force_on_every_version(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    shown = [[*settings(judged(root, version)[1])] for version in PROVEN]

    assert shown == [["forced_login_method"]] * len(PROVEN)
