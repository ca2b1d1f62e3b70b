"""Which of the administrators' files others could change, as an audit reports it."""

import base64
import json
import os
import plistlib

import pytest

from policy.system.test_windows_ownership import DRIVE, PROGRAM_DATA, SAFE
from support.machines.hosts import FORCED_CHATGPT, audit, make_host

USER = 12345
CONFIG = "/ProgramData/OpenAI/Codex/config.toml"
NEEDS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")


def loose_files(root, *words):
    report = json.loads(audit(root, "--format", "json", *words).stdout)
    found = report["surroundings"]["loose_files"]
    return (
        None if found is None else {file["path"].split(".plist")[0]: file["who"] for file in found}
    )


@NEEDS_ROOT
def test_a_users_link_to_an_administrators_file_is_seen_in_an_image(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    managed = root / "etc/codex/managed_config.toml"
    managed.rename(root / "etc/codex/real.toml")
    managed.symlink_to("/etc/codex/real.toml")
    assert {} == loose_files(root)

    os.chown(managed, USER, USER, follow_symlinks=False)

    assert {"/etc/codex/managed_config.toml": [f"{managed} belongs to user 12345"]} == loose_files(
        root
    )


@NEEDS_ROOT
def test_the_file_of_forced_preferences_is_judged(tmp_path):
    root = make_host(tmp_path / "host")
    forced = root / "Library/Managed Preferences/com.openai.codex.plist"
    forced.parent.mkdir(parents=True)
    value = base64.b64encode(FORCED_CHATGPT.encode()).decode()
    forced.write_bytes(plistlib.dumps({"config_toml_base64": value}))
    words = ("--platform", "macos", "--codex-home", root / "home/dev/.codex")
    assert {} == loose_files(root, *words)

    os.chown(forced, USER, USER)

    name = "/Library/Managed Preferences/com.openai.codex"
    assert {name: [f"{forced} belongs to user 12345"]} == loose_files(root, *words)


DELETING = "/ProgramData/OpenAI lets the group Users delete what is in it"
FOLDERS = {
    "not described": (None, None),
    "safe": (SAFE, {}),
    "the users may delete": (SAFE.replace("0x1200a9", "DT"), {CONFIG: [DELETING]}),
}


@pytest.mark.parametrize(("folder", "expected"), FOLDERS.values(), ids=FOLDERS)
def test_an_image_of_windows_is_judged_by_its_descriptors_or_not_at_all(folder, expected, tmp_path):
    root = make_host(tmp_path / "host")
    (root / "ProgramData/OpenAI/Codex").mkdir(parents=True)
    (root / "ProgramData/OpenAI/Codex/config.toml").write_text(FORCED_CHATGPT)
    lines = {"C:\\": DRIVE, "C:\\ProgramData": PROGRAM_DATA, "C:\\ProgramData\\OpenAI": folder}
    lines |= dict.fromkeys(
        ["C:\\ProgramData\\OpenAI\\Codex", "C:\\ProgramData\\OpenAI\\Codex\\config.toml"], SAFE
    )
    if folder:
        text = "".join(f"{path}\t{said}\n" for path, said in lines.items())
        (root / "security-descriptors.tsv").write_text(text)

    found = loose_files(root, "--platform", "windows", "--codex-home", root / "home/dev/.codex")

    shown = found and {
        path: [name.removeprefix(str(root)) for name in found[path]] for path in found
    }
    assert expected == shown
