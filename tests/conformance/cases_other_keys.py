"""Keys that have nothing to do with signing in: what kind of value stops the client's start.

Every host here would be logged out, did the client start.
"""

from conformance.cases_layers import TRUSTED, project
from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import Case
from support.clients.logins import API_KEY

KEY = {"auth.json": API_KEY}
KINDS = ('"x"', "5", "-5", "70000", "1.5", "true", "1979-05-27", '["x"]', "[]", "{}")
KEYS = {
    "model": KINDS,
    "sandbox_mode": KINDS,
    "notify": (*KINDS, "[5]", "[{}]"),
    "mcp_oauth_callback_port": KINDS,
    "hide_agent_reasoning": ("true", "1"),
    "model_context_window": ("-5", "1.5", "5000000000"),
    "features": ("5", "[]", "{}"),
    "projects": ("5", "{}"),
    "profiles": ("5", "{}"),
    "tools": ("5", "{}"),
    "tui.notifications": ('"x"', "true", '["x"]', "[5]"),
    "agents.max_threads": ("0", "1"),
    "shell_environment_policy.set": ("5", "{x = 1}", '{x = "a"}'),
    "desktop": ("5", "{x = 1}"),
    "experimental_thread_store_endpoint": ('"x"', "5"),
    "no_such_key": ("5", "{}"),
}
REQUIRED = {
    "allowed_sandbox_modes": KINDS,
    "allowed_approval_policies": ("5", "[]", '["x"]', '["never"]'),
    "features": ("5", "{}", "{x = 1}", "{x = true}"),
    "mcp_servers.x": ("5", "{}"),
    "feedback": ("5", "{}"),
    "model_provider": ("5", '"x"', '"openai"'),
    "no_such_key": ("5",),
}
HOOKED = """\
default_permissions = "p"
[permissions.p.network]
enabled = true
[permissions.p.network.mitm.hooks.{name}]
host = "a.b"
methods = ["GET"]
path_prefixes = ["/"]
action = ["strip"]
"""
TEXTS = {
    "an unknown sandbox": 'sandbox_mode = "none"\n',
    "an unknown approval": 'approval_policy = "sometimes"\n',
    "approval by parts, some missing": "approval_policy = {granular = {rules = true}}\n",
    "approval in another form": "approval_policy = {never = {}}\n",
    "a network hook of a name of its own": HOOKED.format(name="mine"),
    "a network hook with the name of a member": HOOKED.format(name="schemes"),
    "a network hook with an unknown member": HOOKED.format(name="mine") + "x = 1\n",
    "a key of the terminal": "[tui]\nquestion_esc_back = true\n",
    "a wrong key of the terminal": '[tui]\nquestion_esc_back = "x"\n',
    "a server with both transports": '[mcp_servers.x]\ncommand = "a"\nurl = "b"\n',
    "a server with none": "[mcp_servers.x]\nenabled = false\n",
    "a server by command": '[mcp_servers.x]\ncommand = "a"\nargs = ["b"]\nenv = {A = "b"}\n',
    "a server by address": '[mcp_servers.x]\nurl = "a"\nbearer_token_env_var = "b"\n',
    "a server by address with arguments": '[mcp_servers.x]\nurl = "a"\nargs = ["b"]\n',
    "a server with a token in plain text": '[mcp_servers.x]\nurl = "a"\nbearer_token = "b"\n',
    "a server with a wrong environment": '[mcp_servers.x]\ncommand = "a"\nenv = {A = 5}\n',
    "a server with a wrong argument": '[mcp_servers.x]\ncommand = "a"\nargs = ["b", 5]\n',
    "a server of a name with a dot": '[mcp_servers."x.y"]\ncommand = 5\n',
    "a server with variables": '[mcp_servers.x]\ncommand = "a"\nenv_vars = ["A", {name = "B"}]\n',
    "a negative time": '[mcp_servers.x]\ncommand = "a"\nstartup_timeout_sec = -1\n',
    "a time": '[mcp_servers.x]\ncommand = "a"\nstartup_timeout_sec = 1.5\n',
    "a provider that is not there": 'model_provider = "y"\n',
    "a provider of its own": 'model_provider = "y"\n[model_providers.y]\nname = "Y"\n',
    "a provider without a name": '[model_providers.y]\nbase_url = "x"\n',
    "a provider with a blank name": '[model_providers.y]\nname = " "\n',
    "a provider that the client brings": 'model_provider = "ollama"\n',
    "a provider that is taken": '[model_providers.openai]\nname = "x"\n',
    "a provider with a wrong header": '[model_providers.y]\nname="x"\nhttp_headers={a=5}\n',
    "a provider of an old form": '[model_providers.y]\nname="x"\nwire_api="chat"\n',
    "a provider with two credentials": '[model_providers.y]\nname="x"\nenv_key="A"\nauth={command="x"}\n',
    "an exporter in two forms": 'otel.exporter = {otlp-http = {endpoint = "x"}, none = {}}\n',
    "an exporter without protocol": 'otel.exporter = {otlp-http = {endpoint = "x"}}\n',
    "an exporter": 'otel.exporter = {otlp-http = {endpoint = "x", protocol = "json"}}\n',
    "a hook": '[[hooks.Stop]]\nhooks = [{type = "command", command = "x"}]\n',
    "a hook of no kind": '[[hooks.Stop]]\nhooks = [{command = "x"}]\n',
    "a hook of an unknown kind": '[[hooks.Stop]]\nhooks = [{type = "x"}]\n',
    "a hook with a wrong time": '[[hooks.Stop]]\nhooks = [{type = "command", command = "x", timeout = "x"}]\n',
    "a feature by parts": "[features.multi_agent_v2]\nenabled = true\n",
    "a feature by parts of a wrong type": '[features.multi_agent_v2]\nenabled = "x"\n',
    "a feature that takes no parts": "[features.foo]\nx = 1\n",
    "an old profile with a wrong value": "[profiles.p]\nmodel = 5\n",
    "an old profile": '[profiles.p]\nmodel = "x"\n',
    "a skill without its switch": '[[skills.config]]\npath = "/x"\n',
    "permissions without a choice": "[permissions.x]\n",
    "an action outside its context": '[tui.keymap]\ncopy = "ctrl-y"\n',
    "a binding": '[tui.keymap.global]\ncopy = ["ctrl-y", "f2"]\n',
}  # fmt: skip
LAYERED = {
    "beaten by managed": ("model = 5\n", 'model = "x"\n'),
    "beats a right one": ('model = "x"\n', "model = 5\n"),
    "a member beaten": ("[mcp_servers.x]\ncommand = 5\n", '[mcp_servers.x]\ncommand = "a"\n'),
    "a member beside": ("[mcp_servers.x]\nenabled = 5\n", '[mcp_servers.x]\ncommand = "a"\n'),
    "a member added": ("[mcp_servers.x]\nenabled = true\n", '[mcp_servers.x]\ncommand = "a"\n'),
    "transports in two layers": ('[mcp_servers.x]\nurl = "a"\n', '[mcp_servers.x]\ncommand = "a"\n'),
    "a table beaten by a value": ('[mcp_servers.x]\ncommand = "a"\n', "mcp_servers = 5\n"),
    "a value beaten by a table": ("mcp_servers = 5\n", '[mcp_servers.x]\ncommand = "a"\n'),
    "an array beaten": ("notify = [5]\n", 'notify = ["x"]\n'),
    "a provider in another layer": ('model_provider = "y"\n', '[model_providers.y]\nname = "Y"\n'),
    "exporters in two layers": ('otel.exporter.otlp-grpc.endpoint = "a"\n', 'otel.exporter = {otlp-http = {endpoint = "a", protocol = "json"}}\n'),
}  # fmt: skip


def stopped(text, **more):
    """Return a host with a rule, a login that violates it, and some other keys in a user's file."""
    user = f"{FORCED_CHATGPT}{text}"
    return Case(**{"home": {**KEY, "config.toml": user}, **more})


CASES = {
    **{
        f"{key} = {value}": stopped(f"{key} = {value}\n")
        for key, values in KEYS.items()
        for value in values
    },
    **{
        f"required {key} = {value}": stopped("", etc={"requirements.toml": f"{key} = {value}\n"})
        for key, values in REQUIRED.items()
        for value in values
    },
    **{name: stopped(text) for name, text in TEXTS.items()},
    **{
        name: stopped(user, etc={"managed_config.toml": managed})
        for name, (user, managed) in LAYERED.items()
    },
    "in the system's file": stopped("", etc={"config.toml": "model = 5\n"}),
    "in the managed file": stopped("", etc={"managed_config.toml": "model = 5\n"}),
    "in the system's file, beaten": stopped('model = "x"\n', etc={"config.toml": "model = 5\n"}),
    "in the profile": Case(
        home={**KEY, "p.config.toml": f"{FORCED_CHATGPT}model = 5\n"}, flags=("-p", "p")
    ),
    "by a flag": stopped("", flags=("-c", "model=5")),
    "by a flag, right": stopped("model = 5\n", flags=("-c", "model=x")),
    "in a trusted project": project("model = 5\n", FORCED_CHATGPT + TRUSTED),
    "in an untrusted project": project("model = 5\n", FORCED_CHATGPT),
    "dropped from a project": project("notify = 5\n", FORCED_CHATGPT + TRUSTED),
    "provider of a project": project(
        '[model_providers.y]\nname = "Y"\n', f'{FORCED_CHATGPT}model_provider = "y"\n{TRUSTED}'
    ),
    "in the ignored user's file": stopped("model = 5\n", flags=("--ignore-user-config",)),
    "at the status": stopped("model = 5\n", entry_point="status"),
    "in the user's file, by the app-server": stopped("model = 5\n", entry_point="app-server"),
    "in the managed file, by the app-server": stopped(
        "", etc={"managed_config.toml": "model = 5\n"}, entry_point="app-server"
    ),
    "in the requirements, by the app-server": stopped(
        "", etc={"requirements.toml": "features = 5\n"}, entry_point="app-server"
    ),
    "provider of a user's file, by the app-server": stopped(
        'model_provider = "y"\n', entry_point="app-server"
    ),
    "interactive": stopped("model = 5\n", entry_point="interactive"),
    "no rule": stopped("", etc={"requirements.toml": "rules = {prefix_rules = []}\n"}),
    "required provider of the user's": stopped(
        '[model_providers.y]\nname = "Y"\n', etc={"requirements.toml": 'model_provider = "y"\n'}
    ),
    "required provider beats one that is not there": stopped(
        'model_provider = "y"\n', etc={"requirements.toml": 'model_provider = "openai"\n'}
    ),
    "a file that is there": stopped(
        'model_instructions_file = "x.md"\n', home={
            **KEY, "config.toml": f'{FORCED_CHATGPT}model_instructions_file = "x.md"\n', "x.md": "x"
        },
    ),
}  # fmt: skip
UNKNOWN = {
    "a list for a table": stopped("tools = [true]\n"),
    "relative path in a wrong layer": stopped(
        'model = 5\nlog_dir = "x"\n', etc={"managed_config.toml": 'model = "x"\n'}
    ),
}
"""What only the client knows."""

OTHER_LINES = (
    'model = "x"', 'model = "x"', "model = 5", 'sandbox_mode = "read-only"', 'sandbox_mode = "x"',
    'notify = ["x"]', "notify = [5]", 'model_provider = "y"', 'model_provider = "openai"',
    "hide_agent_reasoning = true", "hide_agent_reasoning = 1", "model_context_window = -1",
    "mcp_oauth_callback_port = 70000", 'approval_policy = "never"', "no_such_key = 5",
    "mcp_servers = 5", "tools = {web_search = true}", "tui = {notifications = 5}",
)  # fmt: skip
OTHER_TABLES = (
    '[mcp_servers.x]\ncommand = "x"', '[mcp_servers.x]\nurl = "x"', "[mcp_servers.x]\nenabled = true",
    '[mcp_servers.x]\ncommand = "x"\nenv = {A = 5}', '[model_providers.y]\nname = "Y"',
    '[model_providers.y]\nbase_url = "x"', "[shell_environment_policy]\nset = {A = 5}",
    "[agents]\nmax_threads = 0", "[apps.x]\nenabled = 5", "[profiles.x]\nmodel = 5",
)  # fmt: skip
OTHER_REQUIREMENTS = (
    'allowed_sandbox_modes = ["read-only"]', 'allowed_sandbox_modes = ["workspace-write"]',
    "allowed_sandbox_modes = 5", "allowed_approval_policies = []", 'model_provider = "openai"',
    'model_provider = "y"', 'allowed_approval_policies = ["never"]', "guardian_policy_config = 5",
)  # fmt: skip
