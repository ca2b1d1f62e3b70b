"""Logins that Tipstaff moves or removes, as the real client then sees them."""

import shutil
import sys
from pathlib import Path

import pytest

from conformance.account import IS_NEWEST_OR_LATER
from conformance.cases_stores import OLD_ENTRY, encrypted, encrypting, host
from conformance.client import BEHAVIOUR, ENCRYPTED, VERSION, Case
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy.clients.codex.logins.store_access import SAVING

DUMP = f"{sys.executable} {Path(__file__).with_name('keyring_dump.py')}"
TIPSTAFF = f"{sys.executable} -m tipstaff_cli.main"
MOVE = f"{TIPSTAFF} credentials migrate --client codex --client-version {VERSION} --to"
BAD = 'forced_login_method = "x"\n'
NOBODY = "allowed_login_methods = []\n"
EMPTY = {"items": []}
SIGNED_IN = {API_KEY: "API key", chatgpt("ws-a"): "ChatGPT"}


def setting(store):
    return f"""echo 'cli_auth_credentials_store = "{store}"' >$CODEX_HOME/config.toml; """


def script(namespace, case, *lines):
    found = namespace.run(["sh", "-c", "\n".join(lines)], case)
    return found, [line for line in found["out"].splitlines() if "WARNING" not in line]


@pytest.mark.parametrize("login", SIGNED_IN, ids=SIGNED_IN.values())
def test_the_client_stays_signed_in_both_ways(login, namespace, client):
    status = f"{client} login status 2>&1 | grep -E 'Logged in|configured|using'"

    found, message = script(
        namespace,
        Case(home={"auth.json": login}, keyring=EMPTY),
        status,
        setting("keyring") + f"{MOVE} keyring >&2; echo $?; ls $CODEX_HOME/auth.json 2>/dev/null",
        status,
        setting("file") + f"{MOVE} file >&2; echo $?",
        status,
    )

    assert ["0", "0"] == [run for run in message if run.isdigit()], found
    assert 3 == sum(SIGNED_IN[login] in run for run in message), found
    assert [] == found["keyring"]
    assert "auth.json" in found["left"]


def test_the_entry_is_as_the_clients_own(namespace, client, unfit):
    if not IS_NEWEST_OR_LATER:
        unfit("custody: entry", "its library may call itself otherwise")
    found, message = script(
        namespace,
        Case(home={}, keyring=EMPTY),
        setting("keyring") + f"printf made-up-key-000 | {client} login --with-api-key 2>/dev/null",
        DUMP,
        f"{client} logout >/dev/null 2>&1",
        setting("file") + f"printf made-up-key-000 | {client} login --with-api-key 2>/dev/null",
        setting("keyring") + f"{MOVE} keyring >&2",
        DUMP,
    )

    assert 2 == len(message), found
    assert message[0] == message[1]


def test_the_client_logs_out_of_what_was_moved(namespace, client):
    found, message = script(
        namespace,
        Case(home={"auth.json": API_KEY}, keyring=EMPTY),
        setting("keyring") + f"{MOVE} keyring >&2",
        f"{client} logout 2>&1",
    )

    assert "Successfully logged out" == message[-1]
    assert [] == found["keyring"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace kills the client in time")
def test_what_a_client_leaves_that_is_killed_while_it_saves_is_removed(namespace, client):
    killed = "strace -f -o /dev/null -e inject=rename,renameat,renameat2:signal=KILL"

    found, message = script(
        namespace,
        Case(home={}),
        f"printf made-up-key-000 | {killed} {client} login --with-api-key >&2; ls -A $CODEX_HOME",
        f"{TIPSTAFF} logout >&2; echo $?; ls -A $CODEX_HOME",
    )

    before, after = message[: message.index("0")], message[message.index("0") + 1 :]
    assert 1 == sum(name.startswith(SAVING) for name in before), found
    assert "auth.json" not in before
    assert not [name for name in after if name.startswith(SAVING)]


REFUSED = {
    "a bad value": Case(home={"auth.json": API_KEY, "config.toml": BAD}),
    "no method": Case(home={"auth.json": API_KEY}, etc={"requirements.toml": NOBODY}),
    "no keyring": host("auto", file=API_KEY, bus=False, rule=""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_the_client_refuses_to_log_out_tipstaff_does_not(name, namespace, client):
    found, message = script(
        namespace,
        REFUSED[name],
        f"{client} logout >&2; echo $?; ls $CODEX_HOME/auth.json >&2 && echo kept",
        f"{TIPSTAFF} logout >&2; echo $?",
    )

    assert ["1", "kept", "0"] == message, found
    assert "auth.json" not in found["left"], found


LOGGED_OUT = {
    "keyring": host("keyring", API_KEY, file=API_KEY, rule=""),
    "auto": host("auto", API_KEY, file=API_KEY, rule=""),
    "file, with an entry not in force": host("file", API_KEY, file=API_KEY, rule=""),
    "two entries": host("auto", [OLD_ENTRY, API_KEY], API_KEY, rule=""),
    "encrypted": encrypting("keyring", encrypted()["key"], rule=""),
}


@pytest.mark.parametrize("name", LOGGED_OUT)
def test_after_it_no_store_of_the_client_holds_a_login(name, namespace, client, unfit):
    case = LOGGED_OUT[name]
    if ENCRYPTED in case.home and not BEHAVIOUR.encrypts:
        unfit(f"custody: {name}", "it knows no encrypted file")

    found, message = script(
        namespace,
        case,
        f"{TIPSTAFF} logout >&2; echo $?",
        *(setting(store) + f"{client} login status 2>&1" for store in ("file", "keyring", "auto")),
    )

    assert ["0", *["Not logged in"] * 3] == message, found
    assert [] == found["keyring"]
