"""Copies of a login are found in their usual places, and a word separates them from other logins."""

import base64
import json
import sqlite3

import pytest

from support.clients.logins import API_KEY, FAR_FUTURE, chatgpt
from support.machines.hosts import make_host
from support.services.keyrings import item, keyring
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.logins.copy_search import is_likely
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.file_walk import Limits, Scope

__all__ = ["keyring"]
CODEX = load_client("codex")
KEY = "made-up-key-000"
LOGIN = chatgpt("ws-a").replace('"made-up"', '"made-up-refresh-token-1"')
LATER = chatgpt("ws-a", exp=FAR_FUTURE + 1).replace('"made-up"', '"made-up-refresh-token-2"')
TOKENS = json.loads(LOGIN)["tokens"]


def search(root, *, env=None, all_files=False, **limits):
    request = Request({"HOME": str(root / "home/dev"), **(env or {})}, "/", 0, "0.169.0")
    scope = Scope((), all_files, Limits(**limits), lambda: 0.0, lambda *_: None)
    return CODEX.custody().find_copies(request, scope)


def found(root, **how):
    """Return the reason of each copy by its place in the home."""
    home = f"{root}/home/dev/"
    return {copy.place.removeprefix(home): copy.reason for copy in search(root, **how).copies}


def put(root, name, text):
    path = root / "home/dev" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text) if isinstance(text, str) else path.write_bytes(text)


@pytest.fixture
def root(tmp_path):
    return make_host(tmp_path / "host", auth=API_KEY)


HIDING_PLACES = [
    ".codex/auth.json.bak",
    ".codex/accounts/work.json",
    ".codex/history.jsonl",
    ".codex-work/auth.json",
    ".codex-switch/accounts.json",
    ".cc-switch/config.json",
    "codex-data/work.auth.json",
    "backup/auth-2026.json",
    "backup/auth.json~",
    "backup/.auth.json.swp",
    "backup/#auth.json#",
    ".bashrc",
    ".zsh_history",
    ".config/fish/config.fish",
    "project/.env",
    "project/.env.local",
    "project/.env.swp",
    "project/.envrc",
    "project/docker-compose.yml",
    "project/.devcontainer/devcontainer.json",
    "project/.devcontainer/devcontainer.env",
    "project/.devcontainer/setup.sh",
    "project/.devcontainer.json",
    "project/.secrets",
    "project/secrets/openai",
    ".ssh/environment",
]


@pytest.mark.parametrize("name", HIDING_PLACES)
def test_the_key_is_found_where_it_usually_lies(name, root):
    put(root, name, f"export OPENAI_API_KEY='{KEY}'\n")

    assert {name: "same login"} == found(root)


ENCODINGS = {
    "as it is": lambda text: base64.b64encode(text).decode(),
    "url-safe, not padded": lambda text: base64.urlsafe_b64encode(text).decode().rstrip("="),
    "wrapped": lambda text: base64.encodebytes(text).decode(),
    "wrapped and indented": lambda text: base64.encodebytes(text).decode().replace("\n", "\n    "),
    "twice": lambda text: base64.b64encode(base64.b64encode(text)).decode(),
}


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("what", [API_KEY, KEY], ids=["document", "secret"])
def test_an_encoded_copy_is_the_same_login(what, name, root):
    put(root, "project/.env.local", f"X=1\nCODEX_AUTH_B64={ENCODINGS[name](what.encode())}\nY=2\n")

    assert {"project/.env.local": "same login"} == found(root)


@pytest.mark.parametrize("name", ENCODINGS)
def test_another_login_is_found_encoded_too(name, root):
    text = ENCODINGS[name](LOGIN.encode())
    put(root, "project/.env.local", f"X=1\nCODEX_AUTH_B64={text}\nY=2\n")

    assert {"project/.env.local": "another login"} == found(root)


def test_an_encoded_copy_on_the_border_of_two_pieces_is_found(root):
    text = base64.encodebytes(b"x" * 100 + KEY.encode() + b"x" * 100)
    put(root, ".codex/large.log", b"." * ((1 << 20) - 150) + text)

    assert {".codex/large.log": "same login"} == found(root)


def database(root, name, *values):
    path = root / "home/dev" / name
    path.parent.mkdir(parents=True)
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE providers (id INTEGER, settings TEXT)")
    made.executemany("INSERT INTO providers VALUES (?, ?)", list(enumerate(values)))
    made.commit()
    made.close()


SWITCHER = json.dumps({"auth": json.loads(LOGIN), "config": ""})
PADDED = json.dumps({"x": "y" * 4000, "auth": {"OPENAI_API_KEY": KEY}})


@pytest.mark.parametrize(("text", "word"), [(SWITCHER, "another login"), (PADDED, "same login")])
def test_a_login_in_a_switchers_database_is_found(text, word, root):
    database(root, ".cc-switch/cc-switch.db", "{}", text)

    assert {".cc-switch/cc-switch.db": word} == found(root)


ACCOUNT = {"refreshToken": "made-up-refresh-token-9", "accountId": "ws-b", "email": "a@example.com"}
OTHERS = {
    ".codex/multi-auth/openai-codex-accounts.json": {"version": 3, "accounts": [ACCOUNT]},
    ".local/share/opencode/auth.json": {
        "openai": {
            "type": "oauth",
            "refresh": "made-up-refresh-token-9",
            "access": "made-up-opaque",
        }
    },
}


@pytest.mark.parametrize("name", OTHERS)
def test_an_account_in_another_programs_own_shape_is_another_login(name, root):
    put(root, name, json.dumps(OTHERS[name]))

    assert {name: "another login"} == found(root)


@pytest.mark.parametrize("name", OTHERS)
def test_the_present_account_in_another_programs_own_shape_is_the_same_login(name, tmp_path):
    root = make_host(tmp_path / "host", auth=LOGIN)
    put(root, name, json.dumps(OTHERS[name]).replace("token-9", "token-1"))

    assert {name: "same login"} == found(root)


def test_another_providers_login_is_none_of_ours(root):
    others = OTHERS[".local/share/opencode/auth.json"]
    put(root, ".local/share/opencode/auth.json", json.dumps({"anthropic": others["openai"]}))

    assert {} == found(root)


def test_no_part_of_what_was_found_leaves_the_search(root):
    put(root, "project/.env", base64.b64encode(LOGIN.encode()))
    database(root, ".cc-switch/cc-switch.db", SWITCHER)

    message = repr(search(root))

    assert "made-up" not in message
    assert base64.b64encode(LOGIN.encode()).decode()[:40] not in message


def test_nothing_else_is_found(root):
    put(root, "project/notes.md", KEY)
    put(root, "project/auth.json", '{"http-basic": {}}')
    put(root, ".bashrc", "export OPENAI_API_KEY=another-key-of-somebody\n")
    put(root, ".codex/config.toml", "model = 'x'\n")

    assert {} == found(root)


def test_every_file_is_read_where_that_is_wanted(root):
    put(root, "project/notes.md", KEY)

    assert {"project/notes.md": "same login"} == found(root, all_files=True)


def test_a_secret_on_the_border_of_two_pieces_is_found(root):
    put(root, ".codex/large.log", b"x" * ((1 << 20) - 5) + KEY.encode())

    assert {".codex/large.log": "same login"} == found(root)


@pytest.mark.parametrize(
    ("here", "copy", "word"),
    [
        (API_KEY, API_KEY.replace("000", "001"), "another login"),
        (API_KEY, LOGIN, "another login"),
        (LATER, LOGIN.replace("11-24T", "11-23T"), "same account, older token"),
        (LOGIN, LATER.replace("11-24T", "11-25T"), "same account, newer token"),
        (LOGIN, chatgpt("ws-b"), "another login"),
        (LOGIN, json.dumps({"list": [{"name": "a", "auth": json.loads(LOGIN)}]}), "same login"),
        (LATER, json.dumps([{"type": "codex", **TOKENS}]), "same account, older token"),
        (LOGIN, "{", None),
    ],
)
def test_a_word_says_what_a_copy_is(here, copy, word, tmp_path):
    root = make_host(tmp_path / "host", auth=here)
    put(root, "old/auth.json", copy)

    assert ({"old/auth.json": word} if word else {}) == found(root)


def test_where_nobody_is_signed_in_every_login_is_another(tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    put(root, "old/auth.json", API_KEY)

    result = search(root)

    assert () == result.compared_with
    assert "another login" == result.copies[0].reason


def test_the_environments_key_is_looked_for_too(root):
    put(root, ".bashrc", "export CODEX_API_KEY=made-up-key-111\n")

    assert {".bashrc": "same login"} == found(root, env={"CODEX_API_KEY": "made-up-key-111"})


def test_a_git_working_tree_and_further_names_are_told(root):
    put(root, "repo/.git/HEAD", "")
    put(root, "repo/deep/.env", KEY)
    (root / "home/dev/other.env").hardlink_to(root / "home/dev/repo/deep/.env")

    notes = [copy.note for copy in search(root).copies]

    assert [
        "1 further name(s)",
        "in a git working tree, so perhaps in its history; 1 further name(s)",
    ] == notes


def test_a_further_name_of_the_credential_file_is_a_copy(root):
    (root / "home/dev/auth-copy.json").hardlink_to(root / "home/dev/.codex/auth.json")

    assert {"auth-copy.json": "same login"} == found(root)


def test_other_entries_of_the_keyring_are_found(root, keyring):
    put(root, ".codex/config.toml", 'cli_auth_credentials_store = "keyring"\n')
    items = [
        item(root / "home/dev/.codex", API_KEY),
        item("/gone/.codex", API_KEY),
        item("/other/.codex", LOGIN),
    ]
    keyring.lay_out({"items": items})

    words = found(root, env=keyring.address)

    assert ["another login", "same login"] == sorted(words.values())
    assert all(word.startswith("keyring entry cli|") for word in words)


def test_the_name_alone_chooses_nothing_else():
    assert is_likely("auth.json", ())
    assert is_likely("x", ("a", ".CODEX-old", "b"))
    assert not is_likely("author.md", ("docs",))
    assert not is_likely("main.py", ("src", "env"))
