"""Every credential store, with a real keyring that is open, locked, ambiguous, or not there."""

import base64
import hashlib
import json
from pathlib import Path

from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import ENCRYPTED, Case
from support.clients.logins import API_KEY, chatgpt

FOLDER = "/mnt/host/home/.codex"
DIGEST = hashlib.sha256(FOLDER.encode()).hexdigest()[:16]
OLD_ENTRY = {"service": "Codex Auth", "username": f"cli|{DIGEST}"}
ENTRY = {**OLD_ENTRY, "target": "default", "application": "rust-keyring"}
PASSPHRASE_ENTRY = {**ENTRY, "service": "codex", "username": f"secrets|{DIGEST}"}
PASSPHRASE = "made up passphrase"
SIGNED_IN = chatgpt("ws-a")
NO_KEY = '{"auth_mode": "apikey", "OPENAI_API_KEY": null}'


def keyring(*items, locked=False):
    """Return a keyring: each item a secret under the client's name, or attributes and secret."""
    named = [[ENTRY, item] if isinstance(item, str) else item for item in items]
    return {"items": named, "locked": locked}


def encrypted():
    """Return encrypted files by what is in them; age, at the least cost, so that they open fast."""
    path = Path(__file__).with_name("encrypted.json")
    return {
        name: {"hex": base64.b64decode(text).hex()}
        for name, text in json.loads(path.read_text("utf-8")).items()
    }


def host(store, *items, file=None, rule=FORCED_CHATGPT, locked=False, bus=True, user="", **more):
    return Case(
        etc={"managed_config.toml": rule} if rule else {},
        home={
            "config.toml": f'cli_auth_credentials_store = "{store}"\n{user}',
            **({"auth.json": file} if file else {}),
        },
        keyring=keyring(*items, locked=locked) if bus else None,
        **more,
    )


def encrypting(store, age, *items, passphrase=PASSPHRASE, **more):
    """Return a host whose keyring store keeps an encrypted file; ``age`` is its content."""
    found = [[PASSPHRASE_ENTRY, passphrase]] if passphrase else []
    case = host(store, *found, *items, user="[features]\nsecret_auth_storage = true\n", **more)
    return case._replace(home={**case.home, **({ENCRYPTED: age} if age else {})})


WITH_KEY = {"CODEX_API_KEY": "made-up-key-001"}
PLAIN = {
    f"{store}: {name}": case
    for store in ("file", "keyring", "auto", "ephemeral")
    for name, case in {
        "nothing": host(store),
        "file alone": host(store, file=API_KEY),
        "entry alone": host(store, API_KEY),
        "compliant entry alone": host(store, SIGNED_IN),
        "compliant entry, bad file": host(store, SIGNED_IN, file=API_KEY),
        "bad entry, compliant file": host(store, API_KEY, file=SIGNED_IN),
        "entry without target": host(store, [OLD_ENTRY, API_KEY]),
        "entry of another target": host(store, [{**ENTRY, "target": "x"}, API_KEY]),
        "entry with and without target": host(store, [OLD_ENTRY, API_KEY], SIGNED_IN),
        "two entries": host(store, API_KEY, [{**ENTRY, "x": "y"}, API_KEY], file=API_KEY),
        "two entries without target": host(
            store, [OLD_ENTRY, API_KEY], [{**OLD_ENTRY, "x": "y"}, API_KEY]
        ),
        "entry of another folder": host(store, [{**ENTRY, "username": "cli|0"}, API_KEY]),
        "garbage entry": host(store, "garbage", file=API_KEY),
        "empty entry": host(store, " ", file=API_KEY),
        "garbage entry, no rule": host(store, "garbage", file=API_KEY, rule=""),
        "entry without a key": host(store, NO_KEY, file=SIGNED_IN),
        "entry without a key, no rule": host(store, NO_KEY, file=SIGNED_IN, rule=""),
        "garbage file": host(store, SIGNED_IN, file="garbage"),
        "garbage file alone": host(store, file="garbage"),
        "file is a directory": host(store, API_KEY, file={"directory": True}),
        "entry, no rule": host(store, SIGNED_IN, rule=""),
        "locked": host(store, API_KEY, file=API_KEY, locked=True),
        "locked, compliant file": host(store, API_KEY, file=SIGNED_IN, locked=True),
        "locked, no entry": host(store, file=API_KEY, locked=True),
        "locked, no rule": host(store, SIGNED_IN, locked=True, rule=""),
        "no bus": host(store, file=API_KEY, bus=False),
        "no bus, compliant file": host(store, file=SIGNED_IN, bus=False),
        "no bus, nothing": host(store, bus=False),
        "no bus, no rule": host(store, file=API_KEY, bus=False, rule=""),
        "variable and nothing": host(store, env=WITH_KEY),
        "variable, no bus": host(store, bus=False, env=WITH_KEY),
        "required methods, entry": host(store, API_KEY, rule="")._replace(
            etc={"requirements.toml": 'allowed_login_methods = ["chatgpt"]\n'}
        ),
    }.items()
}
BUS = "DBUS_SESSION_BUS_ADDRESS"
ADDRESSES = {
    f"bus: {name}": host("keyring", API_KEY, file=API_KEY, env=env)
    for name, env in {
        "by the runtime folder": {BUS: None, "XDG_RUNTIME_DIR": "/mnt/keyring"},
        "empty address": {BUS: "", "XDG_RUNTIME_DIR": "/mnt/keyring"},
        "wrong address": {BUS: "unix:path=/nowhere", "XDG_RUNTIME_DIR": "/mnt/keyring"},
        "two addresses": {BUS: "unix:path=/nowhere;unix:path=/mnt/keyring/bus"},
        "no address": {BUS: "garbage"},
        "runtime folder missing": {BUS: None, "XDG_RUNTIME_DIR": "/nowhere"},
    }.items()
}


def _encrypted_cases():
    """Return the hosts of the encrypted store."""
    odd = encrypted()
    key, good = odd.pop("key"), odd.pop("compliant")
    odd |= {"garbage": "garbage", "empty": {"text": ""}, "a directory": {"directory": True}}
    return {
        f"{store}, encrypted: {name}": case
        for store in ("keyring", "auto")
        for name, case in {
            **({"key": encrypting(store, key)} if store == "keyring" else {}),
            "compliant": encrypting(store, good),
            "entry alone": encrypting(store, None, API_KEY),
            "no passphrase": encrypting(store, key, passphrase=None, file=API_KEY),
            "wrong passphrase": encrypting(store, key, passphrase="x", file=SIGNED_IN),
            "passphrase alone": encrypting(store, None, file=API_KEY),
            "no bus": encrypting(store, key, file=API_KEY, bus=False),
            "no bus, file alone": encrypting(store, None, file=API_KEY, bus=False),
            **{f"file: {name}": encrypting(store, age) for name, age in odd.items()},
        }.items()
    }


PINS = {
    f"pin: {name}": host("keyring", API_KEY, user=user)._replace(etc=etc)
    for name, user, etc in (
        ("required", "", {"requirements.toml": "[features]\nsecret_auth_storage = true\n"}),
        ("required off", "[features]\nsecret_auth_storage = true\n", {"requirements.toml": "[features]\nsecret_auth_storage = false\n"}),
        ("required, no table", "", {"requirements.toml": "features = 1\n"}),
        ("required, no boolean", "", {"requirements.toml": "[features]\nx = 1\n"}),
        ("required, a table", "", {"requirements.toml": "[features]\nx = {}\n"}),
        ("managed off", "[features]\nsecret_auth_storage = true\n", {"managed_config.toml": "[features]\nsecret_auth_storage = false\n"}),
        ("required, user's is no boolean", "[features]\nsecret_auth_storage = 1\n", {"requirements.toml": "[features]\nsecret_auth_storage = true\n"}),
    )
}  # fmt: skip
KEPT = {
    f"{store}: variable and compliant entry": host(store, SIGNED_IN, env=WITH_KEY)
    for store in ("keyring", "auto")
}
CASES = {**PLAIN, **ADDRESSES, **PINS, **_encrypted_cases()}
