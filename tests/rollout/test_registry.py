"""A client's file as a text of the Windows registry: in `.reg` files, scripts and Group Policy.

No Windows has run them; docs/rollout/windows.md says so. Wine's `reg import` read the same value.
"""

import base64
import hashlib
import json
import re
from xml.etree import ElementTree as ET

import pytest
import tree_sitter_powershell
from hypothesis import HealthCheck, given, settings
from tree_sitter import Language, Parser

from rollout.drafts import DOCUMENT, OF_CLAUDE, draft, drafts, example, example_of_both
from rollout.test_windows import flaws
from support.clients.claude_hosts import LOGIN, layers_of, make_claude, state_of
from support.machines.registry_hives import hive
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.deployment import ClientFile
from tipstaff_policy.model.request import ReadOptions
from tipstaff_policy.system.owners.sddl import parse_sddl, who_else_can_write
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.places import place_texts
from tipstaff_rollout.artefacts.registry_text import SECURITY
from tipstaff_rollout.channels import channel
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.payloads import client_payloads
from tipstaff_rollout.proving import prove, render_artefact
from tipstaff_rollout.taking_away import find_lost_keys, may_lose

NAME = "claude_managed_settings"
PLACE = r"HKLM\SOFTWARE\Policies\ClaudeCode\Settings"
REGISTRY = client_payloads()[NAME].registry
SCRIPTS = {
    "intune-windows": ["detect.ps1", "remediate.ps1"],
    "intune-win32": ["detect.ps1", "install.ps1", "uninstall.ps1"],
}
CHANNELS = ["reg", "gpo", *SCRIPTS]
MADE = example_of_both("windows")
ALONE = compile_policy(draft(f'schema = 1\nid = "p"\nversion = "1"\n{OF_CLAUDE}'))
"""A policy of which Windows gets nothing of a client but the text."""
SEVERAL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def text_of(made):
    (registered,) = place_texts(made)
    return registered.text


def artefact(name, made=MADE):
    return {file.path: file.data for file in render_artefact(made, channel(name))}


def scripts(made):
    return {
        f"{name}/{script}": artefact(name, made)[script]
        for name, wanted in SCRIPTS.items()
        for script in wanted
    }


@given(drafts(platform="windows"))
@SEVERAL
def test_a_text_reads_back_to_the_very_file(made):
    made = compile_policy(made, at_once=True)

    assert [text.payload.data for text in place_texts(made)] == [
        REGISTRY.data(text.text) for text in place_texts(made)
    ]


@given(drafts(platform="windows"))
@SEVERAL
def test_a_text_says_to_the_client_what_the_file_says(made):
    made = compile_policy(made, at_once=True)

    for text in place_texts(made):
        assert json.loads(text.payload.data) == json.loads(text.text)


@given(drafts(platform="windows"))
@SEVERAL
def test_a_text_is_one_line_of_plain_letters_without_a_variable(made):
    made = compile_policy(made, at_once=True)

    assert [] == [
        text.text for text in place_texts(made) if not re.fullmatch(r"[ -$&-~]+", text.text)
    ]


def test_a_text_begins_with_the_stamp_of_its_file():
    assert text_of(MADE).startswith(client_payloads()[NAME].start.decode())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"tipstaff": ["claude_managed_settings x"]}']
)
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match=r"JSON|stamp"):
        REGISTRY.data(text)


# Registration entries.


def entry(data):
    """Return key, name and value of a file of one entry, by the editor's rules for texts."""
    assert data.startswith(b"\xff\xfe")
    lines = data.decode("utf-16").split("\r\n")
    assert ["Windows Registry Editor Version 5.00", ""] == lines[:2]
    key, line = [line for line in lines if line[:1] not in (";", "")][1:]
    name, value = re.fullmatch(r'"([^"]+)"="(.*)"', line).groups()
    assert lines[-1] == ""
    return key, name, value.replace('\\"', '"').replace("\\\\", "\\")


def test_an_import_sets_the_text_below_the_machines_policies():
    (data,) = artefact("reg").values()

    assert (r"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]", "Settings", text_of(MADE)) == entry(data)  # fmt: skip


def test_a_policy_without_such_a_client_has_no_registration_entries():
    with pytest.raises(ArtefactError, match="has nothing for reg"):
        render_artefact(example("windows"), channel("reg"))


OTHER_ENTRIES = {
    "another key": ("Policies\\ClaudeCode", "Policies\\Another"),
    "another name": ('"Settings"=', '"Setting"='),
    "a number": ('"Settings"="', '"Settings"=dword:1 "'),
    "nothing": ("\r\n[HKEY", "\r\n;[HKEY"),
}


@pytest.mark.parametrize(("old", "new"), OTHER_ENTRIES.values(), ids=OTHER_ENTRIES)
def test_entries_that_set_something_else_are_refused(old, new):
    (file,) = render_artefact(MADE, channel("reg"))
    text = file.data.decode("utf-16")

    with pytest.raises(ArtefactError):
        prove((file._replace(data=b"\xff\xfe" + text.replace(old, new).encode("utf-16-le")),))


# Scripts.


@pytest.mark.parametrize("made", [MADE, ALONE], ids=["two clients", "the text alone"])
def test_every_script_is_powershell_and_plain_ascii(made):
    parser = Parser(Language(tree_sitter_powershell.language()))

    for name, data in scripts(made).items():
        assert [] == [*flaws(parser.parse(data).root_node)], name
        assert data.isascii(), name


@pytest.mark.parametrize("made", [MADE, ALONE], ids=["two clients", "the text alone"])
def test_every_script_looks_for_the_text_in_the_view_of_64_bit_programs(made):
    digest = hashlib.sha256(text_of(made).encode()).hexdigest().upper()
    row = (
        f"Key = 'SOFTWARE\\Policies\\ClaudeCode'; Name = 'Settings'; Sha256 = '{digest}'; Stamp = "
    )

    for name, data in scripts(made).items():
        assert row in data.decode(), name
        assert b"[Microsoft.Win32.RegistryView]::Registry64)" in data, name


@pytest.mark.parametrize("name", ["intune-windows/remediate.ps1", "intune-win32/install.ps1"])
def test_a_script_that_installs_holds_the_text(name):
    row = re.search(r"Key = '[^\n]*Base64 = \(([^)]*)\)", scripts(MADE)[name].decode())

    found = base64.b64decode("".join(re.findall("'([^']*)'", row[1])))

    assert text_of(MADE) == found.decode()


def test_a_row_of_a_text_names_the_keys_that_stay_when_it_replaces_another():
    for name, data in scripts(MADE).items():
        (found,) = re.findall(r"Key = '[^\n]*; Keys = '([^']*)'", data.decode())

        assert {"env.NOTE", "forceLoginOrgUUID", "model"} <= {*found.split()}, name
        assert b"Get-LostOfJson (Get-Stored $Value $Value.Name) $Value.Keys" in data, name


def test_a_script_without_a_text_of_the_registry_holds_no_word_of_it():
    assert [] == [
        name for name, data in scripts(example("windows")).items() if b"RegistryKey" in data
    ]


def test_every_function_that_a_script_calls_is_in_it():
    for name, data in scripts(MADE).items():
        text = data.decode()
        called = {*re.findall(r"\b((?:Get|Test|Install|Set|Remove)-[A-Z]\w*(?:Value|Key|Stored|TextHash|OfJson))\b", text)}  # fmt: skip
        defined = {*re.findall(r"^function ([\w-]+)", text, re.MULTILINE)}
        unused = {"Install-Value"} if "Install-File" not in defined else set()
        assert called - unused <= defined, name


def test_the_access_list_of_the_key_lets_users_read_alone():
    (found,) = re.findall(r"'(O:BAG:BAD:PAI\(A;CI;[^']+)'", scripts(MADE)["intune-win32/install.ps1"].decode())  # fmt: skip

    assert SECURITY == found
    assert () == who_else_can_write(parse_sddl(SECURITY.replace("KA", "FA").replace("KR", "FR")), folder_above=False)  # fmt: skip


# Group Policy.


def item_of(made=MADE):
    (item,) = ET.fromstring(artefact("gpo", made)["Registry.xml"]).iter("Registry")
    return item


def test_the_preferences_set_the_text():
    stated = item_of().find("Properties").attrib

    wanted = {"action": "U", "hive": "HKEY_LOCAL_MACHINE", "key": r"SOFTWARE\Policies\ClaudeCode", "name": "Settings", "type": "REG_SZ", "value": text_of(MADE)}  # fmt: skip
    assert wanted == {name: stated[name] for name in wanted}


def is_written(item, there):
    """Return whether item-level targeting lets an item write over what is there."""
    holds = True
    for condition in item.iter("FilterRegistry"):
        found = there is not None and condition.get("valueData") in there
        one = found != (condition.get("not") == "1")
        holds = holds and one if condition.get("bool") == "AND" else holds or one
    return holds


REFRESHES = {
    "nothing": (None, True),
    "ours": (text_of(MADE), True),
    "an earlier one of ours": (text_of(ALONE), True),
    "another administrator's": ('{"model": "opus"}', False),
    "an empty one": ("", False),
}


@pytest.mark.parametrize(("there", "written"), REFRESHES.values(), ids=REFRESHES)
def test_group_policy_leaves_a_value_of_another_administrator(there, written):
    assert written == is_written(item_of(), there)


def test_the_template_locks_the_key():
    text = artefact("gpo")["GptTmpl.inf"].decode("utf-16")

    assert rf'"MACHINE\SOFTWARE\Policies\ClaudeCode",2,"{SECURITY}"' in text.splitlines()


def test_group_policy_without_a_text_has_no_file_of_values():
    assert "Registry.xml" not in artefact("gpo", example("windows"))


# Every channel.


@pytest.mark.parametrize("made", [MADE, ALONE], ids=["two clients", "the text alone"])
@pytest.mark.parametrize("name", CHANNELS)
def test_what_is_read_back_is_the_very_payload(name, made):
    proof = prove(render_artefact(made, channel(name)))

    assert made.data(NAME) == proof.compiled.data(NAME)


@pytest.mark.parametrize("name", ["gpo", *SCRIPTS])
def test_the_page_names_the_value_and_the_file_that_it_silences(name):
    page = artefact(name)["README.md"].decode()

    assert PLACE in page
    assert r"`C:\Program Files\ClaudeCode\managed-settings.json`" in page


EDITED = {
    "reg": ("policy.reg", "utf-16-le", "opus", "haiku"),
    "gpo": ("Registry.xml", "utf-8", "opus", "haiku"),
    "gpo, another key": (
        "Registry.xml",
        "utf-8",
        '" key="SOFTWARE',
        '" key="SOFTWARE\\WOW6432Node',
    ),
    "gpo, no condition": ("Registry.xml", "utf-8", "MATCHVALUE", "VALUEEXISTS"),
}


@pytest.mark.parametrize(("path", "code", "old", "new"), EDITED.values(), ids=EDITED)
def test_an_edited_value_is_found_and_its_file_named(path, code, old, new):
    name = "reg" if path == "policy.reg" else "gpo"
    files = tuple(
        file._replace(data=file.data.replace(old.encode(code), new.encode(code)))
        if file.path == path
        else file
        for file in render_artefact(MADE, channel(name))
    )

    with pytest.raises(ArtefactError) as caught:
        prove(files)

    assert caught.value.where.split(":")[0] in (path, "managed-settings.json")


# Images.


def image(tmp_path, text=None, managed=None):
    root = make_claude(tmp_path)
    (root / "Program Files/ClaudeCode").mkdir(parents=True)
    (root / "Users").mkdir()
    (root / "home/dev").rename(root / "Users/dev")
    if text is not None:
        folder = root / "Windows/System32/config"
        folder.mkdir(parents=True)
        (folder / "SOFTWARE").write_bytes(hive(text, "Policies", "ClaudeCode"))
    if managed is not None:
        (root / "Program Files/ClaudeCode/managed-settings.json").write_text(managed)
    return root


def layers(root):
    return layers_of(root, platform="windows", options=ReadOptions(detail="lines"))


FILES = (ClientFile(NAME, MADE.data(NAME).decode()),)


def test_an_image_with_the_text_says_what_the_policy_says(tmp_path):
    deployed = (
        load_client("claude")
        .deployment()
        .deploy(
            state_of(layers(image(tmp_path / "before")), (LOGIN,))._replace(platform="windows"),
            FILES,
            "files",
        )
    )
    (before,) = [layer for layer in deployed.layers if layer.name == "device"]
    (after,) = [
        layer
        for layer in layers(image(tmp_path / "after", text_of(MADE)))
        if layer.name == "device"
    ]

    assert [(PLACE, setting.key, setting.value) for setting in before.content.settings] == [
        (after.path, setting.key, setting.value) for setting in after.content.settings
    ]


def lost(root):
    return [(key.path, key.key) for key in find_lost_keys(str(root), "windows", FILES, "files")]


def test_a_member_that_the_text_would_take_away_is_named(tmp_path):
    root = image(tmp_path, '{"model": "haiku", "cleanupPeriodDays": 7}')

    assert [(PLACE, "cleanupPeriodDays")] == lost(root)


def test_a_member_of_the_file_that_the_text_silences_is_named(tmp_path):
    root = image(tmp_path, managed='{"cleanupPeriodDays": 7}')

    assert [("/Program Files/ClaudeCode/managed-settings.json", "cleanupPeriodDays")] == lost(root)


def test_a_report_that_shows_such_a_value_may_lose_keys(tmp_path):
    state = state_of(layers(image(tmp_path, '{"model": "haiku"}')), (LOGIN,))._replace(
        platform="windows"
    )

    assert may_lose(state, FILES, "files")


def test_a_damaged_hive_loses_nothing(tmp_path):
    root = image(tmp_path, "{}")
    (root / "Windows/System32/config/SOFTWARE").write_bytes(b"regf")

    assert [] == lost(root)


def test_a_policy_that_starts_later_has_no_text():
    later = compile_policy(draft(DOCUMENT + "warn_from = 2026-01-01\n" + OF_CLAUDE))

    assert () == place_texts(later)


# Values that one of the forms cannot hold.


CANNOT = {
    "a date": ("d = 2020-01-01", "is a date or a time"),
    "a time in a list": ("d = [12:00:00]", "is a date or a time"),
    "no number": ("d = nan", "is a number that JSON does not have"),
    "without an end": ("d = { x = inf }", "is a number that JSON does not have"),
}


@pytest.mark.parametrize(("line", "what"), CANNOT.values(), ids=CANNOT)
def test_a_value_that_json_does_not_have_is_a_fault_of_the_policy_at_its_line(line, what):
    text = f'schema = 1\nid = "p"\nversion = "1"\n[clients.claude.settings]\n{line}\n'

    with pytest.raises(ArtefactError, match=what) as caught:
        compile_policy(draft(text))

    assert "policy.toml:5" == caught.value.where


def test_a_letter_that_a_property_list_cannot_hold_is_refused_there_alone():
    text = 'schema = 1\nid = "p"\nversion = "1"\n[clients.claude.settings]\nd = "\\u0007"\n'
    compiled = compile_policy(draft(text))

    with pytest.raises(ArtefactError, match="cannot be written"):
        render_artefact(compiled, channel("plist"))
    assert prove(render_artefact(compiled, channel("reg")))
