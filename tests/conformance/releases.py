"""What Tipstaff says and does on the two newest releases of the client, for docs/clients/codex-releases.md."""

import json
import re
import sys
from pathlib import Path

from conformance.cases_stores import keyring
from conformance.client import ROOT, Case, Namespace, find_client
from proving.parts import ProofError
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy import guard
from tipstaff_policy.clients.codex.versions import PROVEN

PAGE = Path(ROOT) / "docs/clients/codex-releases.md"
RELEASES = tuple(".".join(map(str, version)) for version in PROVEN[-2:])
MANAGED, REQUIRED = "managed_config.toml", "requirements.toml"
CHATGPT, METHODS = 'forced_login_method = "chatgpt"\n', 'allowed_login_methods = ["chatgpt"]\n'
KEYRING = 'cli_auth_credentials_store = "keyring"\n'
GOOD, OTHER, KEY = chatgpt("ws-a"), chatgpt("ws-z"), API_KEY
POLICIES = {
    "forced method": {MANAGED: CHATGPT},
    "forced workspace": {MANAGED: 'forced_chatgpt_workspace_id = "ws-a"\n'},
    "forced workspaces, a list": {MANAGED: 'forced_chatgpt_workspace_id = ["ws-a", "ws-b"]\n'},
    "allowed methods": {REQUIRED: METHODS},
    "allowed workspaces": {REQUIRED: 'allowed_chatgpt_workspaces = ["ws-a"]\n'},
    "required store file": {REQUIRED: 'cli_auth_credentials_store = "file"\n'},
    "required store keyring": {REQUIRED: KEYRING},
    "allowed methods, required store keyring": {REQUIRED: METHODS + KEYRING},
    "forced method, managed store keyring": {MANAGED: CHATGPT + KEYRING},
    "configuration server and allowed methods": {
        REQUIRED: METHODS + 'config_server = { base_url = "https://config.example.com" }\n'
    },
}
LOGINS = {"complies": GOOD, "API key": KEY, "other workspace": OTHER}
ORGANISATION = (
    'schema = 1\nid = "x"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
    'workspaces = [{ id = "ws-a", name = "A" }]\n'
)


def case_of(policy, login):
    if policy == "the organisation's policy":
        return Case(policy={"policy.toml": ORGANISATION}, home={"auth.json": LOGINS[login]})
    etc = POLICIES[policy]
    if KEYRING in "".join(etc.values()):
        return Case(etc=etc, keyring=keyring(LOGINS[login]))
    return Case(etc=etc, home={"auth.json": LOGINS[login]})


def fits(login, ending):
    """Return whether what complies starts, and what does not is stopped and removed."""
    return ending.endswith("0 started" if login == "complies" else "10 stopped, removed")


def rows():
    """Return the table of the page: policy, login, and what is stated of each release."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [tuple(part.strip() for part in line.strip("|").split("|")) for line in lines]
    return {cell[:2]: cell[2:] for cell in cells if cell[1] in LOGINS}


def seen(namespace, case, client, version):
    as_version = ("--client", "codex", "--client-version", version)
    audit = namespace.run(["audit", "--format", "json", *as_version], case, audit=True)
    dry = namespace.run(["enforce", "--dry-run", *as_version], case, audit=True)
    front = [sys.executable, "-I", "-S", guard.__file__, *as_version, "--", client, "--version"]
    fronted = namespace.run(front, case)
    verdict = json.loads(audit["out"])["decision"]["verdict"]
    started = "started" if re.search(rf"codex-cli {version}", fronted["out"]) else "stopped"
    left = "auth.json" in fronted["left"] or fronted.get("keyring")
    return f"{verdict} · {dry['code']} · {fronted['code']} {started}{'' if left else ', removed'}"


def write_page(run):
    """Run every row with the two newest releases, and write the page."""
    before = [name for name in _proven() if name != run.version][-1]
    pair = (before, run.version)
    clients = {version: find_client(version) or run.part.install(version)[0] for version in pair}
    namespace, found = Namespace(), {}
    for policy, login in rows():
        case = case_of(policy, login)
        found[policy, login] = [seen(namespace, case, clients[name], name) for name in pair]
        for ending in found[policy, login]:
            if not fits(login, ending):
                raise ProofError(f"{policy}, {login}: {ending}, on one of {' and '.join(pair)}")
    namespace.close()
    PAGE.write_text(page_text(PAGE.read_text("utf-8"), pair, found), "utf-8")
    return [PAGE]


def page_text(text, pair, found):
    """Return the page with other releases and rows."""
    is_same = all(one == other for one, other in found.values())
    result = "the same result" if is_same else "the results that the table shows"
    text = re.sub(
        r"Tipstaff gives .*? on [0-9.]+ and on [0-9.]+[0-9], the newest",
        f"Tipstaff gives {result} on {pair[0]} and on {pair[1]}, the newest",
        text,
    )
    lines = (_line(line, pair, found) for line in text.splitlines())
    return "\n".join(lines) + "\n"


def _line(line, pair, found):
    cells = tuple(part.strip() for part in line.strip("|").split("|"))
    if line.startswith("| policy |"):
        return f"| policy | login | {' | '.join(pair)} |"
    return f"| {' | '.join((*cells[:2], *found[cells[:2]]))} |" if cells[:2] in found else line


def _proven():
    return [".".join(map(str, version)) for version in PROVEN]
