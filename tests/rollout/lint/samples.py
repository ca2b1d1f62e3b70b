"""Files that a rule speaks of, each with the line, and files of which it is silent."""

import base64
import plistlib
from typing import NamedTuple

from rollout.drafts import draft
from support.artefacts.policies import waiver
from tipstaff_rollout.artefacts.compiling import compile_policy

POLICY, REQ, MANAGED, SYSTEM = (
    "policy.toml",
    "requirements.toml",
    "managed_config.toml",
    "config.toml",
)
SETTINGS, DROP_IN = "managed-settings.json", "managed-settings.d/50-more.json"
HEAD = 'schema = 1\nid = "p"\nversion = "1"\ncontact = "x"\noldest_client = "0.147.0"\n'
"""Five lines, so that what follows begins on the sixth."""
CHATGPT = 'login_methods = ["chatgpt"]\n'
A = 'workspaces = [{ id = "ws-a" }]\n'
KEY = 'fleet_key = "an-example-and-no-real-key"\n'
PIN = 'model_provider = "openai"\n'
FORBIDDEN = 'environment_credentials = "forbid"\n'
ALLOWED = 'environment_credentials = "allow"\n'
OLD = {"version": "0.146.0"}
DAY = 86400
NOW = 20_000 * DAY
"""2024-10-04"""


class Sample(NamedTuple):
    """Files by name, what they are for, and where the rule speaks."""

    files: dict
    aim: dict = {}
    places: tuple = ()
    """Pairs of path and line."""
    modes: dict = {}


def bad(files, *places, modes=None, **aim):
    return Sample(files, aim, places, modes or {})


def good(files, modes=None, **aim):
    return Sample(files, aim, (), modes or {})


def policy(text):
    return {POLICY: HEAD + text}


def scope(name, hosts, more=""):
    listed = ", ".join(f'"{host}"' for host in hosts)
    return f'[[scopes]]\nname = "{name}"\nhosts = [{listed}]\n{more}'


def inner(values, **changed):
    return {
        "PayloadType": "com.openai.codex",
        "PayloadVersion": 1,
        "PayloadIdentifier": "com.example.inner",
        "PayloadUUID": "B",
        **values,
        **changed,
    }


def mcx(values, how="Forced"):
    domain = {how: [{"mcx_preference_settings": values}]}
    return inner(
        {"PayloadContent": {"com.openai.codex": domain}},
        PayloadType="com.apple.ManagedClient.preferences",
    )


def profile(*payloads, **changed):
    top = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "com.example.outer",
        "PayloadUUID": "A",
        "PayloadScope": "System",
        "PayloadRemovalDisallowed": True,
        "PayloadContent": list(payloads),
        **changed,
    }
    return plistlib.dumps({name: value for name, value in top.items() if value is not None})


def line_of(data, text, nth=0):
    """Return the line of a text in a profile, as a person would look for it."""
    lines = [n for n, line in enumerate(data.splitlines(), 1) if text.encode() in line]
    return lines[nth]


def encoded(text):
    return base64.b64encode(text.encode()).decode()


REQUIRED = {"requirements_toml_base64": encoded('allowed_login_methods = ["chatgpt"]\n' + PIN)}
GOOD_PROFILE = profile(inner(REQUIRED))
OTHER_PROFILE = profile(
    inner(REQUIRED, PayloadIdentifier="com.example.inner2", PayloadUUID="D"),
    PayloadIdentifier="com.example.outer2",
    PayloadUUID="C",
)
BLANK = profile(PayloadContent=None)
HOLLOW = profile(inner({"requirements_toml_base64": encoded("# nothing\n")}))
PLAIN = profile(inner({"allowed_login_methods": ["chatgpt"]}))
INDENTED = profile(inner({name: f"\n\t{text}\n" for name, text in REQUIRED.items()}))
DATA = profile(inner({"requirements_toml_base64": b"x"}))
WRONG = profile(inner(REQUIRED, PayloadType="com.openai.codx"))
MISSPELT = profile(inner({"requirement_toml_base64": encoded(CHATGPT)}))
OFTEN = profile(mcx(REQUIRED, "Often"))
FORCED_MCX = profile(mcx(REQUIRED))
REMOVABLE = profile(inner(REQUIRED), PayloadRemovalDisallowed=False)
SAID_NOTHING = profile(inner(REQUIRED), PayloadRemovalDisallowed=None)
OF_USER = profile(inner(REQUIRED), PayloadScope="User")
NAMELESS = profile(inner(REQUIRED), PayloadUUID=None)
TWICE = profile(inner(REQUIRED, PayloadUUID="A"))
OF_OTHERS = profile(inner({"x": 1}, PayloadType="com.apple.wifi.managed"), PayloadScope="User")
BROKEN_INSIDE = profile(
    inner({"requirements_toml_base64": encoded("\nallowed_login_method = []\n")})
)
THEIRS = '# another administrator\'s\nallowed_sandbox_modes = ["read-only"]\n'
OF_THEIRS = profile(inner({"requirements_toml_base64": encoded(THEIRS)}))
P, Q = "a.mobileconfig", "b.mobileconfig"
KEY_LINE = line_of(GOOD_PROFILE, "<key>requirements_toml_base64")
OUTER = "<string>com.example.outer<"

SIGN_IN = '"enforceAnthropicSignIn": true'
LISTED = '{\n"allowedProviders": ["anthropic"]}'
OWNERS = 'organisations = ["org-a"]\n'
ONLY_CLAUDEAI = 'login_methods = ["claudeai"]\n'
UUID = "01234567-89ab-4cde-8f01-23456789abcd"
AMONG = '[clients.codex.requirements]\nallowed_login_methods = ["chatgpt"]\n'
BAD = {
    "sign-in-key-among-others": (
        bad(policy(AMONG), (POLICY, 7)),
        bad(policy(CHATGPT + AMONG), (POLICY, 8)),
    ),
    "nobody-may-sign-in": (
        bad(policy("login_methods = []\n"), (POLICY, 6)),
        bad(policy(CHATGPT + "workspaces = []\n"), (POLICY, 7)),
        bad({REQ: "# no\nallowed_login_methods = []\n"}, (REQ, 2)),
        bad({REQ: 'allowed_login_methods = ["chatgpt"]\nallowed_chatgpt_workspaces = []\n'}, (REQ, 1)),
    ),
    "contradiction": (
        bad(
            {REQ: 'allowed_login_methods = ["api"]\n', MANAGED: '\nforced_login_method = "chatgpt"\n'},
            (MANAGED, 2),
        ),
        bad(
            {REQ: 'allowed_chatgpt_workspaces = ["a"]\n', MANAGED: 'forced_chatgpt_workspace_id = ["b"]\n'},
            (MANAGED, 1),
        ),
        bad(
            {REQ: "allowed_chatgpt_workspaces = []\n", SYSTEM: 'forced_login_method = "chatgpt"\n'},
            (SYSTEM, 1),
        ),
    ),
    "keys-not-bound": (
        bad(policy(A), (POLICY, 6)),
        bad(policy('login_methods = ["api", "chatgpt"]\n' + A), (POLICY, 7)),
        bad({REQ: 'allowed_chatgpt_workspaces = ["a"]\n'}, (REQ, 1)),
        bad({MANAGED: 'forced_chatgpt_workspace_id = "a"\n'}, (MANAGED, 1)),
    ),
    "workspaces-without-effect": (bad(policy('login_methods = ["api"]\n' + A), (POLICY, 7)),),
    "blank-list": (
        bad({REQ: 'allowed_chatgpt_workspaces = [" "]\n'}, (REQ, 1)),
        bad({MANAGED: "\nforced_chatgpt_workspace_id = []\n"}, (MANAGED, 2)),
        bad({MANAGED: 'forced_chatgpt_workspace_id = ""\n'}, (MANAGED, 1)),
    ),
    "provider-not-pinned": (
        bad({REQ: 'allowed_login_methods = ["chatgpt"]\n', MANAGED: CHATGPT}, (REQ, 1)),
        bad({MANAGED: '\nforced_login_method = "chatgpt"\n'}, (MANAGED, 2)),
    ),
    "key-without-effect": (
        bad({REQ: '\nallowed_login_method = ["chatgpt"]\n'}, (REQ, 2)),
        bad({REQ: 'forced_login_method = "chatgpt"\n'}, (REQ, 1)),
        bad({MANAGED: 'allowed_login_methods = ["chatgpt"]\n'}, (MANAGED, 1)),
        bad({SYSTEM: '[tui]\nForced_Login_Method = "api"\n'}, (SYSTEM, 2)),
        bad({P: BROKEN_INSIDE}, (P, line_of(BROKEN_INSIDE, "<key>requirements"))),
    ),
    "unknown-key": (
        bad({REQ: PIN + "allowed_sandbox_mode = []\n"}, (REQ, 2)),
        bad({SYSTEM: "[tui]\nnotificatons = true\n"}, (SYSTEM, 2)),
        bad({REQ: "[browser_use]\norigns = {}\n"}, (REQ, 2)),
    ),
    "passed-over": (
        bad({REQ: PIN + 'allowed_login_methods = ["chatgpt"]\n'}, (REQ, 1), (REQ, 2), **OLD),
        bad({REQ: '\ncli_auth_credentials_store = "file"\n'}, (REQ, 2), version="0.147.0"),
        bad(policy(CHATGPT + A), (POLICY, 7), version="0.146.0", platform="windows"),
    ),
    "refused-by-version": (
        bad({MANAGED: '\nforced_chatgpt_workspace_id = ["a"]\n'}, (MANAGED, 2), version="0.130.0"),
    ),
    "beatable": (
        bad({SYSTEM: 'forced_login_method = "chatgpt"\n'}, (SYSTEM, 1)),
        bad(
            {REQ: 'allowed_login_methods = ["chatgpt"]\n', SYSTEM: PIN + 'cli_auth_credentials_store = "file"\n'},
            (SYSTEM, 2),
        ),
        bad({MANAGED: 'forced_login_method = "chatgpt"\n'}, (MANAGED, 1), platform="windows"),
    ),
    "no-oldest-client": (bad({POLICY: HEAD.replace("oldest_client", "# ") + CHATGPT}, (POLICY, 6)),),
    "workspace-twice": (
        bad(policy('workspaces = [{ id = "ws-a" }, { id = " ws-a" }]\n'), (POLICY, 6)),
        bad(policy('workspaces = [{ id = "ws-a" }, { id = "WS-A" }]\n'), (POLICY, 6)),
        bad({REQ: '\nallowed_chatgpt_workspaces = ["a", "a "]\n'}, (REQ, 2)),
        bad({MANAGED: 'forced_chatgpt_workspace_id = ["a", "a"]\n'}, (MANAGED, 1)),
    ),
    "workspace-odd": (
        bad(policy('workspaces = [{ id = "ws-a,ws-b" }]\n'), (POLICY, 6)),
        bad(policy('workspaces = [{ id = "ws-a " }]\n'), (POLICY, 6)),
        bad({REQ: '\nallowed_chatgpt_workspaces = ["a b"]\n'}, (REQ, 2)),
    ),
    "scope-without-hosts": (bad(policy(scope("x", ["x"]) + scope("y", [])), (POLICY, 9)),),
    "scope-shadowed": (
        bad(policy(scope("z", ["ci-*"]) + scope("a", ["CI-eu-*"])), (POLICY, 9)),
        bad(policy(scope("z", ["ci-*", "x"]) + scope("a", ["x"])), (POLICY, 9)),
        bad(policy(scope("z", ["*"]) + scope("a", ["c?-[ab]"])), (POLICY, 9)),
    ),
    "expired": (bad(policy("valid_until = 2024-10-02\n"), (POLICY, 6)),),
    "starts-after-end": (
        bad(policy("valid_until = 2030-01-01\nenforce_from = 2031-01-01\n"), (POLICY, 7)),
        bad(policy("valid_until = 2030-01-01\n" + scope("x", ["x"], "warn_from = 2031-01-01\n")), (POLICY, 7)),
    ),
    "start-held-back": (
        bad(policy("valid_from = 2030-01-01\nenforce_from = 2029-01-01\n"), (POLICY, 7)),
    ),
    "start-without-effect": (
        bad(policy('on_violation = "report"\nenforce_from = 2030-01-01\n'), (POLICY, 7)),
        bad(policy(scope("x", ["x"], 'on_violation = "report"\nenforce_from = 2030-01-01\n')), (POLICY, 6)),
    ),
    "waiver-expired": (
        bad(policy(waiver(expires="2024-10-03")), (POLICY, 6)),
        bad(policy(waiver(expires="2024-10-02") + waiver(expires="2030-10-02")), (POLICY, 6)),
        bad({"policy.d/1.toml": "schema = 1\n" + waiver(expires="2024-10-02", group='"ci"')}, ("policy.d/1.toml", 2)),
    ),
    "waiver-ends-soon": (
        bad(policy(waiver(expires="2030-10-02") + waiver(expires="2024-10-20")), (POLICY, 13)),
        bad(policy(waiver(expires="2024-12-20")), (POLICY, 6), days=90),
    ),
    "waiver-without-effect": (
        bad(policy(waiver(check='"TIP303"', expires="2030-10-02")), (POLICY, 6)),
        bad(policy(waiver(client='"codx"', expires="2030-10-02")), (POLICY, 6)),
    ),
    "unknown-check": (
        bad(policy(waiver(check='"TIP999"', expires="2030-10-02")), (POLICY, 6)),
        bad(policy('not_waivable = ["TIP998"]\n[severity]\nTIP997 = "low"\n'), (POLICY, 6), (POLICY, 8)),
    ),
    "keyring-missing": (
        bad(policy('stores = ["keyring"]\n'), (POLICY, 6), platform="linux"),
        bad(policy('stores = ["keyring"]\n'), (POLICY, 6), without_keyring=("containers",)),
        bad(policy('stores = ["keyring"]\n' + scope("ours", ["build-*"])), (POLICY, 6)),
        bad({REQ: PIN + 'cli_auth_credentials_store = "keyring"\n'}, (REQ, 2), platform="linux"),
    ),
    "fleet-key-readable": (bad(policy(KEY), (POLICY, 6), modes={POLICY: 0o644}),),
    "fleet-key-guessable": (bad(policy('fleet_key = "0101010101010101010101"\n'), (POLICY, 6)),),
    "keys-to-ship": (bad(policy('trusted_keys = "/etc/tipstaff/none.json"\n'), (POLICY, 6)),),
    "nobody-to-ask": (bad({POLICY: HEAD.replace("contact", "owner")}, (POLICY, 2)),),
    "key-lost": (
        bad({**policy(CHATGPT), REQ: THEIRS}, (REQ, 2)),
        bad({**policy(CHATGPT), P: OF_THEIRS}, (P, line_of(OF_THEIRS, "<key>requirements"))),
        bad({**policy(CHATGPT), MANAGED: "[mcp_servers.docs]\ncommand = 'x'\n"}, (MANAGED, 2)),
    ),
    "value-not-base64": (
        bad({P: DATA}, (P, line_of(DATA, "<key>requirements"))),
        bad({"x.plist": plistlib.dumps({"config_toml_base64": "no base64"})}, ("x.plist", 5)),
        bad({"x.plist": plistlib.dumps({"config_toml_base64": "YSA9\nIDE="})}, ("x.plist", 5)),
    ),
    "sets-nothing": (
        bad({P: BLANK}, (P, None)),
        bad({P: profile()}, (P, None)),
        bad({P: profile(inner({}))}, (P, None)),
        bad({"x.plist": plistlib.dumps({})}, ("x.plist", None)),
        bad({REQ: "# to do\n"}, (REQ, None)),
        bad({MANAGED: ""}, (MANAGED, None)),
        bad({P: HOLLOW}, (P, line_of(HOLLOW, "<key>requirements"))),
    ),
    "wrong-domain": (bad({P: WRONG}, (P, line_of(WRONG, "<key>requirements"))),),
    "unknown-preference": (
        bad({P: MISSPELT}, (P, line_of(MISSPELT, "<key>requirement_"))),
        bad({P: PLAIN}, (P, line_of(PLAIN, "<key>allowed_"))),
    ),
    "not-forced": (bad({P: OFTEN}, (P, line_of(OFTEN, "<key>requirements"))),),
    "domain-twice": (
        bad({P: GOOD_PROFILE, Q: OTHER_PROFILE}, (Q, KEY_LINE)),
        bad({P: FORCED_MCX, "x.plist": plistlib.dumps(REQUIRED)}, ("x.plist", 5)),
    ),
    "profile-removable": (
        bad({P: REMOVABLE}, (P, line_of(REMOVABLE, OUTER))),
        bad({P: SAID_NOTHING}, (P, line_of(SAID_NOTHING, OUTER))),
    ),
    "profile-of-user": (bad({P: OF_USER}, (P, line_of(OF_USER, OUTER))),),
    "profile-incomplete": (bad({P: NAMELESS}, (P, line_of(NAMELESS, OUTER))),),
    "identifier-twice": (
        bad({P: TWICE}, (P, line_of(TWICE, "<string>com.example.inner<"))),
    ),
    "claude_idle_key": (
        bad({SETTINGS: '{\n"forceloginmethod": "console"}'}, (SETTINGS, 2)),
        bad({DROP_IN: '{\n\n"forceLoginMethod": "sso"}'}, (DROP_IN, 3)),
    ),
    "claude_locks_out": (
        bad({SETTINGS: '{\n"forceLoginOrgUUID": []}'}, (SETTINGS, 2)),
        bad({SETTINGS: '{\n"enforceAnthropicSignIn": "true"}'}, (SETTINGS, 2)),
        bad({DROP_IN: '{"model": "opus",\n"allowedProviders": ["example"]}'}, (DROP_IN, 2)),
    ),
    "claude_open_pin": (
        bad({SETTINGS: '{\n"forceLoginOrgUUID": ["org-a"]}'}, (SETTINGS, 2)),
        bad({DROP_IN: '{\n"forceLoginMethod": "console"}'}, (DROP_IN, 2)),
    ),
    "claude_widened_list": (
        bad({SETTINGS: LISTED, DROP_IN: '{\n\n"allowedProviders": ["bedrock"]}'}, (DROP_IN, 3)),
    ),
    "claude_idle_organisations": (
        bad(policy('[clients.claude]\nlogin_methods = ["console"]\n' + OWNERS), (POLICY, 8)),
    ),
    "variable-allowed-in-vain": (
        bad(policy(FORBIDDEN + "[clients.claude]\n" + ALLOWED), (POLICY, 8)),
        bad(policy(FORBIDDEN + "[clients.codex]\n" + ALLOWED), (POLICY, 8)),
    ),
    "claude_odd_organisation": (
        bad(policy("[clients.claude]\n" + OWNERS), (POLICY, 7)),
        bad(policy(f'[clients.claude]\norganisations = ["{UUID.upper()}"]\n'), (POLICY, 7)),
        bad({SETTINGS: '{\n"forceLoginOrgUUID": ["org-a"]}'}, (SETTINGS, 2)),
        bad({SETTINGS: '{\n"forceLoginOrgUUID": "org-a"}'}, (SETTINGS, 2)),
    ),
    "claude_keys_not_bound": (bad(policy("[clients.claude]\n" + OWNERS), (POLICY, 7)),),
    "claude_passed_over": (
        bad(policy('[clients.claude]\noldest_version = "2.1.146"\n' + ONLY_CLAUDEAI), (POLICY, 8), (POLICY, 8)),
        bad(policy('[clients.claude]\noldest_version = "2.1.84"\n' + OWNERS), (POLICY, 8)),
    ),
    "claude_no_oldest_version": (
        bad(policy("[clients.claude]\n" + OWNERS), (POLICY, 7)),
        bad(policy("[clients.claude]\n" + ONLY_CLAUDEAI), (POLICY, 7)),
    ),
}  # fmt: skip

RENDERED = compile_policy(draft(HEAD + CHATGPT)).data("requirements")
BOTH = {
    REQ: 'allowed_login_methods = ["chatgpt"]\nallowed_chatgpt_workspaces = ["a"]\n' + PIN,
    MANAGED: 'forced_login_method = "chatgpt"\nforced_chatgpt_workspace_id = "a"\n',
}
GOOD = {
    "sign-in-key-among-others": (
        good(policy(CHATGPT + "[clients.codex.requirements]\nallow_appshots = false\n")),
    ),
    "nobody-may-sign-in": (good(policy("workspaces = []\n")), good(BOTH)),
    "contradiction": (
        good(BOTH),
        good({REQ: "allowed_chatgpt_workspaces = []\n", MANAGED: 'forced_login_method = "api"\n'}),
        good({REQ: 'allowed_login_methods = ["api"]\n', MANAGED: 'model = "x"\n'}),
    ),
    "keys-not-bound": (
        good(policy(CHATGPT + A)),
        good(policy('login_methods = ["api"]\n' + A)),
        good({REQ: 'allowed_chatgpt_workspaces = ["a"]\n', MANAGED: 'forced_login_method = "chatgpt"\n'}),
    ),
    "workspaces-without-effect": (good(policy('login_methods = ["api"]\n')), good(policy(CHATGPT + A))),
    "blank-list": (
        good({REQ: "allowed_chatgpt_workspaces = []\n"}),
        good({MANAGED: 'forced_chatgpt_workspace_id = ["a", ""]\n'}),
    ),
    "provider-not-pinned": (
        good({REQ: RENDERED}),
        good(BOTH), good({SYSTEM: 'forced_login_method = "chatgpt"\n'})),
    "key-without-effect": (good(BOTH), good({REQ: 'allowed_sandbox_modes = ["read-only"]\n'})),
    "unknown-key": (
        good({SYSTEM: "daybreak = true\n"}, version="0.165.0"),
        good({REQ: "[mcp_servers.anything]\nidentity = { command = 'x' }\n[features]\nmine = true\n"}),
        good({SYSTEM: '[mcp_servers.mine]\ncommand = "x"\n[model_providers.y]\nname = "y"\nbase_url = "u"\n'}),
    ),
    "passed-over": (
        good(BOTH),
        good({REQ: 'allowed_login_methods = ["chatgpt"]\n', MANAGED: BOTH[MANAGED]}, **OLD),
        good({MANAGED: BOTH[MANAGED]}, **OLD), good(policy(CHATGPT + A), **OLD)),
    "refused-by-version": (
        good({MANAGED: 'forced_chatgpt_workspace_id = "a"\n'}, version="0.130.0"),
        good({MANAGED: 'forced_chatgpt_workspace_id = ["a"]\n'}, version="0.135.0"),
    ),
    "beatable": (
        good({**BOTH, SYSTEM: BOTH[MANAGED]}),
        good({**BOTH, SYSTEM: BOTH[MANAGED]}, platform="windows"),
        good({SYSTEM: 'model = "x"\n'}),
    ),
    "no-oldest-client": (good(policy(CHATGPT)), good({POLICY: HEAD.replace("oldest_client", "# ")})),
    "workspace-twice": (good(policy('workspaces = [{ id = "ws-a" }, { id = "ws-b" }]\n')), good(BOTH)),
    "workspace-odd": (good(policy(A)), good({REQ: 'allowed_chatgpt_workspaces = ["a-b", "c"]\n'})),
    "scope-without-hosts": (good(policy(scope("x", ["x"]))),),
    "scope-shadowed": (
        good(policy(scope("a", ["ci-eu-*"]) + scope("z", ["ci-*"]))),
        good(policy(scope("a", ["ci-?"]) + scope("z", ["ci-*", "[ab]*"]))),
        good(policy(scope("a", ["*ab]*"]) + scope("z", ["[ab]x"]))),
    ),
    "expired": (
        good(policy("")),good(policy("valid_until = 2024-10-05\n")),),
    "starts-after-end": (good(policy("valid_until = 2030-01-01\nenforce_from = 2029-01-01\n")),),
    "start-held-back": (good(policy("valid_from = 2029-01-01\nenforce_from = 2029-01-01\n")),),
    "start-without-effect": (
        good(policy("enforce_from = 2030-01-01\n")),
        good(policy('on_violation = "report"\nenforce_from = 2030-01-01\n' + scope("x", ["x"], 'on_violation = "log_out"\n'))),
    ),
    "waiver-expired": (good(policy(waiver(expires="2024-10-20"))),),
    "waiver-ends-soon": (
        good(policy(waiver(expires="2024-10-03"))),  # it ends at this very moment
        good(policy(waiver(expires="2024-12-20") + waiver(expires="2024-10-02"))),
        good(policy(waiver(expires="2024-10-20")), days=7),
    ),
    "waiver-without-effect": (good(policy(waiver(client='"codex"', expires="2030-10-02"))),),
    "unknown-check": (good(policy('not_waivable = ["TIP101"]\n[severity]\nTIP203 = "low"\n')),),
    "keyring-missing": (
        good(policy('stores = ["keyring"]\n' + scope("circle", ["circus-*"]))),
        good(policy('stores = ["file", "keyring"]\n'), platform="linux"),
        good({REQ: 'cli_auth_credentials_store = "auto"\n'}, platform="linux"),
        good({REQ: 'cli_auth_credentials_store = "keyring"\n'}, platform="macos"),
    ),
    "fleet-key-readable": (good(policy(KEY), modes={POLICY: 0o640}), good(policy(""), modes={POLICY: 0o644})),
    "fleet-key-guessable": (good(policy(KEY)),),
    "keys-to-ship": (good(policy("")),),
    "nobody-to-ask": (good(policy("")), good({"policy.d/1.toml": "schema = 1\n"})),
    "key-lost": (
        good({REQ: THEIRS}),
        good({**policy(CHATGPT + "[clients.codex.requirements]\n" + THEIRS), REQ: THEIRS}),
        good({**policy(""), SYSTEM: "model = 'x'\n"}),
    ),
    "value-not-base64": (good({P: GOOD_PROFILE, Q: OF_OTHERS}), good({P: INDENTED})),
    "sets-nothing": (good({P: GOOD_PROFILE, Q: OF_OTHERS}), good(BOTH), good({"x.plist": plistlib.dumps(REQUIRED)})),
    "wrong-domain": (good({P: GOOD_PROFILE, Q: FORCED_MCX}), good({"x.plist": plistlib.dumps(REQUIRED)})),
    "unknown-preference": (good({P: FORCED_MCX, Q: OF_OTHERS}),),
    "not-forced": (good({P: FORCED_MCX}),),
    "domain-twice": (good({P: GOOD_PROFILE, Q: OF_OTHERS}),),
    "profile-removable": (good({P: GOOD_PROFILE}),),
    "profile-of-user": (good({P: GOOD_PROFILE, Q: OF_OTHERS}),),
    "profile-incomplete": (good({P: GOOD_PROFILE}),),
    "identifier-twice": (good({P: GOOD_PROFILE, Q: OTHER_PROFILE}),),
    "claude_idle_key": (good({SETTINGS: '{"forceLoginMethod": "console"}', DROP_IN: LISTED}),),
    "claude_locks_out": (good({SETTINGS: LISTED, DROP_IN: "{" + SIGN_IN + "}"}),),
    "claude_open_pin": (
        good({SETTINGS: '{"forceLoginOrgUUID": ["org-a"], ' + SIGN_IN + "}"}),
        good({SETTINGS: LISTED}),
    ),
    "claude_widened_list": (
        good({SETTINGS: LISTED, DROP_IN: LISTED}),
        good({SETTINGS: LISTED, DROP_IN: '{"model": "opus"}'}),
    ),
    "claude_idle_organisations": (
        good(policy('[clients.claude]\nlogin_methods = ["console", "claudeai"]\n' + OWNERS)),
        good(policy("[clients.claude]\n" + OWNERS)),
    ),
    "variable-allowed-in-vain": (
        good(policy(FORBIDDEN + "[clients.claude]\n" + FORBIDDEN)),
        good(policy("[clients.codex]\n" + FORBIDDEN + "[clients.claude]\n" + ALLOWED)),
    ),
    "claude_odd_organisation": (
        good(policy(f'[clients.claude]\norganisations = ["{UUID}"]\n')),
        good({SETTINGS: f'{{"forceLoginOrgUUID": "{UUID}"}}'}),
        good({SETTINGS: '{"forceLoginOrgUUID": 5}'}),
        good(policy("[clients.claude]\n" + ONLY_CLAUDEAI)),
    ),
    "claude_keys_not_bound": (
        good(policy("[clients.claude]\n" + ONLY_CLAUDEAI + OWNERS)),
        good(policy("[clients.claude]\norganisations = []\n")),
    ),
    "claude_passed_over": (
        good(policy('[clients.claude]\noldest_version = "2.1.330"\n' + ONLY_CLAUDEAI + OWNERS)),
        good(policy("[clients.claude]\n" + ONLY_CLAUDEAI)),
        good(policy('[clients.claude]\noldest_version = "2.1.146"\n')),
    ),
    "claude_no_oldest_version": (
        good(policy('[clients.claude]\noldest_version = "2.1.146"\n' + ONLY_CLAUDEAI)),
        good(policy("[clients.claude.settings]\nmodel = 'opus'\n")),
    ),
}  # fmt: skip
