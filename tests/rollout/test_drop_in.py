"""A client's file in the form of a drop-in, for hosts where administrators have a file of their own."""

import json
import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings

from rollout.drafts import DOCUMENT, KEYS_PATHS, OF_CLAUDE, draft, drafts
from support.clients.claude_hosts import layers_of, make_claude
from support.machines.hosts import tipstaff
from support.machines.private_etc import in_private_etc
from support.services.signing import issuer, jwks
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.claude.config.effective import effective_policy
from tipstaff_policy.clients.claude.versions import NEWEST_BEHAVIOUR
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.linux_host import entries_of
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.payloads import choose_payloads, every_payload, list_united_rules
from tipstaff_rollout.proving import differences, list_left_out, prove, render_artefact
from tipstaff_rollout.storing import write_artefact
from tipstaff_rollout.sync.deliverables import delivery_of, place_files

BASE, DROP_IN = "claude_managed_settings", "claude_drop_in"
PLACE = "/etc/claude-code/managed-settings.d/50-tipstaff.json"
OWN = "aaaaaaaa-0000-4000-8000-000000000001"
AS_DROP_IN = [
    "claude-drop-in", "deb", "rpm", "container", "ansible", "shell", "jamf", "intune-macos",
    "kandji", "fleet",
]  # fmt: skip
AS_WHOLE = ["claude", "intune-windows", "intune-win32", "gpo", "reg", "mobileconfig",
            "mobileconfig-mcx", "plist"]  # fmt: skip
SEVERAL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the script is for root")


def made(platform="linux", more=OF_CLAUDE):
    text = DOCUMENT + f"trusted_keys = '{KEYS_PATHS[platform]}'\n" + more
    return compile_policy(draft(text, jwks(issuer("k").jwk()).encode()), drop_ins=True)


def carried(name):
    by = channel(name)
    return prove(render_artefact(made(by.platform), by)).compiled


@pytest.mark.parametrize("name", AS_DROP_IN)
def test_a_channel_that_puts_files_at_places_carries_the_drop_in_alone(name):
    found = carried(name)

    by = channel(name)
    assert (made(by.platform).data(DROP_IN), None) == (found.data(DROP_IN), found.data(BASE))


@pytest.mark.parametrize("name", AS_WHOLE)
def test_a_channel_of_values_carries_the_whole_file(name):
    found = carried(name)

    assert (None, made(channel(name).platform).data(BASE)) == (
        found.data(DROP_IN),
        found.data(BASE),
    )


def test_every_channel_of_the_client_has_one_of_both_forms():
    others = {"policy", "requirements", "managed-config"}

    assert {*AS_DROP_IN, *AS_WHOLE} == {*channel_names()} - others


@pytest.mark.parametrize("name", [*AS_DROP_IN, *AS_WHOLE])
def test_neither_form_is_said_to_be_left_out_where_the_other_goes(name):
    by = channel(name)

    assert not {BASE, DROP_IN} & {*list_left_out(made(by.platform), by)}


@pytest.mark.parametrize("name", AS_DROP_IN)
def test_an_artefact_is_what_its_policy_compiles_to(name):
    by = channel(name)

    assert () == differences(prove(render_artefact(made(by.platform), by)), made(by.platform))


@given(drafts())
@SEVERAL
def test_a_script_reads_back_to_the_very_drop_in(author):
    compiled = compile_policy(author, at_once=True, drop_ins=True)
    files = render_artefact(compiled, channel("shell"))

    assert {*choose_payloads(compiled, every_payload())} == {*prove(files).compiled.payloads}


@pytest.mark.parametrize("name", ["claude-drop-in", "ansible"])
def test_an_edited_drop_in_is_found(name):
    files = tuple(
        file._replace(data=file.data.replace(b"opus", b"haiku"))
        if file.path.endswith("50-tipstaff.json")
        else file
        for file in render_artefact(made(), channel(name))
    )

    with pytest.raises(ArtefactError) as caught:
        prove(files)

    assert "50-tipstaff.json" in caught.value.where


def members(more):
    return json.loads(made(more=more).data(DROP_IN))


def test_one_organisation_is_a_text_which_replaces_the_lists_of_other_files():
    assert OWN == members(OF_CLAUDE)["forceLoginOrgUUID"]


def test_several_organisations_are_a_list_to_which_others_can_add():
    two = '[clients.claude]\norganisations = ["org-a", "org-b"]\n'

    assert ["org-a", "org-b"] == members(two)["forceLoginOrgUUID"]
    assert [("50-tipstaff.json", ("forceLoginOrgUUID",))] == [*list_united_rules(made(more=two))]


def test_the_pin_of_one_organisation_holds_next_to_a_list_of_another_administrator(tmp_path):
    root = make_claude(tmp_path, managed={"forceLoginOrgUUID": ["org-b"], "cleanupPeriodDays": 7})
    place = root / PLACE[1:]
    place.parent.mkdir()
    place.write_bytes(made().data(DROP_IN))

    policy = effective_policy(layers_of(root), NEWEST_BEHAVIOUR)
    found = {setting.key: setting.value for setting in policy.settings}

    assert OWN == found["forceLoginOrgUUID"]


def test_a_package_brings_every_folder_above_the_drop_in():
    compiled = made()
    payloads = choose_payloads(compiled, every_payload())
    paths = {entry.path for entry in entries_of(compiled._replace(payloads=payloads))}

    assert {"/etc/claude-code", "/etc/claude-code/managed-settings.d", PLACE} <= paths


def test_a_delivery_puts_the_drop_in_at_its_place_on_both_platforms():
    compiled = compile_policy(draft(DOCUMENT + OF_CLAUDE), drop_ins=True)
    delivery = delivery_of(choose_payloads(compiled, every_payload()))

    found = [{*dict(place_files(delivery, platform))} for platform in ("linux", "macos")]

    mac = "/Library/Application Support/ClaudeCode/managed-settings.d/50-tipstaff.json"
    assert [True, True] == [PLACE in found[0], mac in found[1]]
    assert not any("managed-settings.json" in path for places in found for path in places)


@as_root
def test_a_script_installs_it_next_to_a_file_that_stays(tmp_path):
    etc, before = in_private_etc(tmp_path)
    (etc / "claude-code").mkdir()
    own = etc / "claude-code/managed-settings.json"
    own.write_text('{"model": "haiku"}')
    script = tmp_path / "policy.sh"
    write_artefact(render_artefact(made(), channel("shell")), script)

    done = subprocess.run([*before, "sh", script, "install"], capture_output=True, check=False)

    assert 0 == done.returncode, done.stdout
    assert '{"model": "haiku"}' == own.read_text()
    assert made().data(DROP_IN) == (etc / PLACE.removeprefix("/etc/")).read_bytes()


@as_root
def test_a_script_makes_the_folders_where_there_are_none(tmp_path):
    etc, before = in_private_etc(tmp_path)
    script = tmp_path / "policy.sh"
    write_artefact(render_artefact(made(), channel("shell")), script)

    done = subprocess.run([*before, "sh", script, "install"], capture_output=True, check=False)

    assert 0 == done.returncode, done.stdout
    assert (etc / PLACE.removeprefix("/etc/")).is_file()


# The command line.


def test_a_drop_in_is_rendered_with_a_word_on_lists_and_proved(tmp_path):
    policy, out = tmp_path / "policy.toml", tmp_path / "policy.sh"
    policy.write_text(DOCUMENT + OF_CLAUDE)

    done = tipstaff("policy", "render", policy, "--to", "shell", "--drop-in", "--out", out)

    assert 0 == done.returncode, done.stderr
    assert "50-tipstaff.json: the client unites the lists of its files" in done.stderr
    assert 0 == tipstaff("policy", "verify", out, "--against", policy).returncode


def test_a_policy_whose_start_is_to_come_is_rendered_without_its_drop_in(tmp_path):
    policy, out = tmp_path / "policy.toml", tmp_path / "policy.sh"
    policy.write_text(DOCUMENT + "enforce_from = 2090-01-01\n" + OF_CLAUDE)

    done = tipstaff("policy", "render", policy, "--to", "shell", "--drop-in", "--out", out)

    assert 0 == done.returncode, done.stderr
    assert "50-tipstaff.json" not in out.read_text()
    assert 0 == tipstaff("policy", "verify", out, "--against", policy).returncode


def test_a_drop_in_goes_from_the_end_of_a_start_on(tmp_path):
    policy, out = tmp_path / "policy.toml", tmp_path / "policy.sh"
    policy.write_text(DOCUMENT + "enforce_from = 2090-01-01\n" + OF_CLAUDE)
    later = ("--at", "2090-01-02")

    tipstaff("policy", "render", policy, "--to", "shell", "--drop-in", "--out", out, *later)

    assert "50-tipstaff.json" in out.read_text()
    assert 0 == tipstaff("policy", "verify", out, "--against", policy, *later).returncode


def test_a_policy_for_clients_without_drop_ins_is_refused(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(DOCUMENT)

    done = tipstaff(
        "policy", "render", policy, "--to", "shell", "--drop-in", "--out", tmp_path / "x"
    )

    assert (3, True) == (done.returncode, "no file of this policy can be a drop-in" in done.stderr)


# Lint of the client's files.


def lint_of(folder, files):
    (folder / "managed-settings.d").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    done = tipstaff("policy", "lint", folder)
    found = [
        line.removeprefix(f"{folder}/") for line in done.stdout.splitlines() if line[:1] != " "
    ]
    return [
        (line.split(": ")[0], line.rpartition("[")[2].rstrip("]")) for line in found if "[" in line
    ]


LINTED = {
    "a misspelt key": ('{\n"forceloginmethod": "console"}', [("managed-settings.json:2", "claude_idle_key")]),
    "a method that is none": ('{\n\n"forceLoginMethod": "sso"}', [("managed-settings.json:3", "claude_idle_key")]),
    "a value that locks everyone out": ('{\n"enforceAnthropicSignIn": "true"}', [("managed-settings.json:2", "claude_locks_out")]),
    "a pin without the sign-in rule": ('{\n"forceLoginOrgUUID": "01234567-89ab-4cde-8f01-23456789abcd"}', [("managed-settings.json:2", "claude_open_pin")]),
    "a comment": ('{\n"model": "opus" // why\n}', [("managed-settings.json:2", "invalid")]),
    "a rule one level down": ('{"permissions":\n{"allowedProviders": []}}', [("managed-settings.json:2", "claude_idle_key")]),
    "nothing to say": ('{"model": "opus"}', []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "found"), LINTED.values(), ids=LINTED)
def test_a_managed_file_is_judged_with_its_lines(text, found, tmp_path):
    assert found == lint_of(tmp_path, {"managed-settings.json": text})


SIGN_IN = '"enforceAnthropicSignIn": true'
WIDENED = {
    "a list over a list": (
        {"managed-settings.json": f'{{"forceLoginOrgUUID": ["org-a"], {SIGN_IN}}}',
         "managed-settings.d/10.json": '{\n"forceLoginOrgUUID": ["org-b"]}'},
        ["managed-settings.d/10.json:2"]),
    "a part of the list": (
        {"managed-settings.json": f'{{"forceLoginOrgUUID": ["org-a", "org-b"], {SIGN_IN}}}',
         "managed-settings.d/10.json": f'{{"forceLoginOrgUUID": ["org-b"], {SIGN_IN}}}'},
        []),
    "a text over a list": (
        {"managed-settings.json": f'{{"forceLoginOrgUUID": ["org-a"], {SIGN_IN}}}',
         "managed-settings.d/10.json": f'{{"forceLoginOrgUUID": "org-b", {SIGN_IN}}}'},
        []),
    "a list before the policy's own": (
        {"managed-settings.json": '{"allowedProviders": ["anthropic", "bedrock"]}',
         "managed-settings.d/50-tipstaff.json": made().data(DROP_IN).decode()},
        ["managed-settings.d/50-tipstaff.json:2"]),
    "a list behind the policy's own": (
        {"managed-settings.d/50-tipstaff.json": made().data(DROP_IN).decode(),
         "managed-settings.d/60.json": '{"allowedProviders": ["vertex"]}'},
        ["managed-settings.d/60.json:1"]),
    "a hidden file": (
        {"managed-settings.json": '{"allowedProviders": ["anthropic"]}',
         "managed-settings.d/.10.json": '{"allowedProviders": ["vertex"]}'},
        []),
}  # fmt: skip


@pytest.mark.parametrize(("files", "found"), WIDENED.values(), ids=WIDENED)
def test_lists_that_are_united_are_named(files, found, tmp_path):
    hits = [place for place, rule in lint_of(tmp_path, files) if rule == "claude_widened_list"]

    assert found == hits


def test_drop_ins_of_the_client_are_known_by_their_folder():
    kinds = load_client("claude").lint().kinds

    assert DROP_IN == kinds["managed-settings.d/*.json"]
