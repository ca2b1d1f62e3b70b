"""The adapter keeps to the contract of every client."""

import json

import pytest

from support.clients.adapter_contract import BAD, BINDING, GOOD, MALFORMED, AdapterContract
from support.clients.claude_hosts import make_claude
from support.clients.slot_contract import SECRET
from support.machines.judged_hosts import report_of
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.policy_loading import clients_of_documents
from tipstaff_policy.clients import CLIENTS, PROGRAMS
from tipstaff_policy.clients.claude.adapter import ADAPTER
from tipstaff_policy.organisation.parsing import File, parse_document

HEAD = 'schema = 1\nid = "p"\nversion = "1"\n'
LOGIN = {
    "claudeAiOauth": {"accessToken": SECRET, "refreshToken": SECRET, "scopes": ["user:inference"]}
}
KEY = {"primaryApiKey": SECRET, "theme": "dark"}


@pytest.fixture
def claude_is_known(monkeypatch):
    """Tipstaff as it is with the adapter in its table."""
    monkeypatch.setitem(CLIENTS, "claude", "tipstaff_policy.clients.claude.adapter")
    monkeypatch.setitem(PROGRAMS, "claude", "claude")


@pytest.mark.usefixtures("claude_is_known")
class TestClaude(AdapterContract):
    adapter = ADAPTER
    managed = "/etc/claude-code/managed-settings.json"
    rules = {
        None: None,
        BINDING: {"enforceAnthropicSignIn": True},
        MALFORMED: '{\n"enforceAnthropicSignIn": yes\n}',
    }

    def lay_out(self, root, *, login=None, rules=None):
        make_claude(root, managed=self.rules[rules])
        home = root / "home/dev"
        if login == GOOD:
            self.write(home / ".claude/.credentials.json", LOGIN)
        if login == BAD:
            self.write(home / ".claude.json", KEY)
        return root

    def write(self, path, members):
        path.write_text(json.dumps(members))
        path.chmod(0o600)

    def report(self, root):
        return report_of(root, version=(2, 1, 332), entry_point="print", adapter=ADAPTER)

    def test_what_cannot_be_read_never_complies(self, host):
        """The client takes a broken document for none: no user is signed in by it."""
        root = host(login=GOOD, rules=BINDING)
        for path in self.files_of(root):
            path.write_bytes(b"\xff{ cut off")
        state = self.state(root)

        assert comply(state, self.adapter.by_administrators).verdict == "nobody"
        assert self.adapter.decide(state).verdict != "allow"

    def test_where_a_login_is_kept_is_refused_by_a_malformed_file(self, host):
        """No setting says where a login is kept, so that no file can be wrong about it."""
        state = self.state(host(rules=MALFORMED), detail="lines")

        assert self.adapter.custody().setting_of(state).pinned

    def policy(self):
        rules = (
            'login_methods = ["claudeai"]\norganisations = ["org-a"]\nstores = ["credentials"]\n'
        )
        settings = '[clients.claude.settings]\nmodel = "opus"\npermissions = {deny = ["Read(x)"], max = 3}\n'
        text = f"{HEAD}[clients.claude]\n{rules}{settings}"
        file = File("policy.toml", text.encode(), root=True)
        return parse_document(file, clients_of_documents()).policy
