"""The commands about stored logins find, compare, move and search those of Claude Code."""

import json
import os
import time

import pytest

from support.clients.claude_logins import (
    ADAPTER,
    DEVICE,
    DOCUMENT,
    GLOBAL,
    OAUTH,
    PLUGINS,
    filled,
    read_state,
    request_of,
    write,
)
from support.clients.slot_contract import SECRET
from tipstaff_policy.clients.claude.logins.credential_stores import CREDENTIAL_STORES
from tipstaff_policy.clients.claude.logins.sign_in import FLOWS, SIGN_IN
from tipstaff_policy.clients.claude.slots import SLOTS
from tipstaff_policy.clients.interface.stores import Document
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.logins.sign_in.commit import DocumentPlacing
from tipstaff_policy.logins.sign_in.staging import Aside
from tipstaff_policy.system.file_walk import Limits, Scope

NEW = {"claudeAiOauth": OAUTH | {"accessToken": "new-token-of-a-login"}}


def document_of(home, store="credentials"):
    return CREDENTIAL_STORES.read_document(request_of(home), store, f"{home}/.claude")


def test_every_store_is_listed_with_what_it_holds(tmp_path):
    stores = CREDENTIAL_STORES.every_store(request_of(filled(tmp_path)))

    held = {place.store for place in stores.places if place.holds}
    assert {"credentials", "config", "legacy-config", "profiles", "backups"} == held


def test_every_store_of_the_list_has_its_slot(tmp_path):
    stores = CREDENTIAL_STORES.every_store(request_of(tmp_path))

    named = [place.store for place in stores.places]
    assert [slot.store for slot in SLOTS if slot.store != "keychain"] == named


def test_a_home_without_a_login_holds_none(tmp_path):
    stores = CREDENTIAL_STORES.every_store(request_of(tmp_path, ANTHROPIC_API_KEY="k"))

    assert ([], ("ANTHROPIC_API_KEY",)) == (
        [place for place in stores.places if place.holds],
        stores.variables,
    )


def test_the_keychain_of_an_image_is_listed_and_not_said_to_hold_anything(tmp_path):
    home = tmp_path / "Users/dev"
    write(home / ".claude/.credentials.json", DOCUMENT)
    request = request_of("/nowhere")._replace(system_root=str(tmp_path), platform="macos")

    stores = CREDENTIAL_STORES.every_store(request)

    (keychain,) = (place for place in stores.places if place.store == "keychain")
    assert (False, True) == (keychain.holds, "keychain" in keychain.unseen)


def test_a_login_is_the_members_that_are_one_and_whose_it_is(tmp_path):
    filled(tmp_path)

    login = json.loads(document_of(tmp_path).reveal())

    further = {name: DOCUMENT[name] for name in DOCUMENT if name not in (DEVICE | PLUGINS)}
    assert further | {"oauthAccount": GLOBAL["oauthAccount"]} == login


def test_a_login_that_is_put_in_place_leaves_all_else(tmp_path):
    filled(tmp_path)
    new = Document(json.dumps(NEW))

    CREDENTIAL_STORES.write_document(
        request_of(tmp_path), "credentials", f"{tmp_path}/.claude", new
    )

    written = json.loads((tmp_path / ".claude/.credentials.json").read_text())
    servers = {name: DOCUMENT[name] for name in ("mcpOAuth", "mcpXaaIdp")}
    assert DEVICE | PLUGINS | servers | NEW == written


def test_a_login_is_put_where_there_was_no_document(tmp_path):
    (tmp_path / ".claude").mkdir()
    file = tmp_path / ".claude/.credentials.json"

    CREDENTIAL_STORES.write_document(
        request_of(tmp_path), "credentials", f"{tmp_path}/.claude", Document(json.dumps(NEW))
    )

    assert (NEW, 0o600) == (json.loads(file.read_text()), file.stat().st_mode & 0o777)


@pytest.mark.parametrize("text", [f'{{"claudeAiOauth": "{SECRET}', "[]"])
def test_a_login_is_not_put_into_a_broken_document(text, tmp_path):
    file = write(tmp_path / ".claude/.credentials.json", text)

    with pytest.raises(EvaluationError) as raised:
        CREDENTIAL_STORES.write_document(
            request_of(tmp_path), "credentials", f"{tmp_path}/.claude", Document(json.dumps(NEW))
        )

    assert (text, False) == (file.read_text(), SECRET in str(raised.value))


@pytest.fixture
def aside(tmp_path):
    """A folder of a sign-in, as the client leaves it."""
    filled(tmp_path)
    inside = tmp_path / ".claude/.tipstaff-login-1"
    write(inside / ".credentials.json", NEW)
    write(inside / ".claude.json", GLOBAL | {"primaryApiKey": "new-key-of-the-console"})
    folders = [os.open(path, os.O_RDONLY) for path in (inside.parent, inside)]
    yield Aside(str(inside), *folders)
    for folder in folders:
        os.close(folder)


@pytest.mark.parametrize(
    ("store", "place", "new"),
    [
        ("credentials", ".claude/.credentials.json", "new-token-of-a-login"),
        ("config", ".claude.json", "new-key-of-the-console"),
    ],
)
def test_what_was_signed_in_aside_is_put_in_place_and_taken_back(
    store, place, new, aside, tmp_path
):
    placing = DocumentPlacing(ADAPTER, request_of(tmp_path), aside, store, ())
    before = json.loads((tmp_path / place).read_text())

    placing.put()
    there = new in (tmp_path / place).read_text()
    placing.undo()

    assert (True, before) == (there, json.loads((tmp_path / place).read_text()))


@pytest.mark.parametrize(("name", "store"), [("claudeai", None), ("console", "config")])
def test_a_flow_says_where_it_stores(name, store, tmp_path):
    assert store == FLOWS[name].store


def test_a_sign_in_does_not_begin_where_it_could_not_be_judged_first(tmp_path):
    request = request_of(tmp_path, CLAUDE_SECURESTORAGE_CONFIG_DIR="/elsewhere")

    trouble = SIGN_IN.obstacle(request, FLOWS["claudeai"])

    assert "CLAUDE_SECURESTORAGE_CONFIG_DIR is set" in trouble.what


def test_a_key_is_not_stored_where_no_start_finds_it(tmp_path):
    troubles = []
    for files in ([".claude.json"], [".claude.json", ".claude/.config.json"]):
        for name in files:
            write(tmp_path / name, GLOBAL)
        troubles.append(SIGN_IN.obstacle(request_of(tmp_path), FLOWS["console"]))

    assert (None, True) == (troubles[0], ".config.json is in force" in troubles[1].what)


def test_the_store_of_a_login_is_the_document(tmp_path):
    state = read_state(request_of(tmp_path))

    assert ("credentials", True) == (
        SIGN_IN.store_of(state).source,
        CREDENTIAL_STORES.setting_of(state).pinned,
    )


RELATIONS = {
    "the same": (DOCUMENT, DOCUMENT, "same login", False),
    "refreshed, refresh token kept": (
        {"claudeAiOauth": OAUTH | {"accessToken": "another-token"}},
        DOCUMENT,
        "same login",
        None,
    ),
    "of one account": (
        {"claudeAiOauth": {"accessToken": "a" * 20}, "oauthAccount": {"accountUuid": "u"}},
        {"claudeAiOauth": {"accessToken": "b" * 20}, "oauthAccount": {"accountUuid": "u"}},
        "same account, another token",
        None,
    ),
    "another": ({"primaryApiKey": "a" * 20}, {"primaryApiKey": "b" * 20}, "another login", None),
}


@pytest.mark.parametrize(("one", "other", "relation", "newer"), RELATIONS.values(), ids=RELATIONS)
def test_two_logins_are_related(one, other, relation, newer):
    documents = [Document(json.dumps(login)) for login in (one, other)]

    assert (relation, newer) == (
        CREDENTIAL_STORES.relation(*documents),
        CREDENTIAL_STORES.supersedes(*documents),
    )


def scope(*, all_files=False):
    return Scope((), all_files, Limits(), time.monotonic, lambda *_: None)


COPIES = {
    "a backup of the document": ("backup/credentials.json", json.dumps(DOCUMENT), "same login"),
    "a shell file": (
        ".bashrc",
        f"export ANTHROPIC_API_KEY={GLOBAL['primaryApiKey']}",
        "same login",
    ),
    "another key": ("claude-old.json", json.dumps({"primaryApiKey": "x" * 30}), "another login"),
    "a token of the service": (".env", f"T=sk-ant-oat01-{'z' * 30}", "another login"),
}


@pytest.mark.parametrize(("name", "text", "reason"), COPIES.values(), ids=COPIES)
def test_a_copy_elsewhere_is_found(name, text, reason, tmp_path):
    write(filled(tmp_path) / name, text)

    found = CREDENTIAL_STORES.find_copies(request_of(tmp_path), scope())

    assert (str(tmp_path / name), reason) in [(copy.place, copy.reason) for copy in found.copies]


def test_what_a_log_out_empties_is_no_copy(tmp_path):
    filled(tmp_path)

    found = CREDENTIAL_STORES.find_copies(request_of(tmp_path), scope(all_files=True))

    assert [] == [copy.place for copy in found.copies if "/.config/" not in copy.place]


def test_a_search_shows_no_secret(tmp_path):
    write(filled(tmp_path) / "claude.bak", json.dumps(DOCUMENT))

    found = CREDENTIAL_STORES.find_copies(request_of(tmp_path), scope(all_files=True))

    assert SECRET not in repr(found)


def test_no_store_shows_a_secret(tmp_path):
    stores = CREDENTIAL_STORES.every_store(request_of(filled(tmp_path)))

    assert SECRET not in repr((stores, document_of(tmp_path)))
