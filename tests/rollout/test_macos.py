"""What goes to Macs: judged by parsers of property lists, JSON Schema, YAML and SQL, and by Tipstaff.

No macOS and no device manager's console is here; docs/rollout/macos.md says so.
"""

import hashlib
import json
import plistlib
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator

from rollout.drafts import DOCUMENT, KEYS_PATHS, draft, drafts, example
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.pages import UPLOAD
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.channels.intune_macos import SIZE_LIMIT
from tipstaff_rollout.model import ArtefactError, File
from tipstaff_rollout.proving import prove, render_artefact
from tipstaff_rollout.storing import write_artefact

MADE = example("macos")
TIPSTAFF = Path(sys.executable).parent / "tipstaff"
MACS = [name for name in channel_names() if channel(name).platform == "macos"]
DOCS = Path(__file__).parents[2] / "docs"
DOMAIN = "com.openai.codex"
SEVERAL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
ODD = 'it\'s \\"$(x)\\" `y` %s --> ]]> \\u2028 é'
"""A version that means something to most formats."""


def parts(name, made=MADE):
    return {file.path: file.data for file in render_artefact(made, channel(name))}


def profile(name="mobileconfig", made=MADE):
    return plistlib.loads(next(iter(parts(name, made).values())))


def other(text):
    return compile_policy(draft(DOCUMENT.replace("2026-11", text)))


@pytest.mark.parametrize("name", ["mobileconfig", "mobileconfig-mcx"])
def test_a_profile_is_for_the_device_and_forces_the_domain(name):
    outer = profile(name)
    (inner,) = outer.pop("PayloadContent")

    forced = inner if name == "mobileconfig" else inner["PayloadContent"][DOMAIN]["Forced"][0]
    forced = forced.get("mcx_preference_settings", forced)
    assert plistlib.loads(parts("plist")[f"{DOMAIN}.plist"]).items() <= forced.items()
    kinds = {"mobileconfig": DOMAIN, "mobileconfig-mcx": "com.apple.ManagedClient.preferences"}
    assert kinds[name] == inner["PayloadType"]
    assert ("Configuration", "System", True) == tuple(
        outer[key] for key in ("PayloadType", "PayloadScope", "PayloadRemovalDisallowed")
    )
    for payload in (outer, inner):
        assert re.fullmatch("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", payload["PayloadUUID"])
        assert 1 == payload["PayloadVersion"]
        assert MADE.owner == payload["PayloadOrganization"]
        assert all(text in payload["PayloadDescription"] for text in MADE[:4])
    assert outer["PayloadUUID"] != inner["PayloadUUID"]


def test_a_profile_keeps_its_identifier_and_changes_its_uuid_with_its_content():
    one, two, shape = profile(), profile(made=other("2026-12")), profile("mobileconfig-mcx")

    assert one["PayloadIdentifier"] == two["PayloadIdentifier"] == shape["PayloadIdentifier"]
    for pick in (lambda whole: whole, lambda whole: whole["PayloadContent"][0]):
        assert 3 == len({pick(document)["PayloadUUID"] for document in (one, two, shape)})
    assert profile() == one


@given(drafts(platform="macos"))
@SEVERAL
def test_whatever_a_policy_is_called_its_property_lists_can_be_read(found):
    made = compile_policy(found, at_once=True)

    for name in ("mobileconfig", "mobileconfig-mcx", "plist"):
        if {payload.name for payload in made.payloads} & {*channel(name).carries}:
            for path, data in parts(name, made).items():
                assert path == UPLOAD or plistlib.loads(data)


def test_a_profile_of_another_domain_is_not_ours():
    text = plistlib.dumps(
        {"PayloadType": "Configuration", "PayloadContent": [{"PayloadType": "x"}]}
    )

    with pytest.raises(ArtefactError, match="no channel knows"):
        prove((File("x.mobileconfig", text),))


def test_a_profile_that_is_cut_off_is_told_by_its_line():
    (file,) = render_artefact(MADE, channel("mobileconfig"))

    with pytest.raises(ArtefactError) as caught:
        prove((file._replace(data=file.data[: len(file.data) // 2]),))

    assert re.fullmatch(r"tipstaff-policy\.mobileconfig:\d+", caught.value.where)


def audit(tree, *options):
    words = [TIPSTAFF, "audit", "--client", "codex", "--format", "json"]
    words += ["--platform", "macos", "--system-root", tree]
    done = subprocess.run([*words, *options], capture_output=True, text=True, check=False, cwd=tree)
    return json.loads(done.stdout)["policy"]


def test_tipstaff_reads_the_rendered_preferences_as_forced(tmp_path):
    place = "/Library/Managed Preferences/com.openai.codex.plist"
    forced = tmp_path / place[1:]
    forced.parent.mkdir(parents=True)
    (tmp_path / "Users/ada/.codex").mkdir(parents=True)
    write_artefact(render_artefact(MADE, channel("plist")), forced)

    policy = audit(tmp_path, "--codex-home", tmp_path / "Users/ada/.codex")

    wanted = {
        "allowed_login_methods": ["chatgpt"],
        "allowed_chatgpt_workspaces": ["ws-example"],
        "forced_login_method": "chatgpt",
        "forced_chatgpt_workspace_id": "ws-example",
        "cli_auth_credentials_store": "keyring",
    }
    found = {
        setting["key"]: (setting["value"], setting["origin"]) for setting in policy["settings"]
    }
    assert wanted == {key: value for key, (value, _) in found.items()}
    for _, origin in found.values():
        assert origin["layer"].startswith("device")
        assert origin["path"].startswith(place)


def test_the_form_of_jamf_is_a_schema_that_the_property_list_fits():
    folder = parts("jamf")
    form = json.loads(folder[f"{DOMAIN}.json"])

    Draft7Validator.check_schema(form)
    values = plistlib.loads(folder[f"{DOMAIN}.plist"])
    assert [] == list(Draft7Validator(form).iter_errors(values))
    key = next(iter(values))
    assert [] != list(Draft7Validator(form).iter_errors({key: "two\nlines"}))
    assert values == {key: prop["default"] for key, prop in form["properties"].items()}
    assert [1, 2] == [prop["property_order"] for prop in form["properties"].values()]


TABLES = """
CREATE TABLE managed_policies (domain TEXT, uuid TEXT, name TEXT, value TEXT, username TEXT, manual INTEGER);
CREATE TABLE hash (path TEXT, directory TEXT, md5 TEXT, sha1 TEXT, sha256 TEXT);
CREATE TABLE file (path TEXT, directory TEXT, filename TEXT, inode BIGINT, uid BIGINT, gid BIGINT, mode TEXT, device BIGINT,
  size BIGINT, block_size INTEGER, atime BIGINT, mtime BIGINT, ctime BIGINT, btime BIGINT, hard_links INTEGER, symlink INTEGER, type TEXT);
"""
"""As osquery publishes them (specs/darwin/managed_policies.table, specs/hash.table, specs/utility/file.table)."""


@pytest.fixture
def host():
    """Give a host's tables, filled as the policy wants them."""
    tables = sqlite3.connect(":memory:")
    tables.executescript(TABLES)
    for key, value in plistlib.loads(parts("plist")[f"{DOMAIN}.plist"]).items():
        tables.execute(
            "INSERT INTO managed_policies VALUES (?, '', ?, ?, '', 0)", (DOMAIN, key, value)
        )
    folder = "/Library/Application Support/Tipstaff"
    files = {"policy": f"{folder}/policy.toml", "keys": KEYS_PATHS["macos"]}
    file = "INSERT INTO file (path, uid, gid, mode, symlink, type) VALUES (?, 0, 0, ?, 0, ?)"
    tables.execute(file, (folder, "0755", "directory"))
    for name, path in files.items():
        tables.execute(file, (path, "0644", "regular"))
        digest = hashlib.sha256(MADE.data(name)).hexdigest()
        tables.execute("INSERT INTO hash (path, sha256) VALUES (?, ?)", (path, digest))
    yield tables
    tables.close()


def failing(tables):
    rows = yaml.safe_load(parts("fleet")["tipstaff.policies.yml"])
    return [row["name"] for row in rows if not tables.execute(row["query"]).fetchall()]


CHANGES = {
    "nothing": ("SELECT 1", []),
    "another value": ("UPDATE managed_policies SET value = 'x' WHERE name LIKE 'config%'", ["preferences of the client"]),
    "a key gone": ("DELETE FROM managed_policies WHERE name LIKE 'requirements%'", ["preferences of the client"]),
    "a user's alone": ("UPDATE managed_policies SET username = 'ada'", ["preferences of the client"]),
    "an edit": ("UPDATE hash SET sha256 = 'x' WHERE path LIKE '%policy.toml'", ["policy in place"]),
    "no file": ("DELETE FROM file WHERE path LIKE '%jwks.json'", ["keys in place"]),
    "another owner": ("UPDATE file SET uid = 501 WHERE path LIKE '%policy.toml'", ["policy in place"]),
    "another mode": ("UPDATE file SET mode = '0666' WHERE path LIKE '%policy.toml'", ["policy in place"]),
    "a link": ("UPDATE file SET symlink = 1 WHERE path LIKE '%policy.toml'", ["policy in place"]),
    "a user's folder": ("UPDATE file SET uid = 501 WHERE type = 'directory'", ["keys in place", "policy in place"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_the_policies_of_fleet_fail_where_a_host_differs(host, change, expected):
    host.execute(change)

    assert [f"Tipstaff example-corp: {name}" for name in expected] == failing(host)


def test_the_yaml_of_fleet_names_files_of_its_folder():
    folder = parts("fleet")
    controls = yaml.safe_load(folder["tipstaff.controls.yml"])

    named = [*controls["apple_settings"]["configuration_profiles"], *controls["scripts"]]
    assert {profile_entry["path"].removeprefix("./") for profile_entry in named} <= set(folder)
    assert 3 == len(named)


@given(drafts(platform="macos"))
@SEVERAL
def test_whatever_a_policy_is_called_fleet_replaces_no_variable_in_its_yaml(found):
    made = compile_policy(found, at_once=True)

    files = parts("fleet", made)

    for name in ("tipstaff.controls.yml", "tipstaff.policies.yml"):
        assert b"$" not in files[name]
        assert yaml.safe_load(files[name])
    rows = yaml.safe_load(files["tipstaff.policies.yml"])
    assert all(made.version in row["description"] for row in rows)
    with closing(sqlite3.connect(":memory:")) as tables:
        tables.executescript(TABLES)
        assert all([] == tables.execute(row["query"]).fetchall() for row in rows)


def test_a_name_with_a_dollar_is_the_same_after_fleet_has_replaced_variables():
    made = other("$HOME $(x)")

    files = parts("fleet", made)

    assert b"$" not in files["tipstaff.controls.yml"] + files["tipstaff.policies.yml"]
    rows = yaml.safe_load(files["tipstaff.policies.yml"])
    assert {f"version $HOME $(x), {made.fingerprint}"} == {row["description"] for row in rows}


@pytest.mark.parametrize("name", ["jamf", "intune-macos", "kandji", "fleet"])
def test_a_policy_that_begins_later_goes_without_preferences_and_says_so(name):
    made = compile_policy(draft(DOCUMENT + "enforce_from = 2027-01-10\n"))

    files = parts(name, made)

    page = files["README.md"].decode()
    assert "**It has no effect on a host without Tipstaff.**" in page
    assert "The client's own rules" not in page
    assert "enforce_from at policy.toml:8" in page
    assert not [file for file in files if file.endswith((".mobileconfig", ".plist"))]
    assert made.payloads == prove(render_artefact(made, channel(name))).compiled.payloads


def test_a_script_that_intune_would_not_take_is_refused():
    made = compile_policy(draft(DOCUMENT + f"# {'x' * SIZE_LIMIT}\n"))

    with pytest.raises(ArtefactError, match="would have"):
        render_artefact(made, channel("intune-macos"))


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing_in_any_script(tmp_path):
    made = compile_policy(draft(DOCUMENT.replace("2026-11", ODD)))
    scripts = []
    for name in MACS:
        for file in render_artefact(made, channel(name)):
            if file.path.endswith(".sh"):
                scripts.append(tmp_path / f"{name}-{Path(file.path).name}")
                scripts[-1].write_bytes(file.data)

    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)

    assert 15 == len(scripts)
    assert 0 == done.returncode
    assert "" == done.stdout


def test_the_commands_of_the_manual_do_what_they_say(tmp_path):
    manual = (DOCS / "rollout/macos.md").read_text("utf-8")
    policy = re.search(r"```toml\n(.*?)```", (DOCS / "policy.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "policy.toml").write_text(policy[1], "utf-8")
    commands = re.findall(r"^tipstaff policy (?:render|verify) .*$", manual, re.MULTILINE)

    codes = [
        subprocess.run(
            [TIPSTAFF, *shlex.split(command, comments=True)[1:]], check=False, cwd=tmp_path
        ).returncode
        for command in commands
    ]

    assert [0, 0] == codes
    assert {file.path for file in render_artefact(MADE, channel("jamf"))} == {
        path.relative_to(tmp_path / "jamf").as_posix()
        for path in (tmp_path / "jamf").rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["jamf", "intune-macos", "kandji", "fleet"])
def test_a_folder_says_how_tipstaff_itself_gets_onto_the_macs(name):
    page = parts(name)["README.md"].decode()

    assert "## Tipstaff itself" in page
    assert "tipstaff-VERSION.pkg" in page
