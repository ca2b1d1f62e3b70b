"""TIP206 sees that the keyring of `auto` does not work; only a live session shows it."""

import json

import pytest
from example_hosts import copy_host

from conformance.private_keyring import Keyring
from support.machines.check_hosts import REFUSED, around, state, statuses
from support.machines.hosts import VERSION, tipstaff
from tipstaff_policy.model.host_facts import StoreUse

CASES = {
    "no keyring": (around(store=StoreUse("auto", (), "is locked")), "fail"),
    "a keyring": (around(store=StoreUse("auto", ())), "pass"),
    "another store": (around(store=StoreUse("keyring", ())), "not_applicable"),
    "an image": (
        around(of=state(environment="not_seen"), store=StoreUse("auto", (), "x")),
        "not_applicable",
    ),
    "nobody looked": (around(), "not_applicable"),
    "no answer": (around(store=StoreUse("auto", (), unclear="gave no answer")), "error"),
    "rules not read": (around(REFUSED), "error"),
}


@pytest.mark.parametrize(("host", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_found(host, status):
    assert [status] == statuses("TIP206", host)


@pytest.mark.parametrize("status", ["fail", "pass"])
def test_the_check_fails_and_passes_as_its_page_says(status, tmp_path):
    home = copy_host("store-chosen-by-itself", tmp_path) / "home/dev"
    (home / ".codex/config.toml").write_text('cli_auth_credentials_store = "auto"\n')
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}
    keyring = Keyring(str(tmp_path / "k"))
    try:
        if status == "pass":
            keyring.lay_out({"items": []})
            env |= keyring.address
        words = ["audit", *VERSION, "--format", "json", "--select", "TIP206"]
        done = tipstaff(*words, env=env)
    except FileNotFoundError as error:
        pytest.skip(f"no keyring is installed: {error.filename}")
    finally:
        for process in (keyring.daemon, keyring.bus):
            if process:
                process.kill()
                process.wait()

    assert [status] == [load["status"] for load in json.loads(done.stdout)["findings"]]
