"""The real keyring: written by the client and read here, emptied here and read by the client."""

import json
import sys
from pathlib import Path

import pytest

from conformance.campaign import ENGINE
from conformance.cases_rules import FORCED_CHATGPT
from conformance.cases_stores import CASES, SIGNED_IN, encrypted, encrypting, host
from conformance.client import BEHAVIOUR, ENCRYPTED, VERSION, remains
from conformance.test_agreement import guard_run
from support.clients.logins import API_KEY

PROMPTER = Path(__file__).with_name("silent_prompter.py")
NO_ENCRYPTION = "it knows no encrypted file"
ENCRYPTING = "[features]\nsecret_auth_storage = true\n"


def engine(namespace, case, script=""):
    found = namespace.run(["sh", "-c", f"{script}{' '.join(ENGINE)} {VERSION} exec"], case)
    return json.loads(found["out"].splitlines()[-1])


@pytest.mark.parametrize("store", ["keyring", "auto"])
@pytest.mark.parametrize(("user", "source"), [("", "keyring"), (ENCRYPTING, "encrypted")])
def test_what_the_client_wrote_is_read(store, user, source, namespace, client):
    case = host(store, rule="", user=user)

    found = engine(
        namespace, case, f"printf made-up-key-000 | {client} login --with-api-key 2>/dev/null; "
    )

    source = source if BEHAVIOUR.encrypts else "keyring"
    assert "allow" == found["decision"]["verdict"]
    assert source == found["decision"]["active"]


@pytest.mark.parametrize(("user", "source"), [("", "keyring"), (ENCRYPTING, "encrypted")])
def test_a_folder_behind_a_link_has_the_entry_of_the_folder_that_it_leads_to(
    user, source, namespace, client
):
    case = host("keyring", rule="", user=user)
    moved = "unset CODEX_HOME; mv ~/.codex ~/moved; ln -s moved ~/.codex; "

    found = engine(
        namespace, case, f"{moved}echo made-up-key-000 | {client} login --with-api-key 2>/dev/null;"
    )

    source = source if BEHAVIOUR.encrypts else "keyring"
    assert "allow" == found["decision"]["verdict"]
    assert source == found["decision"]["active"]


def test_an_address_of_the_bus_that_is_no_utf_8_counts_as_none(namespace, client):
    case = host("keyring", API_KEY, rule="")
    script = (
        "bus=${DBUS_SESSION_BUS_ADDRESS#unix:path=}; export XDG_RUNTIME_DIR=${bus%/bus}; "
        f"export DBUS_SESSION_BUS_ADDRESS=$(printf '\\377'); {client} login status 2>&1; "
    )

    found = namespace.run(["sh", "-c", f"{script}{' '.join(ENGINE)} {VERSION} exec"], case)

    *message, last = found["out"].splitlines()
    assert "API key configured" in "".join(message)
    assert "keyring" == json.loads(last)["decision"]["active"]


@pytest.mark.parametrize(
    "case",
    [
        host("keyring", API_KEY),
        host("auto", API_KEY, file=API_KEY),
        encrypting("keyring", encrypted()["key"]),
    ],
    ids=["keyring", "auto", "encrypted"],
)
def test_what_was_emptied_here_is_gone_for_the_client(case, namespace, client, unfit):
    if ENCRYPTED in case.home and not BEHAVIOUR.encrypts:
        unfit("keyring: encrypted, emptied here", NO_ENCRYPTION)
    guard = f"{sys.executable} -m tipstaff_policy.guard --client codex --client-version {VERSION}"
    script = f"{guard} 2>/dev/null; echo $?; rm /etc/codex/*; {client} login status 2>&1"

    found = namespace.run(["sh", "-c", script], case)

    assert ["10", "Not logged in"] == found["out"].splitlines()


GIVES_UP = {
    "auto, no bus": (host("auto", file=API_KEY, bus=False), 10, ()),
    "auto, no bus, variable": (
        host("auto", bus=False, env={"CODEX_API_KEY": "made-up-key-001"}),
        11,
        (),
    ),
    "auto, locked": (host("auto", API_KEY, file=API_KEY, locked=True), 11, ("keyring",)),
    "auto, two entries": (CASES["auto: two entries"], 11, ("keyring",)),
    "auto, encrypted, wrong passphrase": (
        encrypting("auto", encrypted()["key"], passphrase="x", file=API_KEY),
        11,
        (),
    ),
}


@pytest.mark.parametrize("name", GIVES_UP)
def test_where_the_client_gives_up_what_can_be_removed_is(name, namespace, unfit):
    case, code, left = GIVES_UP[name]
    if ENCRYPTED in case.home and not BEHAVIOUR.encrypts:
        unfit(f"keyring: {name}", NO_ENCRYPTION)

    assert (code, left) == guard_run(namespace, case)


@pytest.mark.rest
def test_a_prompt_that_nobody_answers_leaves_the_keyring_unproven(namespace):
    case = host("keyring", SIGNED_IN, file=API_KEY, locked=True, rule=FORCED_CHATGPT)
    script = (
        f"{sys.executable} {PROMPTER} >$HOME/told & "
        "while ! grep -q ready $HOME/told; do sleep 0.1; done; "
        f"{sys.executable} -m tipstaff_cli.main enforce --client codex --client-version {VERSION} >&2; "
        "echo $?; kill %1"
    )

    found = namespace.run(["bash", "-c", script], case)

    assert "11" == found["out"].strip(), found
    assert "gave no answer within 10 s" in found["err"]
    assert "file" not in remains(found)
