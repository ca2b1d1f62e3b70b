"""The entry points that do not enforce as `exec` does."""

import json

from conformance.cases_layers import FILE, TRUSTED
from conformance.cases_rules import FORCED_CHATGPT, managed, required
from conformance.cases_stores import NO_KEY, host
from conformance.client import Case
from support.clients.logins import API_KEY, chatgpt, with_fields

FORCED_API = 'forced_login_method = "api"\n'
FORCED_A = 'forced_chatgpt_workspace_id = "ws-a"\n'
ALLOWED_CHATGPT = 'allowed_login_methods = ["chatgpt"]\n'
BROKEN = "x =\n"
KEY = {"CODEX_API_KEY": "made-up-key-001"}
LOGIN = chatgpt("ws-a")


def personal(text, auth=API_KEY, **etc):
    """Return a host whose user's file is as given; ``etc`` names administrators' files."""
    names = {
        f"{name}.toml" if name != "managed" else "managed_config.toml": content
        for name, content in etc.items()
    }
    return Case(etc=names, home={"auth.json": auth, "config.toml": text})


HOSTS = {
    "key": Case(home={"auth.json": API_KEY}),
    "login": Case(home={"auth.json": LOGIN}),
    "nothing": Case(),
    "garbage": Case(home={"auth.json": "x"}),
    "hollow": Case(home={"auth.json": "{}"}),
    "forced chatgpt, key": managed(FORCED_CHATGPT),
    "forced chatgpt, login": managed(FORCED_CHATGPT, LOGIN),
    "forced chatgpt, garbage": managed(FORCED_CHATGPT, "x"),
    "forced chatgpt, nothing": Case(etc={"managed_config.toml": FORCED_CHATGPT}),
    "forced api, hollow": managed(FORCED_API, "{}"),
    "forced api, login": managed(FORCED_API, LOGIN),
    "forced workspace, other": managed(FORCED_A, chatgpt("ws-z")),
    "forced workspace, id alone": managed(FORCED_A, chatgpt("ws-a", "ws-z", None)),
    "forced workspace, account alone": managed(FORCED_A, chatgpt("ws-z", "ws-a", None)),
    "forced workspace, no last refresh": managed(FORCED_A, with_fields(LOGIN, last_refresh=None)),
    "allowed chatgpt, key": required(ALLOWED_CHATGPT),
    "allowed chatgpt, login": required(ALLOWED_CHATGPT, LOGIN),
    "allowed chatgpt, garbage": required(ALLOWED_CHATGPT, "x"),
    "nothing allowed": required("allowed_login_methods = []\n"),
    "variable": Case(env=KEY),
    "variable, login": Case(env=KEY, home={"auth.json": LOGIN}),
    "variable, forced chatgpt, login": managed(FORCED_CHATGPT, LOGIN)._replace(env=KEY),
    "variable, forced api, login": managed(FORCED_API, LOGIN)._replace(env=KEY),
    "variable, allowed chatgpt, key": required(ALLOWED_CHATGPT)._replace(env=KEY),
    "blank variable": Case(env={"CODEX_API_KEY": " "}, home={"auth.json": LOGIN}),
    "user's file broken": personal(BROKEN),
    "user's file broken, forced": personal(BROKEN, managed=FORCED_CHATGPT),
    "user's file broken, forced by system": personal(BROKEN, config=FORCED_CHATGPT),
    "user's file broken, required": personal(BROKEN, requirements=ALLOWED_CHATGPT),
    "user's bad value": personal('forced_login_method = "x"\n'),
    "user's bad value, forced": personal('forced_login_method = "x"\n', config=FORCED_CHATGPT),
    "user's bad value beside a store": personal(
        'cli_auth_credentials_store = "ephemeral"\nforced_login_method = "x"\n'
    ),
    "user's file a directory": personal({"directory": True}, managed=FORCED_CHATGPT),
    "user's legacy profile": personal('profile = "x"\n' + FORCED_CHATGPT),
    "user's legacy profile, forced": personal('profile = "x"\n', managed=FORCED_CHATGPT),
    "user's rule against a requirement": personal(
        FORCED_CHATGPT, requirements='allowed_login_methods = ["api"]\n'
    ),
    "user's ephemeral store": personal('cli_auth_credentials_store = "ephemeral"\n'),
    "user's keyring store without a bus": personal('cli_auth_credentials_store = "keyring"\n'),
    "managed file broken": managed(BROKEN),
    "managed bad value": managed('forced_login_method = "x"\n'),
    "managed file a directory": managed({"directory": True}),
    "system's file broken": Case(etc={"config.toml": BROKEN}, home={"auth.json": API_KEY}),
    "system's bad value": Case(
        etc={"config.toml": 'forced_login_method = "x"\n'}, home={"auth.json": API_KEY}
    ),
    "requirements broken": required(BROKEN),
    "requirements broken, forced": Case(
        etc={"requirements.toml": BROKEN, "managed_config.toml": FORCED_CHATGPT},
        home={"auth.json": API_KEY},
    ),
    "requirements broken, user's file broken": personal(BROKEN, requirements=BROKEN),
    "requirements broken, user's rule": personal(FORCED_CHATGPT, requirements=BROKEN),
    "requirements a directory": required({"directory": True}),
    "requirements of a bad value": required('allowed_login_methods = "x"\n'),
    "requirements of a bad name": required('allowed_login_methods = ["x"]\n'),
    "requirements of a bad store": required(ALLOWED_CHATGPT + 'cli_auth_credentials_store = "x"\n'),
    "requirements of bad features": required("features = 1\n"),
    "bad -c": Case(home={"auth.json": API_KEY}, flags=("-c", "forced_login_method=x")),
    "-c": Case(home={"auth.json": API_KEY}, flags=("-c", "forced_login_method=chatgpt")),
    "-c, user's file broken": personal(BROKEN)._replace(
        flags=("-c", "forced_login_method=chatgpt")
    ),
    "project": Case(
        home={"auth.json": API_KEY, "config.toml": TRUSTED}, cwd={FILE: FORCED_CHATGPT}
    ),
    "project broken": Case(
        home={"auth.json": API_KEY, "config.toml": FORCED_CHATGPT + TRUSTED}, cwd={FILE: BROKEN}
    ),
    "entry without a key": host("auto", NO_KEY, rule=""),
    "empty account id": Case(home={"auth.json": chatgpt("ws-a", "", None)}),
    "blank account id": Case(home={"auth.json": chatgpt("ws-a", " ", None)}),
    "no client folder": Case(home={"auth.json": API_KEY}, env={"CODEX_HOME": "/nowhere"}),
}
EPHEMERAL = 'cli_auth_credentials_store = "ephemeral"\n'
BY_FLAG = ("-c", "cli_auth_credentials_store=ephemeral")
SERVER = {
    f"store of the {layer}, {name} broken": personal(
        {"user": BROKEN}.get(name, EPHEMERAL if layer == "user" else ""),
        **{layer: EPHEMERAL for layer in (layer,) if layer not in ("user", "flags")},
        **{name: BROKEN for name in (name,) if name != "user"},
    )._replace(flags=BY_FLAG if layer == "flags" else ())
    for name in ("user", "managed", "config", "requirements")
    for layer in ("user", "managed", "config", "requirements", "flags")
    if name != layer
}
"""The store of the app-server shows which layers it keeps after a fault."""
HIDDEN = {
    f"{rule}, {kind} without its material": Case(
        home={"auth.json": json.dumps({"auth_mode": kind})},
        etc={"requirements.toml": f'allowed_login_methods = ["{rule}"]\n'},
    )
    for rule in ("api", "chatgpt")
    for kind in ("apikey", "headers", "agentIdentity", "bedrockApiKey")
} | {
    f"forced {rule}, headers": Case(
        home={
            "auth.json": '{"auth_mode": "headers"}',
            "config.toml": f'forced_login_method = "{rule}"\n',
        }
    )
    for rule in ("api", "chatgpt")
}
"""A login that lacks what its kind needs stops `login status` only where its method may show."""
HIDDEN_TOKEN = "status: a token that does not show before a key that is missing"
BY_TERMINAL = (
    "key", "login", "nothing", "garbage", "forced chatgpt, key", "forced chatgpt, garbage",
    "forced chatgpt, login", "allowed chatgpt, key", "nothing allowed", "variable",
    "variable, forced api, login", "user's file broken",
    "requirements broken", "project", "user's ephemeral store", "empty account id",
    "blank account id",
)  # fmt: skip
"""A screen takes its time, so fewer hosts are shown to it."""
KEPT = {
    f"interactive: {name}": HOSTS[name]._replace(entry_point="interactive")
    for name in ("variable, forced chatgpt, login",)
}
CASES = {
    **{
        f"app-server: {name}": case._replace(entry_point="app-server")
        for name, case in SERVER.items()
    },
    **{
        f"{entry_point}: {name}": case._replace(entry_point=entry_point)
        for entry_point in ("app-server", "status")
        for name, case in HOSTS.items()
    },
    **{
        f"{entry_point}: {name}": case._replace(entry_point=entry_point)
        for entry_point in ("app-server", "status", "exec")
        for name, case in HIDDEN.items()
    },
    HIDDEN_TOKEN: HIDDEN["api, apikey without its material"]._replace(
        env={"CODEX_ACCESS_TOKEN": "at-made-up"}, entry_point="status"
    ),
    **{
        f"interactive: {name}": HOSTS[name]._replace(entry_point="interactive")
        for name in BY_TERMINAL
    },
}
