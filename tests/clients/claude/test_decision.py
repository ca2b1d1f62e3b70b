"""What the client does at start-up: every credential under every rule, and each way to stop it."""

import pytest

from support.clients.claude_hosts import (
    BASE,
    BEARER,
    BEDROCK,
    CONSOLE,
    HEADERS,
    HELPER,
    KEY,
    LOGIN,
    PROFILE,
    TOKEN,
    A,
    B,
    cloud,
    layers_by_content,
    state_of,
)
from tipstaff_policy.clients.claude.credentials.members import BLANK, EMPTY, NO_TEXT, TEXT_KIND
from tipstaff_policy.clients.claude.decision.uncertain import decide
from tipstaff_policy.model.state import UnreadableCredential

RULES = {
    "none": {},
    "claudeai": {"forceLoginMethod": "claudeai"},
    "console": {"forceLoginMethod": "console"},
    "org A": {"forceLoginOrgUUID": A},
    "gateway": {"forceLoginMethod": "gateway"},
    "sign-in": {"enforceAnthropicSignIn": True},
    "sign-in + org A": {"enforceAnthropicSignIn": True, "forceLoginOrgUUID": A},
}
STARTS, REFUSED, OUT, UNSEEN = "allow", "block", "not_logged_in", "unknown"
SWITCH = {"CLAUDE_CODE_USE_BEDROCK": "1"}
BY_HOST = {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}
OF_A, OF_B = (
    {"credentials": A, "CLAUDE_CODE_OAUTH_TOKEN": A},
    {"credentials": B, "CLAUDE_CODE_OAUTH_TOKEN": B},
)
SILENT = {"credentials": None}
NOT_A_KEY = (STARTS, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED)
OUTSIDE = (STARTS, STARTS, STARTS, STARTS, STARTS, REFUSED, REFUSED)
CREDENTIALS = {
    "none": ((), {}, {}, (OUT, OUT, OUT, OUT, REFUSED, REFUSED, REFUSED)),
    "login of A": ((LOGIN,), {}, OF_A, (STARTS, STARTS, STARTS, STARTS, REFUSED, STARTS, STARTS)),
    "login of B": ((LOGIN,), {}, OF_B, (STARTS, STARTS, STARTS, REFUSED, REFUSED, STARTS, REFUSED)),
    "login, service silent": ((LOGIN,), {}, SILENT, (STARTS, STARTS, STARTS, REFUSED, REFUSED, STARTS, REFUSED)),
    "login, service not asked": ((LOGIN,), {}, {}, (STARTS, STARTS, STARTS, UNSEEN, REFUSED, STARTS, UNSEEN)),
    "Console key alone": ((CONSOLE,), {}, {}, (STARTS, STARTS, STARTS, STARTS, REFUSED, REFUSED, REFUSED)),
    "ANTHROPIC_API_KEY": ((KEY,), {}, {}, NOT_A_KEY),
    "ANTHROPIC_API_KEY with a login": ((KEY, LOGIN), {}, OF_A, NOT_A_KEY),
    "ANTHROPIC_AUTH_TOKEN": ((BEARER,), {}, {}, NOT_A_KEY),
    "ANTHROPIC_AUTH_TOKEN with a login": ((BEARER, LOGIN), {}, OF_A, NOT_A_KEY),
    "helper": ((HELPER,), {}, {}, NOT_A_KEY),
    "helper with a login": ((HELPER, LOGIN), {}, OF_A, NOT_A_KEY),
    "CLAUDE_CODE_OAUTH_TOKEN of A": ((TOKEN,), {}, OF_A, (STARTS, STARTS, STARTS, STARTS, REFUSED, STARTS, STARTS)),
    "CLAUDE_CODE_OAUTH_TOKEN of B": ((TOKEN,), {}, OF_B, (STARTS, STARTS, STARTS, REFUSED, REFUSED, STARTS, REFUSED)),
    "key in ANTHROPIC_CUSTOM_HEADERS": ((HEADERS,), {}, {}, (STARTS, STARTS, STARTS, STARTS, REFUSED, REFUSED, REFUSED)),
    "Bedrock": ((BEDROCK,), SWITCH, {}, OUTSIDE),
    "Bedrock with a login": ((BEDROCK, LOGIN), SWITCH, OF_B, OUTSIDE),
    "Vertex": ((cloud("CLAUDE_CODE_USE_VERTEX"),), {"CLAUDE_CODE_USE_VERTEX": "yes"}, {}, OUTSIDE),
    "Bedrock with ANTHROPIC_API_KEY": ((BEDROCK, KEY), SWITCH, {}, NOT_A_KEY),
    "profile of B": ((PROFILE,), {}, {}, (STARTS, STARTS, STARTS, STARTS, REFUSED, REFUSED, REFUSED)),
    "host-managed with a key": ((KEY,), BY_HOST, {}, OUTSIDE),
}  # fmt: skip
MATRIX = {
    f"{credential} · {rule}": (rule, held, env, answers, verdict)
    for credential, (held, env, answers, verdicts) in CREDENTIALS.items()
    for rule, verdict in zip(RULES, verdicts, strict=True)
}


VERTEX, VERTEX_ON = cloud("CLAUDE_CODE_USE_VERTEX"), {"CLAUDE_CODE_USE_VERTEX": "1"}
ODD_KEY = CONSOLE._replace(content=UnreadableCredential(NO_TEXT, "unknown", present=False))


def decide_on(members, credentials=(), **more):
    return decide(state_of(layers_by_content(members), credentials, **more))


@pytest.mark.parametrize(("rule", "held", "env", "answers", "verdict"), MATRIX.values(), ids=MATRIX)
def test_every_credential_under_every_rule(rule, held, env, answers, verdict):
    decision = decide_on(RULES[rule], held, env=env, answers=answers)

    assert verdict == decision.verdict, decision.reason


@pytest.mark.parametrize(("rule", "held", "env", "answers", "verdict"), MATRIX.values(), ids=MATRIX)
def test_a_start_removes_nothing(rule, held, env, answers, verdict):
    assert () == decide_on(RULES[rule], held, env=env, answers=answers).removes


EMPTY_LIST = {
    "none": ((), {}, "refuse"),
    "login": ((LOGIN,), {}, "refuse"),
    "Console key": ((CONSOLE,), {}, "refuse"),
    "key": ((KEY,), {}, "block"),
    "Bedrock": ((BEDROCK,), SWITCH, "allow"),
    "profile": ((PROFILE,), {}, "allow"),
    "host-managed": ((KEY,), BY_HOST, "allow"),
}


@pytest.mark.parametrize(("held", "env", "verdict"), EMPTY_LIST.values(), ids=EMPTY_LIST)
@pytest.mark.parametrize("value", [[], None, 7, True, {}, [["org-a"]], ["org-a", 7]])
def test_an_organisation_list_that_holds_none_lets_no_login_in(value, held, env, verdict):
    assert verdict == decide_on({"forceLoginOrgUUID": value}, held, env=env).verdict


TEXTS = {
    "sign-in, none": ("sign-in", (), {}, "and none is stored or this session cannot read it"),
    "sign-in, key": ("sign-in", (KEY,), {}, "and none is stored or this session cannot read it"),
    "sign-in, key beside a login": ("sign-in", (KEY, LOGIN), {}, "and this session does not run under the one that is stored"),
    "gateway, login": ("gateway", (LOGIN,), {}, "API Error: Not signed in to the Cloud gateway — run /login."),
    "gateway, none": ("gateway", (), {}, "API Error: Not signed in to the Cloud gateway — run /login."),
    "gateway, key": ("gateway", (KEY,), {}, "Administrator policy requires a Cloud gateway sign-in on this machine, but this session is configured with an API key from ANTHROPIC_API_KEY"),
    "organisation, key": ("org A", (KEY,), {}, "This machine's managed settings require a first-party login: they pin Anthropic sign-ins to your organization (forceLoginOrgUUID), and this session is configured with an API key from ANTHROPIC_API_KEY, which cannot be checked against that policy."),
    "method, helper": ("claudeai", (HELPER,), {}, "they require a claude.ai or Console sign-in (forceLoginMethod), and this session is configured with an API key from the apiKeyHelper"),
    "organisation, other login": ("org A", (LOGIN,), OF_B, "Your authentication token belongs to organization org-b,\nbut this machine requires organization org-a."),
    "organisation, other token": ("org A", (TOKEN,), OF_B, "The CLAUDE_CODE_OAUTH_TOKEN environment variable provides a token for a\ndifferent organization than required"),
    "organisation, silent": ("org A", (LOGIN,), SILENT, "Unable to verify organization for the current authentication token."),
    "none": ("none", (), {}, "Not logged in · Please run /login"),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "held", "answers", "text"), TEXTS.values(), ids=TEXTS)
def test_the_clients_own_words_stand_in_the_reason(rule, held, answers, text):
    assert text in decide_on(RULES[rule], held, answers=answers).reason


def test_a_list_of_organisations_is_named_as_one():
    members = {"forceLoginOrgUUID": [A, "org-c"]}

    reason = decide_on(members, (LOGIN,), answers=OF_B).reason

    assert "requires one of these organizations: org-a, org-c." in reason


def test_the_rule_that_stops_is_named_with_its_place():
    decision = decide_on({"forceLoginOrgUUID": A}, (LOGIN,), answers=OF_B)

    assert [("organisation", "credentials", B, (A,))] == [
        violation[:4] for violation in decision.violations
    ]
    assert [BASE] == [
        str(origin) for violation in decision.violations for origin in violation.origins
    ]


@pytest.mark.parametrize("value", [["org-a "], "org-a,org-b", "ORG-A", ""])
def test_an_id_is_compared_exactly(value):
    assert "block" == decide_on({"forceLoginOrgUUID": value}, (LOGIN,), answers=OF_A).verdict


SIGN_IN_VALUES = {
    "true": (True, "allow"), "false": (False, "allow"), "text": ("true", "refuse"),
    "number": (1, "refuse"), "null": (None, "refuse"), "list": ([True], "refuse"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "verdict"), SIGN_IN_VALUES.values(), ids=SIGN_IN_VALUES)
def test_a_sign_in_rule_that_is_no_boolean_lets_nobody_start(value, verdict):
    assert verdict == decide_on({"enforceAnthropicSignIn": value}, (LOGIN,)).verdict


@pytest.mark.parametrize("value", ["ClaudeAI", " claudeai", "claude", None, ["claudeai"], 1, ""])
def test_a_login_method_that_is_unknown_restricts_nothing(value):
    assert "allow" == decide_on({"forceLoginMethod": value}, (KEY,)).verdict


@pytest.mark.parametrize(("value", "verdict"), [("https://gw.example", "block"), ("", "allow"), (7, "allow"), ("no address", "block")])  # fmt: skip
def test_an_address_of_a_gateway_forces_it_alone(value, verdict):
    assert verdict == decide_on({"forceLoginGatewayUrl": value}, (LOGIN,)).verdict


PROVIDERS = {
    "named": (["anthropic"], (LOGIN,), {}, "allow"),
    "not named": (["bedrock"], (LOGIN,), {}, "block"),
    "signed out": (["bedrock"], (), {}, "block"),
    "cloud named": (["bedrock"], (BEDROCK,), SWITCH, "allow"),
    "cloud not named": (["anthropic", "vertex"], (BEDROCK,), SWITCH, "block"),
    "unknown ones are left out": (["anthropic", "sun"], (LOGIN,), {}, "allow"),
    "empty": ([], (LOGIN,), {}, "refuse"),
    "a text": ("anthropic", (LOGIN,), {}, "refuse"),
    "only unknown ones": (["sun"], (BEDROCK,), SWITCH, "refuse"),
}


@pytest.mark.parametrize(("value", "held", "env", "verdict"), PROVIDERS.values(), ids=PROVIDERS)
def test_a_provider_that_is_not_allowed_does_not_start(value, held, env, verdict):
    assert verdict == decide_on({"allowedProviders": value}, held, env=env).verdict


def test_the_allowed_providers_are_named():
    reason = decide_on({"allowedProviders": ["anthropic"]}, (BEDROCK,), env=SWITCH).reason

    assert "Your organization's managed settings allow Claude Code to use: Anthropic API." in reason


def test_the_sign_in_rule_comes_before_the_providers():
    members = {"allowedProviders": ["bedrock"], "enforceAnthropicSignIn": True}

    assert "enforceAnthropicSignIn" in decide_on(members, (BEDROCK,), env=SWITCH).reason


SESSIONS = {
    "bare, no pin": ({}, (LOGIN,), {}, True, "not_logged_in"),
    "bare, pin": ({"forceLoginOrgUUID": A}, (LOGIN,), {}, True, "block"),
    "bare, sign-in": ({"enforceAnthropicSignIn": True}, (LOGIN,), {}, True, "block"),
    "socket, pin": ({"forceLoginOrgUUID": A}, (LOGIN,), {"ANTHROPIC_UNIX_SOCKET": "/s"}, False, "allow"),
    "socket, sign-in": ({"enforceAnthropicSignIn": True}, (LOGIN,), {"ANTHROPIC_UNIX_SOCKET": "/s"}, False, "block"),
    "host off": ({"forceLoginOrgUUID": A}, (KEY,), {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "0"}, False, "block"),
    "host, login": ({}, (LOGIN,), BY_HOST, False, "not_logged_in"),
    "host, sign-in": ({"enforceAnthropicSignIn": True}, (LOGIN,), BY_HOST, False, "block"),
    "other address, sign-in": ({"enforceAnthropicSignIn": True}, (LOGIN,), {"ANTHROPIC_BASE_URL": "https://proxy.example"}, False, "block"),
    "own address, sign-in": ({"enforceAnthropicSignIn": True}, (LOGIN,), {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}, False, "allow"),
    "switch off": ({"forceLoginOrgUUID": A}, (KEY,), {"CLAUDE_CODE_USE_BEDROCK": "false"}, False, "block"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("members", "held", "env", "bare", "verdict"), SESSIONS.values(), ids=SESSIONS
)
def test_what_the_environment_makes_of_a_start(members, held, env, bare, verdict):
    assert verdict == decide_on(members, held, env=env, bare=bare).verdict


ORDER = {
    "bearer before helper": ((HELPER, BEARER), {}, "ANTHROPIC_AUTH_TOKEN"),
    "helper before key": ((KEY, HELPER), {}, "apiKeyHelper"),
    "helper before token": ((TOKEN, HELPER), {}, "apiKeyHelper"),
    "key before token": ((TOKEN, KEY), {}, "ANTHROPIC_API_KEY"),
    "token before login": ((LOGIN, TOKEN), {}, "CLAUDE_CODE_OAUTH_TOKEN"),
    "login before Console key": ((CONSOLE, LOGIN), {}, "credentials"),
    "Console key before profile": ((PROFILE, CONSOLE), {}, "config"),
    "login before an implied profile": ((PROFILE, LOGIN), {}, "credentials"),
    "named profile before login": ((LOGIN, PROFILE), {"ANTHROPIC_PROFILE": "b"}, "profiles"),
    "cloud before all": ((BEDROCK, BEARER), SWITCH, "CLAUDE_CODE_USE_BEDROCK"),
    "Bedrock before Vertex": ((), {"CLAUDE_CODE_USE_VERTEX": "1", **SWITCH}, "CLAUDE_CODE_USE_BEDROCK"),
}  # fmt: skip


@pytest.mark.parametrize(("held", "env", "active"), ORDER.values(), ids=ORDER)
def test_the_first_credential_in_the_clients_order_is_active(held, env, active):
    assert active == decide_on({}, held, env=env).active


def test_the_status_is_shown_without_a_rule():
    decision = decide_on(RULES["sign-in"], (KEY,), entry_point="status")

    assert ("allow", "ANTHROPIC_API_KEY") == (decision.verdict, decision.active)


def test_an_interactive_start_with_a_key_depends_on_what_the_person_approved():
    assert (
        "unknown"
        == decide_on(RULES["org A"], (KEY, LOGIN), answers=OF_A, entry_point="interactive").verdict
    )
    assert (
        "block"
        == decide_on(
            RULES["gateway"], (KEY, LOGIN), answers=OF_A, entry_point="interactive"
        ).verdict
    )


def test_an_expired_login_may_be_refreshed_first():
    expired = LOGIN._replace(content=LOGIN.content._replace(expires_at=1))

    assert ("refresh",) == decide_on(RULES["org A"], (expired,), answers=OF_B).depends_on


def test_what_only_the_service_knows_is_asked_for():
    assert ("organisation",) == decide_on(RULES["org A"], (LOGIN,)).depends_on


@pytest.mark.parametrize(
    ("effect", "verdict"), [("refuse", "not_logged_in"), ("unknown", "unknown")]
)
def test_a_store_that_cannot_be_read_is_signed_out_for_the_client_alone(effect, verdict):
    unread = LOGIN._replace(content=UnreadableCredential("cannot be read", effect))

    assert verdict == decide_on({}, (unread,)).verdict


GLOBAL = {
    "no JSON object": ("config", "holds no JSON object, so that the client stops", "refuse"),
    "the earlier name": ("legacy-config", "holds no JSON object", "refuse"),
    "refused by the system": ("config", "cannot be read: Permission denied", "allow"),
    "another store": ("credentials", "holds no JSON object", "allow"),
}


@pytest.mark.parametrize(("source", "reason", "verdict"), GLOBAL.values(), ids=GLOBAL)
def test_a_broken_global_file_stops_the_client(source, reason, verdict):
    unread = CONSOLE._replace(source=source, content=UnreadableCredential(reason, "refuse"))

    assert verdict == decide_on({}, (TOKEN, unread)).verdict


def test_a_fresh_policy_of_the_service_is_waited_for():
    decision = decide_on({"forceRemoteSettingsRefresh": True}, (LOGIN,))

    assert ("allow", ("server_policy",)) == (decision.verdict, decision.depends_on)


@pytest.mark.parametrize("value", ["true", 1, None])
def test_a_fresh_policy_by_another_value_is_not_waited_for(value):
    assert () == decide_on({"forceRemoteSettingsRefresh": value}, (LOGIN,)).depends_on


VERSIONS = {
    "pins only steer the login page": ("2.1.75", "org A", (LOGIN,), OF_B, "allow"),
    "not known yet": ("2.1.80", "org A", (LOGIN,), OF_B, "unknown"),
    "not known and no matter": ("2.1.80", "org A", (LOGIN,), OF_A, "allow"),
    "organisation": ("2.1.84", "org A", (LOGIN,), OF_B, "block"),
    "key not yet": ("2.1.131", "org A", (KEY,), {}, "allow"),
    "key perhaps": ("2.1.140", "org A", (KEY,), {}, "unknown"),
    "key": ("2.1.146", "org A", (KEY,), {}, "block"),
    "sign-in not yet": ("2.1.323", "sign-in", (KEY,), {}, "allow"),
    "sign-in perhaps": ("2.1.325", "sign-in", (KEY,), {}, "unknown"),
    "sign-in": ("2.1.330", "sign-in", (KEY,), {}, "block"),
    "newer": ("2.2.0", "sign-in", (KEY,), {}, "block"),
    "older than anything seen": ("0.9.0", "org A", (KEY,), {}, "unknown"),
}


@pytest.mark.parametrize(
    ("version", "rule", "held", "answers", "verdict"), VERSIONS.values(), ids=VERSIONS
)
def test_versions_differ(version, rule, held, answers, verdict):
    assert verdict == decide_on(RULES[rule], held, answers=answers, version=version).verdict


@pytest.mark.parametrize(("version", "verdict"), [("2.1.146", "block"), ("2.1.150", "unknown"), ("2.1.161", "allow")])  # fmt: skip
def test_one_version_refused_cloud_providers_too(version, verdict):
    assert verdict == decide_on(RULES["org A"], (BEDROCK,), env=SWITCH, version=version).verdict


BESIDE = {
    "a Console key beside Bedrock": ("2.1.332", (BEDROCK, CONSOLE), SWITCH, "block"),
    "one that is no text beside Bedrock": ("2.1.332", (BEDROCK, ODD_KEY), SWITCH, "block"),
    "one that is no text alone": ("2.1.332", (ODD_KEY,), {}, "not_logged_in"),
    "a Console key beside a profile": ("2.1.332", (CONSOLE, PROFILE), {}, "block"),
    "a key beside Bedrock in 2.1.212": ("2.1.212", (BEDROCK, KEY), SWITCH, "allow"),
    "a key beside Vertex in 2.1.212": ("2.1.212", (VERTEX, KEY), VERTEX_ON, "block"),
    "a profile in 2.1.84": ("2.1.84", (PROFILE,), {}, "not_logged_in"),
    "a profile in 2.1.146": ("2.1.146", (PROFILE,), {}, "block"),
    "a host's provider in 2.1.84": ("2.1.84", (LOGIN,), BY_HOST, "unknown"),
    "a host's provider in 2.1.146": ("2.1.146", (KEY,), BY_HOST, "block"),
}


@pytest.mark.parametrize(("version", "held", "env", "verdict"), BESIDE.values(), ids=BESIDE)
def test_what_lies_beside_a_credential_counts_under_a_pin(version, held, env, verdict):
    rule = {"forceLoginOrgUUID": A}

    assert verdict == decide_on(rule, held, env=env, version=version).verdict


def blank(credential):
    """Return a variable that holds blanks alone."""
    return credential._replace(content=UnreadableCredential(BLANK, "unknown", present=False))


EMPTY_BEARER = BEARER._replace(content=UnreadableCredential(EMPTY, "unknown", present=False))
BLANKS = {
    "a key in 2.1.84": ("2.1.84", "org A", (blank(KEY), LOGIN), "not_logged_in"),
    "a key and headers in 2.1.84": ("2.1.84", "org A", (blank(KEY), HEADERS), "allow"),
    "a key beside Bedrock in 2.1.84": ("2.1.84", "org A", (BEDROCK, blank(KEY)), "allow"),
    "a bearer in 2.1.84": ("2.1.84", "org A", (blank(BEARER),), "allow"),
    "a token in 2.1.84": ("2.1.84", "none", (blank(TOKEN),), "allow"),
    "a token under a pin in 2.1.84": ("2.1.84", "org A", (blank(TOKEN), LOGIN), "block"),
    "a key in 2.1.146": ("2.1.146", "org A", (blank(KEY), LOGIN), "block"),
    "an empty bearer in 2.1.84": ("2.1.84", "org A", (EMPTY_BEARER,), "allow"),
    "an empty bearer and a key in 2.1.84": ("2.1.84", "none", (EMPTY_BEARER, blank(KEY)), "allow"),
    "an empty bearer in 2.1.146": ("2.1.146", "none", (EMPTY_BEARER,), "not_logged_in"),
    "a bearer in 2.1.146": ("2.1.146", "org A", (blank(BEARER),), "block"),
    "a key in 2.1.211": ("2.1.211", "none", (blank(KEY), LOGIN), "not_logged_in"),
    "a key in 2.1.212": ("2.1.212", "org A", (blank(KEY), LOGIN), "allow"),
    "a bearer alone in 2.1.212": ("2.1.212", "org A", (blank(BEARER),), "allow"),
    "a bearer beside Bedrock in 2.1.212": ("2.1.212", "org A", (BEDROCK, blank(BEARER)), "allow"),
    "a token alone in 2.1.212": ("2.1.212", "none", (blank(TOKEN),), "not_logged_in"),
    "a bearer alone in 2.1.300": ("2.1.300", "none", (blank(BEARER),), "unknown"),
    "a key in 2.1.330": ("2.1.330", "org A", (blank(KEY), LOGIN), "allow"),
    "a bearer alone in 2.1.330": ("2.1.330", "none", (blank(BEARER),), "not_logged_in"),
    "a key in headers in 2.1.332": ("2.1.332", "none", (blank(HEADERS),), "not_logged_in"),
    "headers beside a login in 2.1.332": ("2.1.332", "sign-in", (LOGIN, blank(HEADERS)), "block"),
}


@pytest.mark.parametrize(("version", "rule", "held", "verdict"), BLANKS.values(), ids=BLANKS)
def test_a_variable_of_blanks_counts_as_its_version_takes_it(version, rule, held, verdict):
    env = SWITCH if BEDROCK in held else {}

    decision = decide_on(RULES[rule], held, env=env, answers=OF_A, version=version)

    assert verdict == decision.verdict, decision.reason


def test_a_key_of_blanks_is_named_where_nothing_is_sent_for_it():
    decision = decide_on({}, (blank(KEY), LOGIN), version="2.1.84")

    assert "ANTHROPIC_API_KEY" == decision.active
    assert "holds blanks alone: Invalid API key" in decision.reason


def test_a_login_without_the_scope_is_asked_about_only_where_no_key_is_active():
    held = LOGIN._replace(content=LOGIN.content._replace(usable=False))
    rule = {"forceLoginOrgUUID": A}

    found = [
        decide_on(rule, held_all, answers=OF_B, version="2.1.84").verdict
        for held_all in ((held,), (CONSOLE, held), (KEY, held), (BEARER, held))
    ]

    assert ["block", "block", "allow", "allow"] == found


OLDER = {
    "an empty text in 2.1.84": ("2.1.84", {"forceLoginOrgUUID": ""}, "allow"),
    "an empty text in 2.1.146": ("2.1.146", {"forceLoginOrgUUID": ""}, "block"),
    "an empty list in 2.1.84": ("2.1.84", {"forceLoginOrgUUID": []}, "allow"),
    "a list in 2.1.84": ("2.1.84", {"forceLoginOrgUUID": [A]}, "allow"),
    "a list in 2.1.146": ("2.1.146", {"forceLoginOrgUUID": [A]}, "block"),
    "the word gateway in 2.1.146": ("2.1.146", {"forceLoginMethod": "gateway"}, "refuse"),
    "the word gateway in 2.1.212": ("2.1.212", {"forceLoginMethod": "gateway"}, "allow"),
    "providers in 2.1.212": ("2.1.212", {"allowedProviders": ["bedrock"]}, "allow"),
    "providers in 2.1.330": ("2.1.330", {"allowedProviders": ["bedrock"]}, "block"),
}


@pytest.mark.parametrize(("version", "members", "verdict"), OLDER.values(), ids=OLDER)
def test_an_earlier_version_reads_a_rule_in_its_own_way(version, members, verdict):
    assert verdict == decide_on(members, (LOGIN,), answers=OF_B, version=version).verdict


def test_a_login_whose_scopes_are_a_text_yields_to_a_profile():
    held = LOGIN.content._replace(kind=TEXT_KIND)

    decision = decide_on({}, (LOGIN._replace(content=held), PROFILE))

    assert "profiles" == decision.active


def test_a_login_whose_scopes_are_a_text_is_no_sign_in():
    held = LOGIN.content._replace(kind=TEXT_KIND)

    assert "block" == decide_on(RULES["sign-in"], (LOGIN._replace(content=held),)).verdict


def test_a_key_in_headers_beside_a_login_is_refused_under_the_sign_in_rule():
    decision = decide_on(RULES["sign-in"], (LOGIN, HEADERS))

    assert "block" == decision.verdict
    assert "does not run under the one that is stored" in decision.reason


PROXY = {"ANTHROPIC_BASE_URL": "https://proxy.example"}
PINNED = {"env": PROXY}
ADDRESSES = {
    "not listed": (["anthropic"], {}, PROXY, "block"),
    "listed and not pinned": (["customEndpoint"], {}, PROXY, "block"),
    "listed and pinned": (["customEndpoint"], PINNED, {}, "allow"),
    "pinned and not listed": (["anthropic"], PINNED, {}, "block"),
}


@pytest.mark.parametrize(("value", "managed", "env", "verdict"), ADDRESSES.values(), ids=ADDRESSES)
def test_another_address_has_to_be_listed_and_pinned(value, managed, env, verdict):
    members = {"allowedProviders": value, **managed}

    assert verdict == decide_on(members, (LOGIN,), env=env).verdict


BARE = {
    "key": (KEY, "allow"),
    "bearer": (BEARER, "allow"),
    "token": (TOKEN, "not_logged_in"),
    "Console key": (CONSOLE, "not_logged_in"),
}


@pytest.mark.parametrize(("held", "verdict"), BARE.values(), ids=BARE)
def test_a_bare_start_reads_a_key_or_bearer_token_alone(held, verdict):
    assert verdict == decide_on({}, (held,), bare=True).verdict


PROVIDER_TEXTS = {
    "empty": ([], "no API provider at all (allowedProviders is an empty list)"),
    "no list": (7, "no API provider at all (allowedProviders is an empty list)"),
    "unknown": (
        ["sun"],
        "no API provider at all (allowedProviders lists only unrecognized entries)",
    ),
    "several": (
        ["vertex", "bedrock"],
        "allow Claude Code to use: Google Vertex AI, Amazon Bedrock.",
    ),
}


@pytest.mark.parametrize(("value", "text"), PROVIDER_TEXTS.values(), ids=PROVIDER_TEXTS)
def test_what_is_said_of_the_providers(value, text):
    assert text in decide_on({"allowedProviders": value}, (LOGIN,)).reason


IDLE_KEY = CONSOLE._replace(content=UnreadableCredential(NO_TEXT, "unknown", present=False))


@pytest.mark.parametrize(
    ("credentials", "env", "verdict"),
    [
        ((PROFILE,), {}, "allow"),
        ((IDLE_KEY, PROFILE), {}, "not_logged_in"),
        ((IDLE_KEY, PROFILE), {"ANTHROPIC_PROFILE": "work"}, "allow"),
        ((IDLE_KEY, LOGIN), {}, "allow"),
    ],
    ids=["none", "beside a profile", "beside a named profile", "beside a login"],
)
def test_a_console_key_that_is_no_text_keeps_a_profile_from_signing_in(credentials, env, verdict):
    assert verdict == decide(state_of((), credentials, env=env)).verdict
