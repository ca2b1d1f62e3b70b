"""What counts as a credential of Claude Code, where it is, and which of them a start uses."""

import json
import os

import pytest

from support.clients.claude_logins import (
    DOCUMENT,
    DOCUMENTS,
    GLOBAL,
    GLOBALS,
    KEY,
    LOGIN,
    NOW,
    OAUTH,
    PROFILE,
    TOKENS,
    request_of,
    write,
)
from support.clients.slot_contract import SECRET
from tipstaff_policy.clients.claude.credentials.keychain import account_of
from tipstaff_policy.clients.claude.credentials.members import BLANK, EMPTY
from tipstaff_policy.clients.claude.credentials.places import places_of
from tipstaff_policy.clients.claude.credentials.reading import (
    active_of,
    list_sent,
    read_credentials,
    read_places,
)
from tipstaff_policy.clients.claude.logins.stores import every_store
from tipstaff_policy.clients.claude.methods import PROVIDERS
from tipstaff_policy.model.request import PolicyInputs, ReadOptions
from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import HeldCredential, Identity, Origin, Setting

DOC, MAIN, LEGACY = ".claude/.credentials.json", ".claude.json", ".claude/.config.json"


def found(home, source, settings=None, **env):
    """Return the credential of a source."""
    credentials = read_credentials(request_of(home, **env), settings or {})
    return next((credential for credential in credentials if credential.source == source), None)


def states(home, source, **env):
    content = found(home, source, **env).content
    return content.state, getattr(content, "effect", None), getattr(content, "usable", None)


def active(home, settings=None, **env):
    credentials = read_credentials(request_of(home, **env), settings or {})
    chosen = active_of(credentials, env)
    return chosen and chosen.source


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_document_counts_as_the_client_reads_it(text, expected, tmp_path):
    write(tmp_path / DOC, text)

    assert expected == states(tmp_path, "credentials")


@pytest.mark.parametrize(("text", "expected"), GLOBALS.values(), ids=GLOBALS)
def test_the_global_file_counts_as_the_client_reads_it(text, expected, tmp_path):
    write(tmp_path / MAIN, text)

    assert expected == found(tmp_path, "config").content.state


@pytest.mark.parametrize("path", [DOC, MAIN])
def test_a_folder_and_a_dangling_link_are_no_login(path, tmp_path):
    (tmp_path / path).parent.mkdir(exist_ok=True)
    source = "credentials" if path == DOC else "config"
    (tmp_path / path).mkdir()
    folder = found(tmp_path, source).content.state
    (tmp_path / path).rmdir()
    (tmp_path / path).symlink_to("nowhere")

    assert ("absent", "absent") == (folder, found(tmp_path, source).content.state)


def test_a_link_to_a_document_is_read_and_named(tmp_path):
    write(tmp_path / "dotfiles/login.json", LOGIN)
    (tmp_path / ".claude").mkdir()
    (tmp_path / DOC).symlink_to("../dotfiles/login.json")

    credential = found(tmp_path, "credentials")

    assert ("held", "link") == (credential.content.state, credential.file.type)


def test_what_the_login_says_of_itself_is_kept_and_no_organisation_is_believed(tmp_path):
    write(tmp_path / DOC, DOCUMENT)
    write(tmp_path / MAIN, GLOBAL)

    held = found(tmp_path, "credentials").content

    owner = (Identity("organisation", None, "service"),)
    expected = ("claude.ai", "claudeai", "max", NOW + 100_000, "organisation", owner)
    assert expected == (
        held.kind,
        held.method,
        held.plan,
        held.expires_at,
        held.ask,
        held.identities,
    )


FORCE = {
    "main alone": ({MAIN: KEY}, MAIN),
    "the earlier one alone": ({LEGACY: KEY}, LEGACY),
    "both": ({MAIN: {}, LEGACY: KEY}, LEGACY),
    "the earlier one is empty": ({MAIN: KEY, LEGACY: ""}, MAIN),
    "neither": ({}, MAIN),
}


@pytest.mark.parametrize(("files", "expected"), FORCE.values(), ids=FORCE)
def test_one_of_the_two_global_files_is_in_force(files, expected, tmp_path):
    (tmp_path / ".claude").mkdir()
    for path, content in files.items():
        write(tmp_path / path, content)

    credentials = read_credentials(request_of(tmp_path), {})

    used = [
        credential.path
        for credential in credentials
        if credential.source in ("config", "legacy-config")
    ]
    assert [str(tmp_path / expected)] == used


ORDER = [
    *PROVIDERS,
    "ANTHROPIC_AUTH_TOKEN",
    "apiKeyHelper",
    "ANTHROPIC_API_KEY",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "credentials",
    "config",
    "profiles",
    "ANTHROPIC_CUSTOM_HEADERS",
]
"""As the client prefers them; of the providers the first that is on is there alone."""


def everything(home):
    write(home / DOC, LOGIN)
    write(home / MAIN, KEY)
    write(home / ".config/anthropic/configs/default.json", PROFILE)
    write(home / ".config/anthropic/credentials/default.json", TOKENS)
    env = dict.fromkeys(PROVIDERS, "1")
    env |= {
        "ANTHROPIC_AUTH_TOKEN": f"bearer-{SECRET}",
        "ANTHROPIC_API_KEY": f"key-{SECRET}",
        "CLAUDE_CODE_OAUTH_TOKEN": f"token-{SECRET}",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-api-key: {SECRET}",
    }
    return env, {"apiKeyHelper": "/opt/print-a-key"}


@pytest.mark.parametrize("number", range(len(ORDER)))
def test_a_source_is_used_where_none_before_it_is_there(number, tmp_path):
    env, settings = everything(tmp_path)
    gone = ORDER[:number]
    files = {
        "credentials": DOC,
        "config": MAIN,
        "profiles": ".config/anthropic/configs/default.json",
    }
    for name in gone:
        env.pop(name, None)
        settings.pop(name, None)
        if name in files:
            (tmp_path / files[name]).unlink()

    assert ORDER[number] == active(tmp_path, settings, **env)


def test_nothing_is_used_where_there_is_nothing(tmp_path):
    assert active(tmp_path) is None


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", *PROVIDERS])
@pytest.mark.parametrize("value", ["", "  "])
def test_a_blank_variable_counts_as_not_set(name, value, tmp_path):
    write(tmp_path / DOC, LOGIN)

    assert "credentials" == active(tmp_path, **{name: value})


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"])  # fmt: skip
def test_a_variable_of_blanks_is_stated_as_one_that_holds_no_credential(name, tmp_path):
    content = found(tmp_path, name, **{name: " \t"}).content

    assert (BLANK, False) == (content.reason, content.present)


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"])
def test_an_empty_variable_is_not_stated(name, tmp_path):
    assert found(tmp_path, name, **{name: ""}) is None


def test_an_empty_bearer_is_stated_as_one_that_holds_no_credential(tmp_path):
    content = found(tmp_path, "ANTHROPIC_AUTH_TOKEN", ANTHROPIC_AUTH_TOKEN="").content

    assert (EMPTY, False) == (content.reason, content.present)


def test_a_variable_of_blanks_is_not_among_those_that_a_log_out_leaves_set(tmp_path):
    env = {"ANTHROPIC_API_KEY": " ", "ANTHROPIC_AUTH_TOKEN": "made-up"}

    assert ("ANTHROPIC_AUTH_TOKEN",) == every_store(request_of(tmp_path, **env)).variables


@pytest.mark.parametrize(("value", "used"), [(" ", "apiKeyHelper"), ("", "credentials")])
def test_a_helper_of_blanks_is_one_and_an_empty_one_is_none(value, used, tmp_path):
    write(tmp_path / DOC, LOGIN)

    assert used == active(tmp_path, {"apiKeyHelper": value})


@pytest.mark.parametrize(
    ("text", "state"), [("x-api-key: x", "held"), ("x-api-key: ", "unreadable")]
)
def test_a_key_in_headers_is_a_credential_where_it_is_not_blank(text, state, tmp_path):
    name = "ANTHROPIC_CUSTOM_HEADERS"

    assert state == found(tmp_path, name, **{name: text}).content.state


@pytest.mark.parametrize("value", ["0", "false", "no", "off"])
def test_a_provider_that_is_switched_off_is_none(value, tmp_path):
    write(tmp_path / DOC, LOGIN)

    assert "credentials" == active(tmp_path, CLAUDE_CODE_USE_BEDROCK=value)


def test_a_profile_that_a_variable_names_beats_the_login(tmp_path):
    write(tmp_path / DOC, LOGIN)
    write(tmp_path / ".config/anthropic/configs/work.json", PROFILE)
    write(tmp_path / ".config/anthropic/credentials/work.json", TOKENS)

    assert "profiles" == active(tmp_path, ANTHROPIC_PROFILE="work")


UNUSABLE = {
    "no tokens": {"configs/work.json": PROFILE},
    "blank tokens": {"configs/work.json": PROFILE, "credentials/work.json": " \n"},
    "another kind": {
        "configs/work.json": {"authentication": {"type": "api_key"}},
        "credentials/work.json": TOKENS,
    },
    "broken": {"configs/work.json": "{", "credentials/work.json": TOKENS},
    "none of that name": {},
}


@pytest.mark.parametrize("files", UNUSABLE.values(), ids=UNUSABLE)
def test_a_named_profile_that_cannot_be_used_leaves_the_login(files, tmp_path):
    write(tmp_path / DOC, LOGIN)
    for name, content in files.items():
        write(tmp_path / ".config/anthropic" / name, content)

    assert "credentials" == active(tmp_path, ANTHROPIC_PROFILE="work")


def test_the_folder_of_profiles_says_which_one_is_meant(tmp_path):
    folder = tmp_path / "xdg/anthropic"
    write(folder / "active_config", "work\n")
    write(folder / "configs/work.json", PROFILE)
    write(folder / "credentials/work.json", TOKENS)

    profile = found(tmp_path, "profiles", XDG_CONFIG_HOME=str(tmp_path / "xdg"))

    owner = (Identity("organisation", "org-p", "claimed"),)
    assert (str(folder / "credentials/work.json"), owner) == (
        profile.path,
        profile.content.identities,
    )


def test_a_profile_of_the_machine_has_no_token_to_remove(tmp_path):
    write(
        tmp_path / ".config/anthropic/configs/default.json",
        {"authentication": {"type": "oidc_federation"}, "organization_id": "org-p"},
    )

    profile = found(tmp_path, "profiles")

    assert ("settings", ()) == (profile.place, profile.scrubbed_by)


def test_workload_identity_needs_both_variables_and_says_whose_it_is(tmp_path):
    rule = {"ANTHROPIC_FEDERATION_RULE_ID": "rule"}
    both = rule | {"ANTHROPIC_ORGANIZATION_ID": "org-w"}

    alone = active(tmp_path, **rule)
    credential = found(tmp_path, "ANTHROPIC_FEDERATION_RULE_ID", **both)

    assert (None, "org-w", tuple(both)) == (
        alone,
        credential.content.identities[0].value,
        credential.scrubbed_by,
    )


@pytest.mark.parametrize("name", ["CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "CLAUDE_CODE_SIMPLE"])
def test_a_start_that_reads_no_stored_login_uses_none(name, tmp_path):
    write(tmp_path / DOC, LOGIN)
    write(tmp_path / MAIN, KEY)

    assert (None, "ANTHROPIC_API_KEY") == (
        active(tmp_path, **{name: "1"}),
        active(tmp_path, **{name: "1", "ANTHROPIC_API_KEY": "k"}),
    )


SENT = {
    "bearer and key": (
        {"ANTHROPIC_AUTH_TOKEN": "b", "ANTHROPIC_API_KEY": "k"},
        {},
        ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"],
    ),
    "bearer and helper": (
        {"ANTHROPIC_AUTH_TOKEN": "b"},
        {"apiKeyHelper": "/bin/h"},
        ["ANTHROPIC_AUTH_TOKEN", "apiKeyHelper"],
    ),
    "helper and key": (
        {"ANTHROPIC_API_KEY": "k"},
        {"apiKeyHelper": "/bin/h"},
        ["apiKeyHelper", "ANTHROPIC_API_KEY"],
    ),
    "key and header": (
        {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_CUSTOM_HEADERS": "X-Api-Key: h"},
        {},
        ["ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"],
    ),
    "a header alone": (
        {"ANTHROPIC_CUSTOM_HEADERS": "a: b\nx-api-key: h"},
        {},
        ["ANTHROPIC_CUSTOM_HEADERS"],
    ),
    "a header that is no credential": ({"ANTHROPIC_CUSTOM_HEADERS": "x-trace: 1"}, {}, []),
}


@pytest.mark.parametrize(("env", "settings", "expected"), SENT.values(), ids=SENT)
def test_one_request_carries_two_credentials(env, settings, expected, tmp_path):
    credentials = read_credentials(request_of(tmp_path, **env), settings)

    assert expected == [credential.source for credential in list_sent(credentials, env)]


def setting(key, value, layer):
    return Setting(key, value, Origin(layer, "/etc/claude-code/managed-settings.json", 3))


def test_what_settings_set_cannot_be_unset_and_names_its_file(tmp_path):
    settings = {"env.ANTHROPIC_API_KEY": setting("env.ANTHROPIC_API_KEY", "k", "managed")}

    credential = found(tmp_path, "ANTHROPIC_API_KEY", settings)

    assert ("settings", "/etc/claude-code/managed-settings.json", ()) == (
        credential.place,
        credential.path,
        credential.scrubbed_by,
    )


@pytest.mark.parametrize("layer", ["project", "local"])
def test_a_project_sets_no_token_variable(layer, tmp_path):
    name = "env.CLAUDE_CODE_OAUTH_TOKEN"

    assert (None, "CLAUDE_CODE_OAUTH_TOKEN") == (
        active(tmp_path, {name: setting(name, "t", layer)}),
        active(tmp_path, {name: setting(name, "t", "user")}),
    )


def test_variables_may_stand_in_one_object(tmp_path):
    settings = {"env": {"ANTHROPIC_AUTH_TOKEN": "b", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}}
    write(tmp_path / DOC, LOGIN)

    assert ["ANTHROPIC_AUTH_TOKEN", "credentials", "config"] == [
        credential.source for credential in read_credentials(request_of(tmp_path), settings)
    ]


def test_a_root_run_sees_settings_and_no_variables(tmp_path):
    env = {"ANTHROPIC_API_KEY": "k", "HOME": "/nowhere"}
    request = request_of(tmp_path, **env)._replace(
        client_home=str(tmp_path / ".claude"), options=ReadOptions(unasked=True)
    )

    sources = [
        credential.source for credential in read_credentials(request, {"apiKeyHelper": "/bin/h"})
    ]

    assert ["apiKeyHelper", "credentials", "config"] == sources


def test_folders_that_variables_name_move_the_logins_and_the_default_stays_a_place(tmp_path):
    write(tmp_path / DOC, LOGIN)
    write(tmp_path / MAIN, KEY)
    env = {
        "CLAUDE_CONFIG_DIR": str(tmp_path / "named"),
        "CLAUDE_SECURESTORAGE_CONFIG_DIR": str(tmp_path / "secure"),
    }

    places = read_places(request_of(tmp_path, **env), {})

    assert {
        "credentials": (str(tmp_path / "secure/.credentials.json"), "absent"),
        "config": (str(tmp_path / "named/.claude.json"), "absent"),
        "legacy-config": (str(tmp_path / "named/.config.json"), "absent"),
        "backups": (str(tmp_path / "named/backups"), "absent"),
        "profiles": (str(tmp_path / ".config/anthropic/credentials"), "absent"),
        "other-folders": (str(tmp_path / DOC), "held"),
    } == {place.source: (place.path, place.content.state) for place in places}


def test_a_secure_folder_that_is_named_empty_is_the_default_one(tmp_path):
    env = {"CLAUDE_CONFIG_DIR": str(tmp_path / "named"), "CLAUDE_SECURESTORAGE_CONFIG_DIR": ""}

    places = places_of(request_of(tmp_path, **env))

    assert str(tmp_path / DOC) == places.document


def test_a_copy_with_a_key_is_a_place_and_never_used(tmp_path):
    write(tmp_path / ".claude/backups/.claude.json.backup.1", KEY)

    copies = [place for place in read_places(request_of(tmp_path), {}) if place.source == "backups"]

    assert (None, "held") == (active(tmp_path), copies[0].content.state)


def test_a_broken_copy_with_a_key_holds_one(tmp_path):
    write(tmp_path / ".claude/backups/.claude.json.corrupted.1", json.dumps(KEY)[:-9])

    copies = [place for place in read_places(request_of(tmp_path), {}) if place.source == "backups"]

    assert copies[0].content == HeldCredential("api_key", "console", usable=False, identity=())


@pytest.mark.skipif(os.getuid() == 0, reason="root reads every file")
def test_a_document_that_its_user_may_not_read_is_not_used(tmp_path):
    write(tmp_path / DOC, LOGIN, 0o000)

    assert ("unreadable", None) == (found(tmp_path, "credentials").content.state, active(tmp_path))


def image(tmp_path, platform="linux", users="home"):
    write(tmp_path / users / "dev" / DOC, LOGIN)
    return request_of("/nowhere", ANTHROPIC_API_KEY="k")._replace(
        system_root=str(tmp_path), platform=platform
    )


def test_an_image_shows_its_own_files_and_no_variable_of_this_machine(tmp_path):
    credentials = read_credentials(image(tmp_path), {})

    assert [("credentials", "held"), ("config", "absent")] == [
        (credential.source, credential.content.state) for credential in credentials
    ]


def test_a_link_in_an_image_leads_nowhere_outside_of_it(tmp_path):
    outside = write(tmp_path / "outside.json", LOGIN)
    request = image(tmp_path / "root")
    document = tmp_path / "root/home/dev" / DOC
    document.unlink()
    document.symlink_to(outside)

    assert "absent" == read_credentials(request, {})[0].content.state


def test_the_keychain_of_a_mac_is_a_place_that_an_image_does_not_show(tmp_path):
    credentials = read_credentials(image(tmp_path, "macos", "Users"), {})

    keychain = credentials[0]
    assert ("keychain", False, True) == (
        keychain.source,
        keychain.content.present,
        "account dev: Claude Code-credentials and Claude Code" in keychain.content.reason,
    )


@pytest.mark.parametrize(("user", "account"), [("dev", "dev"), ("a b", "claude-code-user")])
def test_the_account_of_the_keychain_has_no_odd_character(user, account):
    assert account == account_of(user)


def test_the_same_login_has_the_same_fingerprint_and_another_one_has_not(tmp_path):
    prints = []
    for number, refresh in enumerate(["one", "one", "two"]):
        home = tmp_path / str(number)
        write(
            home / DOC,
            {"claudeAiOauth": OAUTH | {"refreshToken": refresh, "accessToken": number + 1}},
        )
        request = request_of(home)._replace(
            policy_inputs=PolicyInputs(fleet_key=FleetKey("k" * 32))
        )
        prints.append(read_credentials(request, {})[0].content.fingerprint)

    assert (True, False) == (prints[0] == prints[1], prints[0] == prints[2])


def test_nothing_that_was_read_shows_a_secret(tmp_path):
    env, settings = everything(tmp_path)
    write(tmp_path / ".claude/backups/.claude.json.backup.1", GLOBAL)
    request = request_of(tmp_path, **env)._replace(
        policy_inputs=PolicyInputs(fleet_key=FleetKey("k" * 32))
    )

    places = read_places(request, settings | {"env": {"ANTHROPIC_API_KEY": SECRET}})

    assert SECRET not in repr(places)


@pytest.mark.parametrize(
    ("tokens", "usable"),
    [
        ({"expires_at": 4102444800}, False),
        ({"access_token": "", "expires_at": 4102444800}, False),
        ({"access_token": "made-up"}, True),
        ({"refresh_token": "made-up"}, True),
    ],
)
def test_a_profile_without_a_token_signs_in_nothing(tokens, usable, tmp_path):
    write(tmp_path / ".config/anthropic/configs/default.json", PROFILE)
    write(tmp_path / ".config/anthropic/credentials/default.json", tokens)

    assert usable == (active(tmp_path) == "profiles")
