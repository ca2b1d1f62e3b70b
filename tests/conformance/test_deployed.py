"""The real client, started on the files that a policy was rendered to: it does what it says."""

import pytest

from conformance.cases_stores import keyring
from conformance.client import VERSION, Case, judge
from rollout.drafts import draft
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy.clients.codex.versions import version_number
from tipstaff_rollout.artefacts.compiling import compile_policy, policy_of
from tipstaff_rollout.payloads import deployment_of

HEAD = 'schema = 1\nid = "p"\nversion = "1"\n'
CHATGPT, API = 'login_methods = ["chatgpt"]\n', 'login_methods = ["api"]\n'
A, B = "workspaces = [{ id = 'ws-a' }]\n", "workspaces = [{ id = 'ws-b' }, { id = 'ws-c' }]\n"
EITHER = 'login_methods = ["api", "chatgpt"]\n'
KEYRING, FILE = 'stores = ["keyring"]\n', 'stores = ["file"]\n'
OTHERS = """
[clients.codex.requirements]
allowed_approval_policies = ["on-request", "never"]
[clients.codex.requirements.features]
x = false
[clients.codex.config]
check_for_update_on_startup = false
[clients.codex.config.mcp_servers.x]
command = "/bin/true"
args = ["a \\"b\\"", "ü"]
env = { TOKEN = "none" }
"""
STOPPING = '[clients.codex.config]\ncheck_for_update_on_startup = "no"\n'
ROWS = {
    "chatgpt, a login": (CHATGPT, chatgpt("ws-a"), "allow"),
    "chatgpt, a key": (CHATGPT, API_KEY, "log_out"),
    "api, a login": (API, chatgpt("ws-a"), "log_out"),
    "api, a key": (API, API_KEY, "allow"),
    "either, a key": (EITHER, API_KEY, "allow"),
    "workspace, its login": (CHATGPT + A, chatgpt("ws-a"), "allow"),
    "workspace, another's": (CHATGPT + A, chatgpt("ws-z"), "log_out"),
    "workspaces, one's login": (CHATGPT + B, chatgpt("ws-c"), "allow"),
    "workspaces, another's": (CHATGPT + B, chatgpt("ws-a"), "log_out"),
    "workspace alone, a key": (A, API_KEY, "allow"),
    "no workspace, a key": (EITHER + "workspaces = []\n", API_KEY, "allow"),
    "no workspace, a login": (EITHER + "workspaces = []\n", chatgpt("ws-a"), "ignore_credential"),
    "nobody": ("login_methods = []\n", API_KEY, "refuse"),
    "file, a login in it": (FILE, chatgpt("ws-a"), "allow"),
    "keyring, a login in the file": (KEYRING, chatgpt("ws-a"), "not_logged_in"),
    "other keys beside it": (CHATGPT + OTHERS, API_KEY, "log_out"),
    "other keys, and all is well": (CHATGPT + A + OTHERS, chatgpt("ws-a"), "allow"),
    "another key that stops it": (CHATGPT + STOPPING, API_KEY, "refuse"),
    "nothing said": ('contact = "x"\n', API_KEY, "allow"),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_client_enforces_what_the_policy_says(name, namespace, client, unfit):
    text, auth, verdict = ROWS[name]
    made, policy = compile_policy(draft(HEAD + text)), policy_of(draft(HEAD + text))
    files = {
        f"{payload.name}.toml": payload.data.decode()
        for payload in made.payloads
        if payload.name != "policy"
    }
    names = frozenset(file.removesuffix(".toml") for file in files)
    obstacles = deployment_of("codex").obstacles(policy, version_number(VERSION), names)
    if [obstacle for obstacle in obstacles if "does not start" not in obstacle]:
        unfit(f"deployed: {name}", "rendering for it is refused")
    # The user's own wishes are beaten.
    home = {
        "auth.json": auth,
        "config.toml": 'cli_auth_credentials_store = "auto"\n' if "stores" in text else "",
    }
    items = keyring() if "stores" in text else None

    found = judge(namespace, client, Case(etc=files, home=home, keyring=items))

    assert verdict == found.verdict, found
