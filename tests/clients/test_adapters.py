"""The adapter of each client keeps to the one contract."""

import json

import pytest

from support.clients.adapter_contract import BAD, BINDING, GOOD, MALFORMED, AdapterContract
from support.clients.known_clients import ADAPTER as SCRIBE
from support.clients.known_clients import ONLY_TEAM, both_clients, make_scribe
from support.clients.logins import claims, document, token
from support.clients.slot_contract import SECRET
from support.machines.hosts import FORCED_CHATGPT, make_host
from support.machines.judged_hosts import report_of
from tipstaff_policy.assessment.policy_loading import clients_of_documents
from tipstaff_policy.clients import load_client
from tipstaff_policy.organisation.parsing import File, parse_document

__all__ = ["both_clients"]
HEAD = 'schema = 1\nid = "p"\nversion = "1"\n'


def policy_of(text):
    return parse_document(
        File("policy.toml", text.encode(), root=True), clients_of_documents()
    ).policy


class TestCodex(AdapterContract):
    adapter = load_client("codex")
    managed = "/etc/codex/managed_config.toml"
    logins = {
        None: None,
        GOOD: document(token(claims("ws-a")), SECRET, account_id="ws-a"),
        BAD: json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": SECRET}),
    }
    rules = {None: None, BINDING: FORCED_CHATGPT, MALFORMED: "\nforced_login_method = \n"}

    def lay_out(self, root, *, login=None, rules=None):
        return make_host(root, auth=self.logins[login], managed=self.rules[rules])

    def report(self, root):
        return report_of(root)

    def policy(self):
        keys = '[clients.codex.requirements]\nallowed_sandbox_modes = ["read-only"]\n'
        return policy_of(f'{HEAD}login_methods = ["chatgpt"]\nstores = ["file"]\n{keys}')


@pytest.mark.usefixtures("both_clients")
class TestScribe(AdapterContract):
    adapter = SCRIBE
    managed = "/etc/scribe/scribe-settings.json"
    logins = {None: None, GOOD: "team", BAD: "key"}
    rules = {None: None, BINDING: ONLY_TEAM, MALFORMED: '{\n"allowedMethods": team}\n'}

    def lay_out(self, root, *, login=None, rules=None):
        return make_scribe(root, login=self.logins[login], managed=self.rules[rules])

    def report(self, root):
        return report_of(root, version=(2, 0, 0), entry_point="chat", adapter=SCRIBE)

    def policy(self):
        rules = 'login_methods = ["team"]\norganisations = ["acme"]\nstores = ["state"]\n'
        settings = '[clients.scribe.settings]\ntheme = "dark"\nlimits = {turns = 3}\n'
        return policy_of(f"{HEAD}[clients.scribe]\n{rules}{settings}")
