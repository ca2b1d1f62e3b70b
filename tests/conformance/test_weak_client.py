"""Every weakness that enforcement closes: first the real client fails, then Tipstaff holds.

Each row is one host, laid out twice; its number is that of docs/weaknesses.md.
"""

import json
import sys
from typing import NamedTuple

import pytest

from conformance.account import IS_NEWEST_OR_LATER
from conformance.cases_rules import FORCED_CHATGPT
from conformance.cases_stores import SIGNED_IN, WITH_KEY, encrypted, encrypting, host
from conformance.client import ASK, VERSION, Case, remains
from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt, claims, document, token
from support.services.signing import issuer, jwks
from test_weaknesses import CLOSING, rows_of

FILE, KEYRING, GONE = ("file",), ("keyring",), ()
TIPSTAFF = f"{sys.executable} -m tipstaff_cli.main"
JUDGING = f"--client codex --client-version {VERSION}"
ENFORCE = f"{TIPSTAFF} enforce {JUDGING}"
WATCH = (
    f"{TIPSTAFF} watch {JUDGING} & "
    "while [ -e $CODEX_HOME/auth.json ]; do sleep 0.1; done; kill $!; wait $!"
)
START = "exec {client} exec --skip-git-repo-check hi"
STATUS = "exec {client} login status"
DIALOGUE = "".join(json.dumps(message) + "\n" for message in ASK)
REQUIRED = 'allowed_login_methods = ["chatgpt"]\n'
KEYS = "/etc/tipstaff/keys.json"
ELSEWHERE = "../elsewhere.json"
LOOK = f"; code=$?; cat $CODEX_HOME/{ELSEWHERE}; exit $code"
"""After a command: what the other place of a login still holds."""


def held(name, command, seconds=20):
    return f"flock $CODEX_HOME/{name} sleep {seconds} >/dev/null 2>&1 & {command}"


def linked(command):
    return f"ln $CODEX_HOME/auth.json $CODEX_HOME/{ELSEWHERE}; {command}{LOOK}"


class End(NamedTuple):
    """How a command ended: its code, which stores still hold something, and what else it did."""

    code: int | None
    """None for a client that started, and was stopped then."""
    left: tuple
    message: bool = False
    """Whether the login was still to be read in another place."""
    revoked: int = 0


class Row(NamedTuple):
    host: Case
    theirs: str
    fails: End
    ours: str
    holds: End
    dialogue: str | None = None


def in_file(auth=API_KEY, user="", env=None, **files):
    """Return a host whose login is in the file; ``files`` are the administrators', by name."""
    home = {"auth.json": auth, **({"config.toml": user} if user else {})}
    return Case(etc={f"{n}.toml": text for n, text in files.items()}, home=home, env=env or {})


def organisation(case, text, **more):
    return case._replace(policy={"policy.toml": ROOT + text, **more})


FORCED = in_file(managed_config=FORCED_CHATGPT)
ROWS = {
    "1 required methods": Row(
        in_file(requirements=REQUIRED), START, End(None, FILE), ENFORCE, End(10, GONE)
    ),
    "4 workspace in plain text": Row(
        organisation(
            in_file(
                document(token(claims("ws-z")), account_id="ws-a"),
                requirements='allowed_chatgpt_workspaces = ["ws-a"]\n',
            ),
            'workspaces = [{ id = "ws-a" }]\n',
        ),
        STATUS, End(0, FILE), ENFORCE, End(10, GONE),
    ),
    "5 nobody's signature": Row(
        organisation(
            in_file(chatgpt("ws-a")),
            f'trusted_keys = "{KEYS}"\n',
            **{"keys.json": jwks(issuer("k").jwk())},
        ),
        STATUS, End(0, FILE), ENFORCE, End(10, GONE),
    ),
    "7 entry beside the file": Row(
        host("file", API_KEY, file=API_KEY), START, End(1, KEYRING), ENFORCE, End(10, GONE)
    ),
    "8 auto without a keyring": Row(
        host("auto", file=API_KEY, bus=False), START, End(1, FILE), ENFORCE, End(10, GONE)
    ),
    "9 file beside the keyring": Row(
        host("keyring", SIGNED_IN, file=API_KEY),
        START, End(None, KEYRING + FILE), ENFORCE, End(10, KEYRING),
    ),
    "9 file beside the memory": Row(
        host("ephemeral", file=API_KEY), START, End(None, FILE), ENFORCE, End(10, GONE)
    ),
    "10 the user's own layer": Row(
        in_file(config=FORCED_CHATGPT, user='forced_login_method = "api"\n'),
        START, End(None, FILE), WATCH, End(0, GONE),
    ),
    "12 a variable takes a good login": Row(
        in_file(SIGNED_IN, managed_config=FORCED_CHATGPT, env=WITH_KEY),
        START, End(1, GONE), ENFORCE, End(11, FILE),
    ),
    "13 nothing is revoked": Row(
        in_file(SIGNED_IN, managed_config='forced_login_method = "api"\n'),
        START, End(1, GONE), f"{ENFORCE} --revoke", End(10, GONE, revoked=1),
    ),
    "14 the editor's server": Row(
        FORCED, "exec {client} app-server", End(-9, FILE),
        f"{ENFORCE} --entry-point app-server", End(10, GONE), DIALOGUE,
    ),
    "15 the second lock is held": Row(
        FORCED, held("auth.json.lock", START), End(1, FILE),
        held("auth.json.lock", f"{ENFORCE} --lock-timeout 1"), End(10, GONE),
    ),
    "15 the first lock is held": Row(
        FORCED, held("auth.lock", "timeout 8 {client} exec hi"), End(124, FILE),
        held("auth.lock", f"{ENFORCE} --lock-timeout 1"), End(10, GONE),
    ),
    "16 a link": Row(
        organisation(
            FORCED._replace(home={"auth.json": {"link": ELSEWHERE}, ELSEWHERE: API_KEY}),
            "wipe_linked = true\n",
        ),
        "{client} exec hi" + LOOK, End(1, GONE, message=True), ENFORCE + LOOK, End(10, GONE),
    ),
    "16 a further name": Row(
        organisation(FORCED, "wipe_linked = true\n"),
        linked("{client} exec hi"), End(1, GONE, message=True), linked(ENFORCE), End(10, GONE),
    ),
    "16 a further name, and nobody may empty it": Row(
        FORCED, linked("{client} exec hi"), End(1, GONE, message=True),
        linked(ENFORCE), End(11, GONE, message=True),
    ),
    "17 a broken configuration": Row(
        in_file(user='forced_login_method = "x"\n'),
        "exec {client} logout", End(1, FILE), f"{TIPSTAFF} logout {JUDGING}", End(0, GONE),
    ),
    "17 a broken configuration keeps what is forbidden": Row(
        in_file(user="model = 5\n", managed_config=FORCED_CHATGPT),
        START, End(1, FILE), ENFORCE, End(10, GONE),
    ),
    "22 an entry beside the encrypted file": Row(
        encrypting("keyring", encrypted()["compliant"], API_KEY),
        START, End(None, KEYRING), ENFORCE, End(10, GONE),
    ),
    "28 its own file moves the folder": Row(
        Case(
            etc={"managed_config.toml": FORCED_CHATGPT},
            home={"auth.json": API_KEY, ".env": "HOME=/mnt/host/home/other\n"},
            env={"CODEX_HOME": None},
        ),
        START, End(None, FILE), ENFORCE, End(10, GONE),
    ),
}  # fmt: skip


def end(found):
    revoked = [url for url, _, _ in found["posted"] if "revoke" in url]
    return End(found["code"], remains(found), "made-up-key" in found["out"], len(revoked))


@pytest.mark.parametrize("name", ROWS)
def test_the_client_fails_and_tipstaff_holds(name, namespace, client, unfit):
    if not IS_NEWEST_OR_LATER:
        unfit(f"weakness: {name}", "the rows are the newest proven client's")
    row = ROWS[name]
    how = {"until_banner": row.dialogue is None, "dialogue": row.dialogue}

    theirs = namespace.run(["sh", "-c", row.theirs.format(client=client)], row.host, **how)
    ours = namespace.run(["sh", "-c", row.ours], row.host)

    assert row.fails == end(theirs), theirs
    assert row.holds == end(ours), ours


def test_every_weakness_that_is_closed_has_its_row():
    closed = {
        number for number, _, cover in rows_of("OpenAI Codex CLI") if CLOSING & {*cover.split(", ")}
    }

    assert closed == {name.partition(" ")[0] for name in ROWS}
