"""What Apple's frameworks are asked: called in a fake of C that has the declarations of Apple."""

import os
import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tipstaff_policy.system.mac import asking, frameworks

SOURCE = Path(__file__).parents[3] / "fake_frameworks.c"
DOMAIN = "com.example.client"
BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
from tipstaff_policy.system.mac import frameworks
frameworks.CORE = frameworks.SECURITY = {library!r}
import os
os.environ["FAKE_PREFERENCES"], os.environ["FAKE_KEYCHAIN"] = {preferences!r}, {keychain!r}
frameworks.main(sys.argv[2:])
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Return the fake of Apple's frameworks, as a library that can be loaded."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no compiler of C, for the fake of Apple's frameworks")
    made = tmp_path_factory.mktemp("fake") / "frameworks.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-Wall", "-o", made, SOURCE], check=True)
    return str(made)


@pytest.fixture
def mac(library, tmp_path, monkeypatch):
    """Let this machine answer as a Mac does, with some preferences and a keychain."""

    def made(preferences="", keychain="1"):
        (tmp_path / "preferences").write_text(preferences)
        monkeypatch.setattr(asking, "FRAMEWORKS", str(tmp_path))
        monkeypatch.setattr(
            asking,
            "STARTS",
            BOOT.format(
                library=library, preferences=str(tmp_path / "preferences"), keychain=keychain
            ),
        )

    return made


def test_a_forced_value_is_returned(mac):
    mac(f"{DOMAIN} first forced dGVzdA==\n{DOMAIN} second forced b3RoZXI=\n")

    found = asking.ask_frameworks("forced", DOMAIN, "first", "second")

    assert {"forced": {"first": "dGVzdA==", "second": "b3RoZXI="}} == found


def test_a_value_that_a_person_may_set_is_none(mac):
    mac(f"{DOMAIN} first set dGVzdA==\n")

    assert {"forced": {}} == asking.ask_frameworks("forced", DOMAIN, "first")


def test_a_value_of_another_domain_is_none(mac):
    mac("com.example.other first forced dGVzdA==\n")

    assert {"forced": {}} == asking.ask_frameworks("forced", DOMAIN, "first")


@pytest.mark.parametrize(
    ("status", "unlocked"), [("1", True), ("3", True), ("2", False), ("0", False)]
)
def test_a_keychain_is_open_by_its_first_bit(status, unlocked, mac):
    mac(keychain=status)

    assert {"unlocked": unlocked} == asking.ask_frameworks("keychain")


def test_a_mac_without_a_keychain_gives_no_answer(mac):
    mac(keychain="none")

    assert asking.ask_frameworks("keychain") is None


def test_a_process_that_crashes_is_no_answer(mac, monkeypatch):
    mac()
    monkeypatch.setattr(asking, "STARTS", "import os; os.abort()")

    assert asking.ask_frameworks("keychain") is None


@pytest.mark.parametrize("written", ["nothing", "<plist", "<plist><array/></plist>"])
def test_what_is_no_answer_counts_as_none(written, mac, monkeypatch):
    mac()
    monkeypatch.setattr(asking, "STARTS", f"print({written!r})")

    assert asking.ask_frameworks("keychain") is None


def test_a_process_that_hangs_is_ended_within_the_limit(mac, monkeypatch):
    mac()
    monkeypatch.setattr(asking, "LIMIT_S", 0.2)
    monkeypatch.setattr(asking, "STARTS", "import time; time.sleep(60)")

    assert asking.ask_frameworks("keychain") is None


def test_no_variable_of_the_user_reaches_the_process(mac, monkeypatch):
    mac()
    monkeypatch.setenv("HOME", "/elsewhere")
    monkeypatch.setenv("DYLD_INSERT_LIBRARIES", "/tmp/x.dylib")
    monkeypatch.setattr(
        asking,
        "STARTS",
        "import os, plistlib, sys; sys.stdout.buffer.write(plistlib.dumps(dict(os.environ)))",
    )

    found = asking.ask_frameworks()

    assert {"PATH", "HOME"} == {name for name in found if name != "LC_CTYPE"}
    assert "/elsewhere" != found["HOME"]


def test_a_machine_without_the_frameworks_starts_nothing(monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)

    assert asking.ask_frameworks("keychain") is None


def test_a_program_that_others_could_change_is_not_started(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho started\n")
    os.chmod(program, 0o777)

    assert asking.NOT_STARTED == asking.ask_program((str(program),)).code


def test_the_plain_answer_is_a_property_list(library, monkeypatch, capfdbinary):
    monkeypatch.setattr(frameworks, "SECURITY", library)
    monkeypatch.setenv("FAKE_KEYCHAIN", "1")

    frameworks.main(["keychain"])

    assert {"unlocked": True} == plistlib.loads(capfdbinary.readouterr().out)
