"""An image with what was rendered for a second client: an audit finds that nothing differs."""

import json

import pytest

from rollout.drafts import draft
from support.machines.hosts import tipstaff
from support.machines.registry_hives import hive
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.places import place_texts

HEAD = 'schema = 1\nid = "p"\nversion = "1"\n[clients.claude]\n'
TAIL = '[clients.claude.settings]\nmodel = "opus"\n[clients.claude.settings.permissions]\ndeny = ["x"]\n'
POLICIES = {
    "claude.ai of one organisation": 'login_methods = ["claudeai"]\norganisations = ["org-a"]\n',
    "claude.ai and a cloud": 'login_methods = ["claudeai", "vertex"]\n',
    "Console alone": 'login_methods = ["console"]\n',
    "gateway alone": 'login_methods = ["gateway"]\n',
    "a cloud alone": 'login_methods = ["bedrock"]\n',
    "two organisations": 'organisations = ["org-a", "org-b"]\n',
}
LINUX, WINDOWS = "etc/tipstaff", "ProgramData/Tipstaff"


def as_file(root, made):
    _write(root / "etc/claude-code/managed-settings.json", made.data("claude_managed_settings"))


def as_drop_in(root, made):
    place = root / "etc/claude-code/managed-settings.d/50-tipstaff.json"
    _write(root / "etc/claude-code/managed-settings.json", b'{"cleanupPeriodDays": 7}')
    _write(place, made.data("claude_drop_in"))


def as_text(root, made):
    (registered,) = place_texts(made)
    _write(
        root / "Windows/System32/config/SOFTWARE", hive(registered.text, "Policies", "ClaudeCode")
    )


FORMS = {
    "file": ("linux", "home/dev", LINUX, as_file),
    "drop-in": ("linux", "home/dev", LINUX, as_drop_in),
    "text of the registry": ("windows", "Users/dev", WINDOWS, as_text),
}


def _write(place, data):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def drift(root, form, text):
    """Return each TIP308 of an audit of an image on which a policy was deployed."""
    platform, home, folder, deploy = form
    deploy(root, compile_policy(draft(text), drop_ins=True))
    _write(root / folder / "policy.toml", text.encode())
    (root / home / ".claude").mkdir(parents=True)

    done = tipstaff(
        "audit", "--client", "claude", "--client-version", "2.1.332", "--platform", platform,
        "--system-root", root, "--format", "json",
    )  # fmt: skip

    findings = json.loads(done.stdout)["findings"]
    return [
        (finding["status"], finding["observed"])
        for finding in findings
        if finding["check"] == "TIP308"
    ]


@pytest.mark.parametrize("rules", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_was_rendered_is_no_drift(form, rules, tmp_path):
    found = drift(tmp_path, form, HEAD + rules + TAIL)

    assert [] == [drifted for drifted in found if drifted[0] != "pass"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_was_rendered_of_another_policy_is_drift(form, tmp_path):
    text = HEAD + 'login_methods = ["claudeai"]\n' + TAIL
    found = drift(tmp_path, form, text)
    policy = tmp_path / form[2] / "policy.toml"
    policy.write_text(text.replace("claudeai", "console").replace("opus", "haiku"))

    again = tipstaff(
        "audit", "--client", "claude", "--client-version", "2.1.332", "--platform", form[0],
        "--system-root", tmp_path, "--format", "json",
    )  # fmt: skip

    failed = [finding["observed"] for finding in json.loads(again.stdout)["findings"]
              if finding["check"] == "TIP308" and finding["status"] == "fail"]  # fmt: skip
    assert ["pass", "pass"] == [status for status, _ in found]
    said = [observed.partition(" (")[0] for observed in failed]
    assert [
        "deployed: claudeai",
        "clients.claude.settings.model: another value is deployed",
    ] == said
