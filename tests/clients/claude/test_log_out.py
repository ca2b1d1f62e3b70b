"""A log-out of Claude Code leaves no login in any place that can be emptied, and names the rest."""

import json
import os

import pytest

from support.clients.claude_logins import (
    ADAPTER,
    DEVICE,
    DOCUMENT,
    GLOBAL,
    GLOBAL_LEFT,
    LOGIN,
    PLUGINS,
    PROFILE,
    by_administrators,
    filled,
    request_of,
    with_secret,
    write,
)
from support.clients.slot_contract import SECRET
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.logins.logout import log_out

STORES = ["credentials", "config", "legacy-config", "profiles", "backups"]


def by_rule(request):
    return enforce(ADAPTER, request, lock_timeout_s=0)


def on_request(request):
    return log_out(ADAPTER, request, lock_timeout_s=0)


WAYS = {"enforce": (by_rule, 10), "logout": (on_request, 0)}
every_way = pytest.mark.parametrize(("leave", "code"), WAYS.values(), ids=WAYS)


@every_way
def test_no_login_is_left_anywhere(leave, code, tmp_path):
    request = request_of(filled(tmp_path))

    done = leave(request)

    assert (code, []) == (done.exit_code, with_secret(tmp_path))


@every_way
def test_what_is_no_login_stays(leave, code, tmp_path):
    leave(request_of(filled(tmp_path)))

    read = [
        json.loads((tmp_path / path).read_text())
        for path in (
            ".claude/.credentials.json",
            ".claude.json",
            ".claude/.config.json",
            ".claude/backups/.claude.json.backup.1700000000000",
            ".config/anthropic/configs/default.json",
        )
    ]
    assert [DEVICE | PLUGINS, GLOBAL_LEFT, GLOBAL_LEFT, GLOBAL_LEFT, PROFILE] == read


@every_way
def test_no_lock_and_no_unfinished_file_is_left(leave, code, tmp_path):
    leave(request_of(filled(tmp_path)))

    names = [path.name for path in tmp_path.rglob("*")]
    assert [] == [name for name in names if ".lock" in name or "unfinished" in name]


@every_way
def test_a_second_log_out_has_nothing_to_do(leave, code, tmp_path):
    request = request_of(filled(tmp_path))
    leave(request)

    again = leave(request)

    assert (0, ()) == (again.exit_code, again.steps)


@every_way
def test_a_key_is_removed_where_the_clients_folder_is_missing(leave, code, tmp_path):
    write(tmp_path / ".claude.json", GLOBAL)

    done = leave(request_of(tmp_path))

    assert (code, GLOBAL_LEFT) == (
        done.exit_code,
        json.loads((tmp_path / ".claude.json").read_text()),
    )


@every_way
def test_the_folder_that_a_variable_left_behind_is_emptied_too(leave, code, tmp_path):
    named = tmp_path / "named"
    write(named / ".credentials.json", DOCUMENT)
    request = request_of(filled(tmp_path), CLAUDE_CONFIG_DIR=str(named))

    done = leave(request)

    assert (code, []) == (done.exit_code, with_secret(tmp_path))


@every_way
def test_a_document_in_a_folder_of_its_own_is_emptied(leave, code, tmp_path):
    secure = tmp_path / "secure"
    write(secure / ".credentials.json", DOCUMENT)
    (tmp_path / ".claude").mkdir()

    done = leave(request_of(tmp_path, CLAUDE_SECURESTORAGE_CONFIG_DIR=str(secure)))

    assert (code, []) == (done.exit_code, with_secret(tmp_path))


@every_way
def test_a_variable_and_a_token_are_named_and_stay(leave, code, tmp_path):
    request = request_of(filled(tmp_path), ANTHROPIC_API_KEY=f"key-{SECRET}")

    done = leave(request)

    assert (11, ["unset ANTHROPIC_API_KEY; it cannot be removed from outside"]) == (
        done.exit_code,
        [step.detail for step in done.steps if step.store == "ANTHROPIC_API_KEY"],
    )


@every_way
def test_the_target_of_a_link_is_named_and_the_link_is_gone(leave, code, tmp_path):
    target = write(tmp_path / "dotfiles/login.json", DOCUMENT)
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/.credentials.json").symlink_to("../dotfiles/login.json")

    done = leave(request_of(tmp_path))

    assert (11, False, True) == (
        done.exit_code,
        os.path.lexists(tmp_path / ".claude/.credentials.json"),
        target.exists(),
    )
    assert any("its target still contains" in step.detail for step in done.steps)


@every_way
def test_a_further_name_of_the_document_is_reported(leave, code, tmp_path):
    document = write(tmp_path / ".claude/.credentials.json", DOCUMENT)
    os.link(document, tmp_path / "copy.json")

    done = leave(request_of(tmp_path))

    assert (11, ["copy.json"]) == (done.exit_code, with_secret(tmp_path))
    assert any("1 further name(s)" in step.detail for step in done.steps)


@every_way
def test_a_global_file_that_is_a_link_is_named_and_all_else_is_emptied(leave, code, tmp_path):
    filled(tmp_path)
    (tmp_path / ".claude.json").rename(tmp_path / "dotfile.json")
    (tmp_path / ".claude.json").symlink_to("dotfile.json")

    done = leave(request_of(tmp_path))

    assert (11, ["dotfile.json"]) == (done.exit_code, with_secret(tmp_path))
    assert any("is a link" in step.detail for step in done.steps)


@every_way
def test_a_lock_that_is_never_released_keeps_no_login(leave, code, tmp_path):
    request = request_of(filled(tmp_path))
    (tmp_path / ".claude/.storage-write.lock").mkdir()

    done = leave(request)

    assert (code, []) == (done.exit_code, with_secret(tmp_path))
    assert ".storage-write.lock" in done.note


@every_way
def test_no_word_of_a_log_out_holds_a_secret(leave, code, tmp_path):
    request = request_of(filled(tmp_path), CLAUDE_CODE_OAUTH_TOKEN=f"token-{SECRET}")

    assert SECRET not in repr(leave(request))


ODD = {
    "broken": '{"claudeAiOauth": {"accessToken": "' + SECRET,
    "other logins alone": json.dumps({"mcpOAuth": {"server": {"accessToken": SECRET}}}),
    "no token": json.dumps({"claudeAiOauth": {"accessToken": "", "refreshToken": SECRET}}),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_a_person_who_asks_gets_rid_of_what_no_start_would_use(text, tmp_path):
    write(tmp_path / ".claude/.credentials.json", text)

    done = on_request(request_of(tmp_path))

    assert (0, []) == (done.exit_code, with_secret(tmp_path))


@pytest.mark.parametrize("name", ["backup.1", "corrupted.2"])
def test_a_copy_alone_is_enough_for_a_log_out(name, tmp_path):
    write(tmp_path / f".claude/backups/.claude.json.{name}", GLOBAL)

    done = by_rule(request_of(tmp_path))

    assert (10, ["backups"], []) == (
        done.exit_code,
        [step.store for step in done.steps],
        with_secret(tmp_path),
    )


def test_each_store_has_a_step_of_its_own(tmp_path):
    done = by_rule(request_of(filled(tmp_path)))

    assert sorted(STORES) == sorted(step.store for step in done.steps)


def test_an_image_is_emptied_inside_of_itself_alone(tmp_path):
    filled(tmp_path / "root/home/dev")
    request = request_of("/nowhere")._replace(system_root=str(tmp_path / "root"))

    done = by_rule(request)

    assert (10, []) == (done.exit_code, with_secret(tmp_path))


def test_a_dry_run_changes_nothing(tmp_path):
    before = with_secret(filled(tmp_path))

    done = enforce(ADAPTER, request_of(tmp_path), dry_run=True)

    assert (11, before) == (done.exit_code, with_secret(tmp_path))


def test_a_login_that_complies_keeps_its_account(tmp_path):
    def keys_alone(state):
        found = by_administrators(state)
        judged = tuple(
            credential
            if credential.source != "credentials"
            else credential._replace(verdict="complies", violations=())
            for credential in found.judged
        )
        return found._replace(judged=judged)

    adapter = ADAPTER._replace(by_administrators=keys_alone)

    done = enforce(adapter, request_of(filled(tmp_path)), lock_timeout_s=0)

    files = [
        json.loads((tmp_path / name).read_text())
        for name in (".claude.json", ".claude/.config.json")
    ]
    assert (10, [GLOBAL_LEFT | {"oauthAccount": GLOBAL["oauthAccount"]}] * 2) == (
        done.exit_code,
        files,
    )
    assert DOCUMENT == json.loads((tmp_path / ".claude/.credentials.json").read_text())


@every_way
def test_a_further_name_of_a_copy_is_reported(leave, code, tmp_path):
    copy = write(tmp_path / ".claude/backups/.claude.json.backup.1", GLOBAL)
    os.link(copy, tmp_path / "further.json")

    done = leave(request_of(tmp_path))

    assert (11, ["further.json"]) == (done.exit_code, with_secret(tmp_path))
    assert any("1 further name(s) of .claude.json.backup.1" in step.detail for step in done.steps)


@every_way
def test_a_folder_that_is_not_there_protects_no_login_outside_of_it(leave, code, tmp_path):
    write(tmp_path / ".claude/.credentials.json", LOGIN)
    gone = {"CLAUDE_CONFIG_DIR": str(tmp_path / "gone"), "CLAUDE_SECURESTORAGE_CONFIG_DIR": ""}

    done = leave(request_of(tmp_path, **gone))

    assert (code, []) == (done.exit_code, with_secret(tmp_path))
