"""The client's settings: every odd file, what drop-ins unite, which source stands."""

import json
import os
import plistlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clients.claude_hosts import (
    BASE,
    BEARER,
    BEDROCK,
    ETC,
    KEY,
    LOGIN,
    A,
    B,
    is_root,
    layers_of,
    make_claude,
    request_of,
    state_of,
)
from support.machines.registry_hives import hive
from tipstaff_policy.clients.claude.compliance import by_administrators
from tipstaff_policy.clients.claude.config.documents import BROKEN, MANAGED_LIMIT, parse_document
from tipstaff_policy.clients.claude.config.effective import effective_policy
from tipstaff_policy.clients.claude.config.layer_stack import merge_used_settings, read_stack
from tipstaff_policy.clients.claude.config.merge import document_of, merge_documents
from tipstaff_policy.clients.claude.config.registry_hive import read_text_value
from tipstaff_policy.clients.claude.config.rules import rules_of
from tipstaff_policy.clients.claude.decision.uncertain import decide
from tipstaff_policy.clients.claude.locations import find_home
from tipstaff_policy.clients.claude.versions import NEWEST_BEHAVIOUR
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.request import ReadOptions
from tipstaff_policy.model.state import Odd, Origin, Setting

SIGN_IN = {"enforceAnthropicSignIn": True}
TEXT = json.dumps(SIGN_IN)
LINES = ReadOptions(detail="lines")


def decide_by(layers, *held, **more):
    return decide(state_of(layers, held or (KEY,), **more))


# Odd files in the base file's place.

STOPS = {
    "cut off": "{",
    "comment": '{"enforceAnthropicSignIn": true // why\n}',
    "trailing comma": '{"enforceAnthropicSignIn": true,}',
    "null": "null",
    "array": "[]",
    "string": '"x"',
    "NUL": "\0",
    "NUL behind": TEXT + "\0",
    "NaN": '{"x": NaN}',
    "two documents": TEXT + TEXT,
    "deep": "[" * 100_000,
}
NO_POLICY = {
    "missing": None,
    "empty": "",
    "blank": " \r\n\t ",
    "no members": "{}",
    "misspelt": '{"enforceAntropicSignIn": true}',
    "wrong case": '{"enforceanthropicsignin": true}',
    "snake case": '{"enforce_anthropic_sign_in": true}',
    "one level down": '{"permissions": {"enforceAnthropicSignIn": true}}',
    "under __proto__": '{"__proto__": {"enforceAnthropicSignIn": true}}',
}
IN_FORCE = {
    "plain": TEXT,
    "BOM": b"\xef\xbb\xbf" + TEXT.encode(),
    "CRLF": '{\r\n"enforceAnthropicSignIn":\r\n true\r\n}\r\n',
    "UTF-16": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "invalid UTF-8 in a text": b'{"x": "\xff", "enforceAnthropicSignIn": true}',
    "2 MB of blanks": TEXT + " " * 2_000_000,
    "escapes": '{"enforceAnthropicSignI\\u006e": true}',
    "duplicate key, the last wins": '{"enforceAnthropicSignIn": false, "enforceAnthropicSignIn": true}',
    "unknown keys": '{"x": 1, "enforceAnthropicSignIn": true}',
    "a wrong value under another key": '{"forceLoginMethod": 7, "enforceAnthropicSignIn": true}',
    "a long number": '{"x": %s, "enforceAnthropicSignIn": true}' % ("9" * 6000),
}


@pytest.mark.parametrize("content", STOPS.values(), ids=STOPS)
@pytest.mark.parametrize("entry_point", ["print", "status"])
def test_a_document_that_is_no_object_stops_every_command(entry_point, content, tmp_path):
    decision = decide_by(layers_of(make_claude(tmp_path, managed=content)), entry_point=entry_point)

    assert ("refuse", True, ()) == (decision.verdict, BROKEN in decision.reason, decision.removes)


@pytest.mark.parametrize("content", STOPS.values(), ids=STOPS)
def test_a_document_that_is_no_object_is_a_fault_of_compliance(content, tmp_path):
    found = by_administrators(state_of(layers_of(make_claude(tmp_path, managed=content)), (KEY,)))

    assert (["refuse"], ()) == ([fault.effect for fault in found.faults], found.judged)


@pytest.mark.parametrize("content", NO_POLICY.values(), ids=NO_POLICY)
def test_a_document_without_a_rule_is_silently_no_policy(content, tmp_path):
    assert "allow" == decide_by(layers_of(make_claude(tmp_path, managed=content))).verdict


@pytest.mark.parametrize("content", IN_FORCE.values(), ids=IN_FORCE)
def test_an_odd_document_is_in_force(content, tmp_path):
    assert "block" == decide_by(layers_of(make_claude(tmp_path, managed=content))).verdict


def test_one_broken_drop_in_beside_a_good_base_stops_every_command(tmp_path):
    root = make_claude(tmp_path, managed=SIGN_IN, drop_ins={"10.json": "{"})

    decision = decide_by(layers_of(root), LOGIN)

    assert "refuse" == decision.verdict
    assert "managed-settings.d/10.json:1: Managed settings document" in decision.reason


def test_a_fault_names_its_line(tmp_path):
    root = make_claude(tmp_path, managed='{\n"forceLoginMethod": claudeai\n}')

    assert f"{BASE}:2: " in decide_by(layers_of(root)).reason


ODD_PLACES = {
    "a directory": lambda base: base.mkdir(),
    "a pipe": os.mkfifo,
    "a link to itself": lambda base: base.symlink_to(base.name),
    "over 2 MiB": lambda base: base.write_text(TEXT + " " * MANAGED_LIMIT),
}


@pytest.mark.parametrize("lay", ODD_PLACES.values(), ids=ODD_PLACES)
def test_a_file_that_cannot_be_loaded_stops_a_start_without_another_source(lay, tmp_path):
    root = make_claude(tmp_path)
    lay(root / ETC / "managed-settings.json")

    decision = decide_by(layers_of(root))

    assert "refuse" == decision.verdict
    assert "Unable to read managed policy settings." in decision.reason


@pytest.mark.parametrize("lay", ODD_PLACES.values(), ids=ODD_PLACES)
def test_a_file_that_cannot_be_loaded_beside_a_good_drop_in_is_passed_over(lay, tmp_path):
    root = make_claude(tmp_path, drop_ins={"10.json": SIGN_IN})
    lay(root / ETC / "managed-settings.json")

    assert "block" == decide_by(layers_of(root)).verdict


@pytest.mark.parametrize("lay", ODD_PLACES.values(), ids=ODD_PLACES)
def test_a_file_that_cannot_be_loaded_does_not_keep_the_status_from_being_shown(lay, tmp_path):
    root = make_claude(tmp_path)
    lay(root / ETC / "managed-settings.json")

    assert "allow" == decide_by(layers_of(root), entry_point="status").verdict


def test_exactly_2_mib_is_read(tmp_path):
    root = make_claude(tmp_path, managed=TEXT + " " * (MANAGED_LIMIT - len(TEXT)))

    assert "block" == decide_by(layers_of(root)).verdict


def test_a_dangling_link_is_no_policy(tmp_path):
    root = make_claude(tmp_path)
    (root / ETC / "managed-settings.json").symlink_to("/nowhere")

    assert "allow" == decide_by(layers_of(root)).verdict


def test_a_link_is_in_force(tmp_path):
    root = make_claude(tmp_path)
    (root / "etc/policy.json").write_text(TEXT)
    (root / ETC / "managed-settings.json").symlink_to("/etc/policy.json")

    assert "block" == decide_by(layers_of(root)).verdict


def test_a_file_that_every_user_can_write_is_in_force(tmp_path):
    root = make_claude(tmp_path, managed=SIGN_IN)
    (root / ETC / "managed-settings.json").chmod(0o666)

    assert "block" == decide_by(layers_of(root)).verdict


@pytest.fixture
def unreadable():
    """A host whose administrators' file this user may not read, as an ordinary user."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = make_claude(
            Path(folder) / "host", managed=SIGN_IN, drop_ins={"10.json": {"forceLoginOrgUUID": A}}
        )
        (root / ETC / "managed-settings.json").chmod(0)
        if is_root():
            os.seteuid(65534)
        try:
            yield root
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
            (root / ETC / "managed-settings.json").chmod(0o644)


def test_what_the_user_may_not_read_is_no_policy_and_the_rest_counts(unreadable):
    layers = layers_of(unreadable)

    assert "allow" == decide_by(layers, BEDROCK, env={"CLAUDE_CODE_USE_BEDROCK": "1"}).verdict
    assert "block" == decide_by(layers, KEY).verdict


def test_what_the_user_may_not_read_is_never_taken_for_compliance(unreadable):
    found = by_administrators(state_of(layers_of(unreadable), (KEY,)))

    assert ["unknown"] == [fault.effect for fault in found.faults]


# Drop-ins.

PASSED_OVER = {
    "hidden": ".10.json",
    "another ending": "10.jsonc",
    "a copy": "10.json.bak",
    "in a sub-folder": "sub/10.json",
}


@pytest.mark.parametrize("name", PASSED_OVER.values(), ids=PASSED_OVER)
def test_only_plain_json_files_are_drop_ins(name, tmp_path):
    assert "allow" == decide_by(layers_of(make_claude(tmp_path, drop_ins={name: SIGN_IN}))).verdict


def test_a_directory_and_a_dangling_link_among_the_drop_ins_are_passed_over(tmp_path):
    root = make_claude(tmp_path, drop_ins={"10.json": SIGN_IN})
    (root / ETC / "managed-settings.d/20.json").mkdir()
    (root / ETC / "managed-settings.d/30.json").symlink_to("/nowhere")

    assert "block" == decide_by(layers_of(root)).verdict


def test_drop_ins_count_in_the_order_of_their_names_as_text(tmp_path):
    drop_ins = {
        "10.json": {"enforceAnthropicSignIn": True},
        "9.json": {"enforceAnthropicSignIn": False},
    }

    assert "allow" == decide_by(layers_of(make_claude(tmp_path, drop_ins=drop_ins))).verdict


UNITED = {
    "lists unite": ([A], [B], (A, B)),
    "an empty list changes nothing": ([A], [], (A,)),
    "the same id once": ([A, B], [B, "c"], (A, B, "c")),
    "a text replaces a list": ([A], B, (B,)),
    "a list replaces a text": (A, [B], (B,)),
    "a text replaces a text": (A, B, (B,)),
    "a null is an empty list": ([A], None, (A,)),
    "a null replaces a text": (A, None, ()),
    "a list behind a null": (None, [A], (A,)),
    "a text behind a number": (7, A, (A,)),
    "a list with a number is an empty one": ([A], [7], (A,)),
    "an empty list replaces a text": (A, [], ()),
}


@pytest.mark.parametrize(("base", "later", "allowed"), UNITED.values(), ids=UNITED)
def test_a_later_file_replaces_and_lists_unite(base, later, allowed, tmp_path):
    key = "forceLoginOrgUUID"
    root = make_claude(tmp_path, managed={key: base}, drop_ins={"10.json": {key: later}})

    assert allowed == decide_by(layers_of(root), LOGIN).organisations


SINGLE = {
    "an unknown method leaves the earlier": ("forceLoginMethod", "gateway", "bogus", "block"),
    "a null leaves the earlier method": ("forceLoginMethod", "gateway", None, "block"),
    "a known method replaces": ("forceLoginMethod", "gateway", "claudeai", "allow"),
    "no address leaves the earlier": ("forceLoginGatewayUrl", "https://gw.example", "", "block"),
    "a sign-in rule that cannot be read replaces": ("enforceAnthropicSignIn", True, [], "refuse"),
    "a sign-in rule replaces what cannot be read": ("enforceAnthropicSignIn", "true", True, "allow"),
    "no sign-in rule replaces what cannot be read": ("enforceAnthropicSignIn", "true", False, "allow"),
    "providers of another kind are an empty list": ("allowedProviders", ["anthropic"], "bedrock", "allow"),
    "providers unite": ("allowedProviders", ["bedrock"], ["anthropic"], "allow"),
    "providers behind what is none": ("allowedProviders", "x", ["anthropic"], "allow"),
}  # fmt: skip


@pytest.mark.parametrize(("key", "base", "later", "verdict"), SINGLE.values(), ids=SINGLE)
def test_what_a_file_states_wrongly_counts_before_files_are_merged(
    key, base, later, verdict, tmp_path
):
    root = make_claude(tmp_path, managed={key: base}, drop_ins={"10.json": {key: later}})

    assert verdict == decide_by(layers_of(root), LOGIN).verdict


def test_every_file_that_has_a_part_in_a_list_is_its_place(tmp_path):
    key = "forceLoginOrgUUID"
    root = make_claude(tmp_path, managed={key: [A]}, drop_ins={"10.json": {key: [B]}})
    decision = decide_by(layers_of(root, options=LINES), LOGIN, answers={"credentials": "c"})

    places = [str(origin) for violation in decision.violations for origin in violation.origins]

    assert [f"/{ETC}/managed-settings.d/10.json:1", f"{BASE}:1"] == places


VALUES = st.one_of(
    st.sampled_from([A, B, "true", ""]),
    st.lists(st.sampled_from([A, B, "c"]), max_size=3, unique=True).map(tuple),
    st.sampled_from([Odd("odd", "boolean", "true"), Odd("odd", "null", "null")]),
    st.tuples(st.just(A), st.just(Odd("odd", "number", "7"))),
)
DOCUMENTS = st.dictionaries(st.sampled_from(["forceLoginOrgUUID", "allowedProviders", "forceLoginMethod"]), VALUES)  # fmt: skip


def documents_of(parts):
    return [
        document_of(Setting(key, value, Origin("drop-in", f"{number}.json", None)) for key, value in part.items())
        for number, part in enumerate(parts)
    ]  # fmt: skip


def said(document):
    return {key: (stated.value, stated.origins, stated.cuts) for key, stated in document.items()}


@given(st.lists(DOCUMENTS, min_size=3, max_size=3))
def test_merging_drop_ins_is_associative_in_their_order(parts):
    one, two, three = documents_of(parts)

    left = merge_documents(merge_documents(one, two), three)
    right = merge_documents(one, merge_documents(two, three))

    assert said(left) == said(right)


@given(DOCUMENTS)
def test_the_same_drop_in_twice_states_what_it_states_once(part):
    (document,) = documents_of([part])

    twice = merge_documents(document, document)

    assert {key: stated.value for key, stated in document.items()} == {
        key: stated.value for key, stated in twice.items()
    }


def members_or_line(data):
    try:
        return parse_document(data)
    except ShapeError as error:
        return error.line


@given(st.binary(max_size=60))
def test_any_bytes_are_members_or_no_document_at_a_line(data):
    found = members_or_line(data)

    assert isinstance(found, dict) or found >= 1


# Personal files.

PIN = {"forceLoginMethod": "claudeai", "forceLoginOrgUUID": A, "enforceAnthropicSignIn": True, "allowedProviders": ["bedrock"]}  # fmt: skip


def test_rules_in_personal_files_are_not_enforced(tmp_path):
    root = make_claude(tmp_path, home=PIN, cwd={"settings.json": PIN, "settings.local.json": PIN})
    layers = layers_of(root, overrides=(json.dumps(PIN),))

    assert {"user", "project", "local", "flags"} < {layer.name for layer in layers}
    assert "allow" == decide_by(layers).verdict


@pytest.mark.parametrize("broken", ["{", "[]", "null", "\0"])
def test_a_broken_personal_file_does_not_weaken_a_managed_rule(broken, tmp_path):
    root = make_claude(tmp_path, managed=SIGN_IN, home=broken, cwd={"settings.json": broken})

    assert ["block", "allow"] == [decide_by(layers_of(root), held).verdict for held in (KEY, LOGIN)]


def test_flags_do_not_loosen_a_managed_rule(tmp_path):
    root = make_claude(tmp_path, managed=SIGN_IN)
    off = json.dumps({"enforceAnthropicSignIn": False})

    assert "block" == decide_by(layers_of(root, overrides=(off, "--setting-sources="))).verdict


def test_a_personal_rule_is_shown_as_passed_over(tmp_path):
    root = make_claude(tmp_path, managed={"forceLoginOrgUUID": A}, home=PIN)
    policy = effective_policy(layers_of(root), NEWEST_BEHAVIOUR)

    assert ["forceLoginOrgUUID"] == [setting.key for setting in policy.settings]
    assert ("forceLoginOrgUUID",) == policy.firm
    assert {"user"} == {passed_over.setting.origin.layer for passed_over in policy.passed_over}


@pytest.mark.parametrize(("sources", "names"), [("user", {"user"}), ("project, local", {"project", "local"}), ("", set())])  # fmt: skip
def test_the_command_line_restricts_which_personal_files_are_read(sources, names, tmp_path):
    root = make_claude(tmp_path, home={}, cwd={"settings.json": {}, "settings.local.json": {}})

    layers = layers_of(root, overrides=(f"--setting-sources={sources}",))

    assert names == {layer.name for layer in layers} & {"user", "project", "local"}


def test_a_file_named_by_the_command_line_is_read(tmp_path):
    root = make_claude(tmp_path)
    (root / "home/dev/work").mkdir()
    (root / "home/dev/work/more.json").write_text('{"apiKeyHelper": "printkey"}')

    assert ["apiKeyHelper"] == [*settings_used(root, overrides=("more.json",))]


# What settings set.


def settings_used(root, **more):
    request = request_of(root, **more)
    return merge_used_settings(read_stack(request, find_home(request).path))


SECRET = "canary-of-a-secret-Q7x"
ENV = {"ANTHROPIC_API_KEY": SECRET, "CLAUDE_CODE_OAUTH_TOKEN": SECRET, "CLAUDE_CODE_USE_BEDROCK": 1, "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}  # fmt: skip


def test_variables_of_the_users_file_count_but_for_the_host_that_manages(tmp_path):
    used = settings_used(make_claude(tmp_path, home={"env": ENV}))

    assert {f"env.{name}" for name in ENV} - {"env.CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"} == {*used}


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_a_project_sets_no_token_of_a_login(name, tmp_path):
    used = settings_used(make_claude(tmp_path, cwd={name: {"env": ENV}}))

    assert {"env.ANTHROPIC_API_KEY", "env.CLAUDE_CODE_USE_BEDROCK"} == {*used}


def test_the_stronger_file_sets_a_variable(tmp_path):
    env = {
        name: {"env": {"ANTHROPIC_API_KEY": name}}
        for name in ("settings.json", "settings.local.json")
    }
    root = make_claude(tmp_path, home={"env": {"ANTHROPIC_API_KEY": "home"}}, cwd=env)

    assert "settings.local.json" == settings_used(root)["env.ANTHROPIC_API_KEY"].value


def test_a_managed_file_sets_a_variable_over_all(tmp_path):
    env = {"env": {"ANTHROPIC_API_KEY": "own"}}
    root = make_claude(tmp_path, managed={"env": {"ANTHROPIC_API_KEY": "managed"}}, home=env)

    assert "managed" == settings_used(root)["env.ANTHROPIC_API_KEY"].value


def test_a_project_switches_the_provider(tmp_path):
    cwd = {"settings.json": {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}}
    layers = layers_of(make_claude(tmp_path, managed={"forceLoginOrgUUID": A}, cwd=cwd))

    assert "CLAUDE_CODE_USE_BEDROCK" == decide_by(layers, LOGIN).active


def test_no_value_of_a_variable_or_helper_is_in_a_layer(tmp_path):
    root = make_claude(tmp_path, managed={"apiKeyHelper": f"echo {SECRET}"}, home={"env": ENV})

    assert SECRET not in repr(layers_of(root, options=ReadOptions(detail="all")))


# The service's own policy.

SERVER = {
    "its organisation holds where the machine states none": ({}, {"forceLoginOrgUUID": A}, LOGIN, "block"),
    "the machine's beats it": ({"forceLoginOrgUUID": B}, {"forceLoginOrgUUID": A}, LOGIN, "allow"),
    "its gateway stops no login": ({}, {"forceLoginMethod": "gateway"}, LOGIN, "allow"),
    "another rule of it leaves the machine's": (SIGN_IN, {"model": "opus"}, KEY, "block"),
    "its list of providers binds": ({}, {"allowedProviders": ["bedrock"]}, KEY, "block"),
    "of two lists of providers both bind": ({"allowedProviders": ["anthropic"]}, {"allowedProviders": ["bedrock"]}, KEY, "refuse"),
    "its rule of the sign-in binds nothing": ({}, SIGN_IN, KEY, "allow"),
    "its gateway pins a key": ({}, {"forceLoginMethod": "gateway"}, KEY, "block"),
    "a bearer token alone does not heed it": ({}, {"allowedProviders": ["bedrock"]}, BEARER, "allow"),
    "another rule that changes nothing": (SIGN_IN, {"model": "opus"}, LOGIN, "allow"),
}  # fmt: skip


@pytest.mark.parametrize(("managed", "server", "held", "verdict"), SERVER.values(), ids=SERVER)
def test_a_policy_that_the_service_sent(managed, server, held, verdict, tmp_path):
    layers = layers_of(make_claude(tmp_path, managed=managed, server=server))
    decision = decide_by(layers, held, answers={"credentials": B})

    assert (verdict, True) == (
        decision.verdict,
        verdict == "unknown" or "server_policy" in decision.depends_on,
    )


GIVEN = {
    "an organisation": ({}, {"forceLoginOrgUUID": A}, LOGIN, "block"),
    "providers": ({}, {"allowedProviders": ["bedrock"]}, KEY, "block"),
    "no organisation": ({}, {"forceLoginOrgUUID": []}, LOGIN, "refuse"),
    "a method does not count": ({}, {"forceLoginMethod": "claudeai"}, KEY, "allow"),
    "a rule of the sign-in does not count": ({}, SIGN_IN, KEY, "allow"),
    "beside values of another kind": ({}, {"permissions": 5, "env": 5, "forceLoginOrgUUID": A}, LOGIN, "block"),
    "a file whose only value is dropped states nothing": ({"forceLoginMethod": "sso"}, {"forceLoginOrgUUID": A}, LOGIN, "block"),
    "a file of the machine that states anything stands alone": ({"x": 1}, {"forceLoginOrgUUID": A}, LOGIN, "allow"),
    "a file with empty objects states nothing": ({"permissions": {}}, {"forceLoginOrgUUID": A}, LOGIN, "block"),
}  # fmt: skip


@pytest.mark.parametrize(("managed", "given", "held", "verdict"), GIVEN.values(), ids=GIVEN)
def test_a_policy_that_an_option_gives(managed, given, held, verdict, tmp_path):
    option = f"--managed-settings={json.dumps(given)}"
    layers = layers_of(make_claude(tmp_path, managed=managed), overrides=(option,))

    assert verdict == decide_by(layers, held, answers={"credentials": B}).verdict


@pytest.mark.parametrize("text", ["{", "[]", "/etc/policy.json"])
def test_an_option_that_gives_no_object_gives_no_policy(text, tmp_path):
    layers = layers_of(make_claude(tmp_path), overrides=(f"--managed-settings={text}",))

    assert "allow" == decide_by(layers, KEY).verdict


def test_a_policy_that_an_option_gives_is_no_part_of_compliance(tmp_path):
    option = f"--managed-settings={json.dumps({'forceLoginOrgUUID': A})}"
    layers = layers_of(make_claude(tmp_path), overrides=(option,))

    assert not by_administrators(state_of(layers, (KEY,))).restricts


OTHER_KINDS = {
    "permissions": 5, "env": 5, "model": 5, "forceLoginOrgUUID": 5, "forceRemoteSettingsRefresh": "x",
}  # fmt: skip


@pytest.mark.parametrize(("key", "value"), OTHER_KINDS.items(), ids=OTHER_KINDS)
def test_a_value_of_another_kind_costs_a_personal_file(key, value, tmp_path):
    used = settings_used(make_claude(tmp_path, home={"apiKeyHelper": "echo", key: value}))

    assert {} == used


@pytest.mark.parametrize("key", ["enforceAnthropicSignIn", "allowedProviders", "forceLoginMethod"])
def test_a_value_of_a_rule_costs_no_personal_file(key, tmp_path):
    used = settings_used(make_claude(tmp_path, home={"apiKeyHelper": "echo", key: 5}))

    assert {"apiKeyHelper"} == {*used}


def test_what_the_service_sent_is_no_part_of_compliance(tmp_path):
    layers = layers_of(make_claude(tmp_path, server=SIGN_IN))

    assert not by_administrators(state_of(layers, (KEY,))).restricts


# Device management.


def preferences(root, values, user=None):
    folder = root / "Library/Managed Preferences" / (user or "")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "com.anthropic.claudecode.plist").write_bytes(plistlib.dumps(values))
    return root


def mac(tmp_path, **more):
    root = make_claude(tmp_path, **more)
    support = root / "Library/Application Support"
    support.mkdir(parents=True)
    (root / ETC).rename(support / "ClaudeCode")
    (root / "Users").mkdir()
    (root / "home/dev").rename(root / "Users/dev")
    return root


def test_preferences_of_a_mac_are_in_force(tmp_path):
    root = preferences(mac(tmp_path), {"enforceAnthropicSignIn": True})

    assert "block" == decide_by(layers_of(root, platform="macos")).verdict


def test_device_management_stands_alone_above_the_file(tmp_path):
    root = preferences(
        mac(tmp_path, managed={"forceLoginOrgUUID": A}), {"forceLoginMethod": "claudeai"}
    )

    assert (
        "allow"
        == decide_by(layers_of(root, platform="macos"), LOGIN, answers={"credentials": B}).verdict
    )


def test_the_preferences_of_the_user_are_read_too(tmp_path):
    root = preferences(mac(tmp_path), {"enforceAnthropicSignIn": True}, user="dev")

    assert "block" == decide_by(layers_of(root, platform="macos")).verdict


def test_broken_preferences_are_a_fault(tmp_path):
    root = preferences(mac(tmp_path), {})
    (root / "Library/Managed Preferences/com.anthropic.claudecode.plist").write_bytes(
        b"bplist00\xff"
    )

    assert ["refuse"] == [
        layer.effect
        for layer in by_administrators(state_of(layers_of(root, platform="macos"))).faults
    ]


@pytest.mark.parametrize("kind", [b"lh", b"lf", b"li"])
@pytest.mark.parametrize("value", ["{}", "x" * 40_000])
def test_a_text_of_a_hive_is_read(value, kind):
    data = hive(value, "Policies", "ClaudeCode", kind=kind)

    assert value == read_text_value(data, ("policies", "CLAUDECODE"), "settings")


def test_a_hive_without_the_key_or_the_value_has_no_text():
    data = hive("{}", "Policies", "ClaudeCode")

    assert [None, None] == [
        read_text_value(data, ("Policies", "Other"), "Settings"),
        read_text_value(data, ("Policies", "ClaudeCode"), "Other"),
    ]


@given(st.data())
def test_a_damaged_hive_is_read_or_refused(data):
    whole = bytearray(hive(TEXT, "Policies", "ClaudeCode"))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])

    try:
        found = read_text_value(cut, ("Policies", "ClaudeCode"), "Settings")
    except ValueError:
        return
    assert found is None or isinstance(found, str)


def windows(tmp_path, *, machine=None, user=None, managed=None):
    root = make_claude(tmp_path, managed=managed)
    (root / "Program Files").mkdir()
    (root / ETC).rename(root / "Program Files/ClaudeCode")
    (root / "Users").mkdir()
    (root / "home/dev").rename(root / "Users/dev")
    if machine is not None:
        (root / "Windows/System32/config").mkdir(parents=True)
        (root / "Windows/System32/config/SOFTWARE").write_bytes(
            hive(machine, "Policies", "ClaudeCode")
        )
    if user is not None:
        (root / "Users/dev/NTUSER.DAT").write_bytes(
            hive(user, "Software", "Policies", "ClaudeCode")
        )
    return root


REGISTRY = {
    "machine": ({"machine": TEXT}, "block"),
    "broken machine": ({"machine": "{"}, "refuse"),
    "user alone": ({"user": TEXT}, "block"),
    "user below the file": ({"user": TEXT, "managed": {"model": "opus"}}, "allow"),
    "machine above the file": ({"machine": '{"model": "opus"}', "managed": SIGN_IN}, "allow"),
}


@pytest.mark.parametrize(("stated", "verdict"), REGISTRY.values(), ids=REGISTRY)
def test_the_registry_is_a_managed_source(stated, verdict, tmp_path):
    assert verdict == decide_by(layers_of(windows(tmp_path, **stated), platform="windows")).verdict


def test_the_registry_of_the_user_is_no_part_of_compliance(tmp_path):
    layers = layers_of(windows(tmp_path, user=TEXT), platform="windows")

    assert not by_administrators(state_of(layers, (KEY,))).restricts


def test_keys_without_effect_are_named_with_what_to_write(tmp_path):
    managed = {
        "forceloginmethod": "claudeai",
        "forceLoginMethod": "claude",
        "permissions": {"allowedProviders": []},
    }
    (layer,) = [
        known_layer
        for known_layer in layers_of(make_claude(tmp_path, managed=managed), options=LINES)
        if known_layer.name == "managed"
    ]

    assert ["forceloginmethod", "forceLoginMethod", "allowedProviders"] == [
        stray.key for stray in layer.content.strays
    ]
    assert "write forceLoginMethod" == layer.content.strays[0].likely


@pytest.mark.parametrize("behaviour", [NEWEST_BEHAVIOUR._replace(reads_drop_ins=False)])
def test_a_version_that_reads_no_drop_ins_passes_over_them(behaviour, tmp_path):
    layers = layers_of(make_claude(tmp_path, drop_ins={"10.json": SIGN_IN}))

    assert [] == [setting.key for setting in effective_policy(layers, behaviour).settings]


def test_no_document_restricts_nothing():
    assert not rules_of({}, NEWEST_BEHAVIOUR).restricts()
