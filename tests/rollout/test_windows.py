"""The channels for Windows, judged by what there is here: a grammar, the same hashes, an XML parser.

No Windows has run them; docs/rollout/windows.md says so.
"""

import base64
import hashlib
import json
import re
from xml.etree import ElementTree as ET

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

from rollout.drafts import EDGES, KEYS_PATHS, draft, example
from support.services.signing import issuer, jwks
from tipstaff_policy.system.owners.sddl import parse_sddl, who_else_can_write
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.channels import channel
from tipstaff_rollout.channels.gpo import FOLDER
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.proving import render_artefact

SCRIPTS = {
    "intune-windows": ["detect.ps1", "remediate.ps1"],
    "intune-win32": ["detect.ps1", "install.ps1", "uninstall.ps1"],
}
MARKER = "requirements.toml.of-tipstaff"
PLACE = "C:\\ProgramData\\Tipstaff\\"
HOSTILE = compile_policy(
    draft(
        "schema = 1\nid = 'p'\nlogin_methods = ['api']\n"
        'version = "1 \\" \' $(calc) `n #> @( é"\nowner = "-- \\u2028 \'"\n'
    )
)


def scripts(made):
    for name, wanted in SCRIPTS.items():
        files = {file.path: file.data for file in render_artefact(made, channel(name))}
        for script in wanted:
            yield f"{name}/{script}", files[script]


def flaws(node):
    if node.type == "ERROR" or node.is_missing:
        yield node.start_point
    for child in node.children:
        yield from flaws(child)


@pytest.mark.parametrize("made", [example("windows"), HOSTILE], ids=["example", "hostile"])
def test_every_script_is_powershell_and_plain_ascii(made):
    parser = Parser(Language(tree_sitter_powershell.language()))

    for name, data in scripts(made):
        assert [] == [*flaws(parser.parse(data).root_node)], name
        assert data.isascii(), name


def test_the_grammar_sees_a_fault():
    parser = Parser(Language(tree_sitter_powershell.language()))

    assert [*flaws(parser.parse(b"if ($A { }\n").root_node)]


def test_no_script_writes_to_the_error_stream():
    for name, data in scripts(example("windows")):
        assert not re.search(rb"Write-Error|throw |\[Console\]::Error|2>", data), name


def test_what_is_installed_is_what_is_looked_for():
    found = dict(scripts(example("windows")))
    rows = re.findall(
        rb"Path = '([^']+)'; Sha256 = '(\w+)'(?:; Stamp = '[^']+'; Keys = '[^']*')?; Base64 = \(([^)]*)\)",
        found["intune-windows/remediate.ps1"],
    )
    looked_for = re.findall(
        rb"Path = '([^']+)'; Sha256 = '(\w+)'", found["intune-windows/detect.ps1"]
    )

    assert [row[:2] for row in rows] == looked_for
    for _, digest, text in rows:
        data = base64.b64decode(b"".join(re.findall(b"'([^']*)'", text)))
        assert digest.decode() == hashlib.sha256(data).hexdigest().upper()
    assert {
        b"Tipstaff\\policy.toml",
        b"Tipstaff\\jwks.json",
        b"OpenAI\\Codex\\requirements.toml",
    } == {row[0] for row in rows}


def test_the_access_list_lets_users_read_alone():
    installer = dict(scripts(example("windows")))["intune-windows/remediate.ps1"].decode()

    lists = [*re.findall(r"'(O:BAG:BAD:[^']+)'", installer), FOLDER]

    assert 4 == len(lists)
    for sddl in lists:
        assert () == who_else_can_write(parse_sddl(sddl), folder_above=False), sddl
    # The one without users is for a secret alone.
    assert [True, True, False, True] == [";0x1200a9;;;BU)" in sddl for sddl in lists]


def test_the_preferences_name_every_file_and_its_place():
    files = {file.path: file.data for file in render_artefact(example("windows"), channel("gpo"))}

    root = ET.fromstring(files["Files.xml"])
    found = {
        properties.get("fromPath"): properties.get("targetPath")
        for properties in root.iter("Properties")
    }

    assert {
        r"%GptPath%\Tipstaff\policy.toml": r"%CommonAppdataDir%\Tipstaff\policy.toml",
        r"%GptPath%\Tipstaff\keys.json": r"%CommonAppdataDir%\Tipstaff\jwks.json",
        r"%GptPath%\Tipstaff\requirements.toml": r"%CommonAppdataDir%\OpenAI\Codex\requirements.toml",
        rf"%GptPath%\Tipstaff\{MARKER}": rf"%CommonAppdataDir%\OpenAI\Codex\{MARKER}",
    } == found
    assert {"R"} == {properties.get("action") for properties in root.iter("Properties")}
    assert {path.split("\\")[-1] for path in found} == {
        name.removeprefix("files/") for name in files if name.startswith("files/")
    }


@pytest.mark.parametrize("text", EDGES)
def test_the_preferences_are_xml_whatever_the_policy_is_called(text):
    quoted = "".join(f"\\U{ord(character):08x}" for character in text)
    made = compile_policy(
        draft(f'schema = 1\nid = "p"\nversion = "{quoted}-"\nlogin_methods = ["api"]\n')
    )

    files = {file.path: file.data for file in render_artefact(made, channel("gpo"))}

    ET.fromstring(files["Files.xml"])


def test_the_template_locks_our_folders_from_the_top():
    files = {file.path: file.data for file in render_artefact(example("windows"), channel("gpo"))}

    text = files["GptTmpl.inf"].decode("utf-16")

    assert re.findall(r'^"%ProgramData%\\([^"]+)"', text, re.MULTILINE) == [
        "OpenAI",
        r"OpenAI\Codex",
        "Tipstaff",
    ]


def test_a_script_too_long_for_intune_is_refused():
    ids = ", ".join(f'{{ id = "workspace-{number:060}" }}' for number in range(1500))
    made = compile_policy(draft(f'schema = 1\nid = "p"\nversion = "1"\nworkspaces = [{ids}]\n'))

    with pytest.raises(ArtefactError, match="would have"):
        render_artefact(made, channel("intune-windows"))
    assert render_artefact(made, channel("intune-win32"))


def test_keys_outside_of_program_data_are_refused():
    keys = jwks(issuer("k").jwk()).encode()
    text = "schema = 1\nid = 'p'\nversion = '1'\ntrusted_keys = 'C:\\keys.json'\n"

    with pytest.raises(ArtefactError, match="outside of ProgramData"):
        render_artefact(compile_policy(draft(text, keys)), channel("gpo"))
    assert KEYS_PATHS["windows"].startswith("C:\\ProgramData")


@pytest.mark.parametrize(
    "name", [r"..\x.json", r"a\..\x.json", "schlüssel.json", "it''s.json", "a?.json"]
)
@pytest.mark.parametrize("by", [*SCRIPTS, "gpo"])
def test_a_place_that_is_no_plain_path_is_refused(name, by):
    keys = jwks(issuer("k").jwk()).encode()
    text = f'schema = 1\nid = "p"\nversion = "1"\ntrusted_keys = {json.dumps(PLACE + name)}\n'

    with pytest.raises(ArtefactError, match="is not a plain path"):
        render_artefact(compile_policy(draft(text, keys)), channel(by))


def copied(root, there):
    """Return what the preferences copy onto a computer, by the rules of item-level targeting."""
    there = {f"%CommonAppdataDir%\\OpenAI\\Codex\\{name}" for name in there}
    found = []
    for item in root.iter("File"):
        holds = True
        for filter_file in item.iter("FilterFile"):
            one = (filter_file.get("path") in there) != (filter_file.get("not") == "1")
            holds = holds and one if filter_file.get("bool") == "AND" else holds or one
        if holds:
            target = item.find("Properties").get("targetPath")
            there.add(target)
            found.append(target.split("\\")[-1])
    return [name for name in found if name.startswith("requirements")]


REFRESHES = {
    "nothing there": ([], [MARKER, "requirements.toml"]),
    "ours": (["requirements.toml", MARKER], [MARKER, "requirements.toml"]),
    "another administrator's": (["requirements.toml"], []),
}


@pytest.mark.parametrize(("there", "expected"), REFRESHES.values(), ids=REFRESHES)
def test_group_policy_leaves_a_file_of_another_administrator(there, expected):
    files = {file.path: file.data for file in render_artefact(example("windows"), channel("gpo"))}

    assert expected == copied(ET.fromstring(files["Files.xml"]), there)


def test_a_script_knows_its_own_file_by_the_stamp_and_gives_back_what_was_there():
    found = dict(scripts(example("windows")))
    made = {payload.name: payload.data for payload in example("windows").payloads}

    for name, data in found.items():
        (stamp,) = set(re.findall(rb"; Stamp = '([^']+)'", data))
        assert made["requirements"].startswith(stamp), name
    for name in ("intune-windows/remediate.ps1", "intune-win32/install.ps1"):
        assert found[name].startswith(b"param([switch]$Replace)\n")
        assert b"exit 3" in found[name]
    assert b"restored: $Place" in found["intune-win32/uninstall.ps1"]
