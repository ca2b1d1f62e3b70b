"""How the sign-in keys combine, layer by layer and key by key."""

from conformance.client import Case
from support.clients.logins import API_KEY, BEDROCK, chatgpt, with_fields

FORCED_CHATGPT = 'forced_login_method = "chatgpt"\n'
FORCED_API = 'forced_login_method = "api"\n'


def managed(text, auth=API_KEY, **more):
    return Case(etc={"managed_config.toml": text}, home={"auth.json": auth} if auth else {}, **more)


def required(text, auth=API_KEY, forced=None, **more):
    etc = {"requirements.toml": text, **({"managed_config.toml": forced} if forced else {})}
    return Case(etc=etc, home={"auth.json": auth} if auth else {}, **more)


def workspace(ids):
    return f"forced_chatgpt_workspace_id = {ids}\n"


def allowed(ids):
    return f"allowed_chatgpt_workspaces = {ids}\n"


HOLLOW = "{}"
NO_REFRESH = with_fields(chatgpt("ws-a"), last_refresh=None)
METHODS = {"chatgpt": '["chatgpt"]', "api": '["api"]'}

CASES = {
    "no rule, ChatGPT": Case(home={"auth.json": chatgpt()}),
    "no rule, key": Case(home={"auth.json": API_KEY}),
    "no rule, Bedrock": Case(home={"auth.json": BEDROCK}),
    "no rule, nothing": Case(),
    "forced chatgpt, key": managed(FORCED_CHATGPT),
    "forced chatgpt, Bedrock": managed(FORCED_CHATGPT, BEDROCK),
    "forced chatgpt, ChatGPT": managed(FORCED_CHATGPT, chatgpt()),
    "forced chatgpt, nothing": managed(FORCED_CHATGPT, None),
    "forced chatgpt, hollow": managed(FORCED_CHATGPT, HOLLOW),
    "forced chatgpt, no refresh time": managed(FORCED_CHATGPT, NO_REFRESH),
    "forced api, ChatGPT": managed(FORCED_API, chatgpt()),
    "forced api, hollow": managed(FORCED_API, HOLLOW),
    "forced api, key": managed(FORCED_API),
    "forced api, given tokens": managed(
        FORCED_API, with_fields(chatgpt(), auth_mode="chatgptAuthTokens")
    ),
    "forced in wrong case": managed('forced_login_method = "ChatGPT"\n'),
    "forced not trimmed": managed('forced_login_method = " chatgpt"\n'),
    "forced empty": managed('forced_login_method = ""\n'),
    "forced a list": managed('forced_login_method = ["chatgpt"]\n'),
    "forced a boolean": managed("forced_login_method = true\n"),
    "forced a number": managed("forced_login_method = 1\n"),
    "forced a table for a name": managed("forced_login_method = {chatgpt = {}}\n"),
    "forced a header for a name": managed("[forced_login_method.chatgpt]\n"),
    "forced a table with text": managed('forced_login_method = {chatgpt = ""}\n'),
    "forced two names in a table": managed("forced_login_method = {chatgpt = {}, api = {}}\n"),
    "forced an unknown name in a table": managed("forced_login_method = {sso = {}}\n"),
    "workspace a date": managed(workspace("1979-05-27"), chatgpt("1979-05-27")),
    "workspaces of a date": managed(workspace("[1979-05-27]"), chatgpt("ws-z")),
    "allowed workspace a date": required(allowed("[1979-05-27]"), chatgpt("1979-05-27")),
    "workspace right": managed(workspace('"ws-a"'), chatgpt("ws-a")),
    "workspace wrong": managed(workspace('"ws-a"'), chatgpt("ws-z")),
    "workspace missing": managed(workspace('"ws-a"'), chatgpt(None)),
    "workspace and key": managed(workspace('"ws-a"')),
    "workspace and Bedrock": managed(workspace('"ws-a"'), BEDROCK),
    "workspace and nothing": managed(workspace('"ws-a"'), None),
    "workspace and hollow": managed(workspace('"ws-a"'), HOLLOW),
    "workspace and no refresh time": managed(workspace('"ws-a"'), NO_REFRESH),
    "workspace in a list": managed(workspace('["ws-b", "ws-a"]'), chatgpt("ws-a")),
    "workspace not in a list": managed(workspace('["ws-b", "ws-c"]'), chatgpt("ws-a")),
    "workspace trimmed": managed(workspace('"  ws-a\\t"'), chatgpt("ws-a")),
    "workspace trimmed of wide space": managed(workspace('"\\u3000ws-a\\u00a0"'), chatgpt("ws-a")),
    "workspace with zero-width space": managed(workspace('"ws-a\\u200b"'), chatgpt("ws-a")),
    "workspace with unit separator": managed(workspace('"ws-a\\u001f"'), chatgpt("ws-a")),
    "workspace in another case": managed(workspace('"WS-A"'), chatgpt("ws-a")),
    "workspace blank": managed(workspace('"  "'), chatgpt("ws-z")),
    "workspace empty list": managed(workspace("[]"), chatgpt("ws-z")),
    "workspace list of blanks": managed(workspace('["", " "]'), chatgpt("ws-z")),
    "workspace with comma": managed(workspace('"ws-a,ws-b"'), chatgpt("ws-a")),
    "workspace list element with comma": managed(workspace('["ws-a,ws-b"]'), chatgpt("ws-a")),
    "workspace a number": managed(workspace("5"), chatgpt("ws-a")),
    "workspace list with a number": managed(workspace('["ws-a", 5]'), chatgpt("ws-a")),
    "workspace a table": managed(workspace("{a = 1}"), chatgpt("ws-a")),
    "forced api and workspace": managed(FORCED_API + workspace('"ws-a"'), chatgpt("ws-a")),
    "allowed chatgpt, key": required('allowed_login_methods = ["chatgpt"]\n'),
    "allowed chatgpt, Bedrock": required('allowed_login_methods = ["chatgpt"]\n', BEDROCK),
    "allowed chatgpt, ChatGPT": required('allowed_login_methods = ["chatgpt"]\n', chatgpt()),
    "allowed chatgpt, nothing": required('allowed_login_methods = ["chatgpt"]\n', None),
    "allowed api, ChatGPT": required('allowed_login_methods = ["api"]\n', chatgpt()),
    "allowed api, hollow": required('allowed_login_methods = ["api"]\n', HOLLOW),
    "allowed both, key": required('allowed_login_methods = ["api", "chatgpt", "api"]\n'),
    "allowed none, key": required("allowed_login_methods = []\n"),
    "allowed none, nothing": required("allowed_login_methods = []\n", None),
    "allowed a string": required('allowed_login_methods = "chatgpt"\n'),
    "allowed a map": required("allowed_login_methods = {chatgpt = true}\n"),
    "allowed with an unknown": required('allowed_login_methods = ["chatgpt", "sso"]\n'),
    "allowed in wrong case": required('allowed_login_methods = ["ChatGPT"]\n'),
    "allowed a table for a name": required("allowed_login_methods = [{chatgpt = {}}]\n"),
    "allowed workspace right": required(allowed('["ws-a"]'), chatgpt("ws-a")),
    "allowed workspace trimmed": required(allowed('[" ws-a "]'), chatgpt("ws-a")),
    "allowed workspace wrong": required(allowed('["ws-a"]'), chatgpt("ws-z")),
    "allowed workspace none": required(allowed("[]"), chatgpt("ws-z")),
    "allowed workspace blank": required(allowed('["", "  "]'), chatgpt("ws-z")),
    "allowed workspace, key": required(allowed('["ws-a"]')),
    "allowed workspace none, key": required(allowed("[]")),
    "allowed workspace, no refresh time": required(allowed('["ws-a"]'), NO_REFRESH),
    "allowed workspace, hollow": required(allowed('["ws-a"]'), HOLLOW),
    "allowed workspace a string": required('allowed_chatgpt_workspaces = "ws-a"\n', chatgpt()),
    "allowed workspace a number": required("allowed_chatgpt_workspaces = [1]\n", chatgpt()),
    "forced and allowed agree": required(
        'allowed_login_methods = ["chatgpt"]\n', forced=FORCED_CHATGPT
    ),
    "forced and allowed disagree": required(
        'allowed_login_methods = ["api"]\n', forced=FORCED_CHATGPT
    ),
    "disagree, nothing stored": required(
        'allowed_login_methods = ["api"]\n', None, forced=FORCED_CHATGPT
    ),
    "chatgpt without a workspace": required(
        'allowed_login_methods = ["chatgpt"]\n' + allowed("[]"), chatgpt()
    ),
    "forced z allowed a, a": required(allowed('["ws-a"]'), chatgpt("ws-a"), workspace('"ws-z"')),
    "forced z allowed a, z": required(allowed('["ws-a"]'), chatgpt("ws-z"), workspace('"ws-z"')),
    "forced a z allowed a, z": required(
        allowed('["ws-a"]'), chatgpt("ws-z"), workspace('["ws-a", "ws-z"]')
    ),
    "forced a z allowed a, a": required(
        allowed('["ws-a"]'), chatgpt("ws-a"), workspace('["ws-a", "ws-z"]')
    ),
    "forced z allowed a, key": required(allowed('["ws-a"]'), API_KEY, workspace('"ws-z"')),
    "forced workspace, allowed api": required(
        'allowed_login_methods = ["api"]\n', chatgpt(), workspace('"ws-a"')
    ),
    "store required file": required(
        'cli_auth_credentials_store = "file"\n' + 'allowed_login_methods = ["chatgpt"]\n'
    ),
    "store required in wrong case": required('cli_auth_credentials_store = "File"\n'),
    "store required beside a bad user store": required(
        'cli_auth_credentials_store = "file"\n',
    )._replace(home={"auth.json": API_KEY, "config.toml": 'cli_auth_credentials_store = "zzz"\n'}),
    "store required over a user store": required('cli_auth_credentials_store = "file"\n')._replace(
        home={"auth.json": API_KEY, "config.toml": 'cli_auth_credentials_store = "keyring"\n'}
    ),
    "store file by table": managed("cli_auth_credentials_store = {file = {}}\n" + FORCED_CHATGPT),
    "base address a number": managed("chatgpt_base_url = 5\n"),
    "base address required a number": required("chatgpt_base_url = 5\n"),
    "misspelt requirement": required('allowed_login_method = ["chatgpt"]\n'),
    "upper case requirement": required('ALLOWED_LOGIN_METHODS = ["chatgpt"]\n'),
    "dashes": required('allowed-login-methods = ["chatgpt"]\n'),
    "requirement inside a table": required(
        '[features]\n[auth]\nallowed_login_methods = ["chatgpt"]\n'
    ),
    "forced in requirements": required(FORCED_CHATGPT),
    "allowed in managed": managed('allowed_login_methods = ["chatgpt"]\n'),
    "allowed in managed with a bad value": managed("allowed_login_methods = 5\n"),
    "system forces": Case(etc={"config.toml": FORCED_CHATGPT}, home={"auth.json": API_KEY}),
    "user beats system": Case(
        etc={"config.toml": FORCED_CHATGPT}, home={"auth.json": API_KEY, "config.toml": FORCED_API}
    ),
    "managed beats user": Case(
        etc={"managed_config.toml": FORCED_CHATGPT},
        home={"auth.json": API_KEY, "config.toml": FORCED_API},
    ),
    "user alone": Case(home={"auth.json": API_KEY, "config.toml": FORCED_CHATGPT}),
    "user clears system workspaces": Case(
        etc={"config.toml": workspace('"ws-a"')},
        home={"auth.json": chatgpt("ws-z"), "config.toml": workspace("[]")},
    ),
    "bad value beaten": Case(
        etc={"managed_config.toml": FORCED_CHATGPT},
        home={"auth.json": API_KEY, "config.toml": 'forced_login_method = "zzz"\n'},
    ),
    "bad value that wins": Case(
        etc={"config.toml": FORCED_CHATGPT},
        home={"auth.json": API_KEY, "config.toml": 'forced_login_method = "zzz"\n'},
    ),
    "legacy profile": Case(home={"auth.json": API_KEY, "config.toml": 'profile = "p"\n'}),
    "legacy profile empty": Case(home={"auth.json": API_KEY, "config.toml": 'profile = ""\n'}),
    "legacy profile a number": managed("profile = 5\n"),
    "legacy profile table alone": Case(
        home={"auth.json": API_KEY, "config.toml": '[profiles.x]\nforced_login_method = "zz"\n'}
    ),
    "profiles a number": managed("profiles = 5\n"),
    "one profile a number": managed("[profiles]\nx = 5\n"),
    "features a number": managed("features = 5\n"),
    "one feature a number": managed("[features]\nsecret_auth_storage = 5\n"),
    "features fine": managed("[features]\nsecret_auth_storage = true\n", chatgpt()),
    "projects a number": managed("projects = 5\n"),
    "one project a word": managed('[projects]\n"/x" = "y"\n'),
    "trust level unknown": managed('[projects."/x"]\ntrust_level = "Trusted"\n'),
    "file under managed_config in the home": Case(
        home={"auth.json": API_KEY, "managed_config.toml": FORCED_CHATGPT}
    ),
}
