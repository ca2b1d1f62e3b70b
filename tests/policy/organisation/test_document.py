"""A policy file: every field wrong in every way is one message with file and line."""

import datetime as dt
import json

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from support.artefacts.policies import KEY, ROOT, waiver
from tipstaff_policy.assessment.policy_loading import clients_of_documents
from tipstaff_policy.organisation.fields import FIELDS, TABLES
from tipstaff_policy.organisation.parsing import File, parse_document
from tipstaff_schemas.policy_document import policy_document_schema

PATH = "/etc/tipstaff/policy.toml"
OTHER_TYPES = ("5", "1.5", "true", "{ a = 1 }", "[[1]]", "1979-05-27", "[5]", '""', '"\\u0007"')
GOOD = {
    "id": '"example"',
    "version": '"2026-11"',
    "counter": "7",
    "owner": '"identity@example.com"',
    "valid_from": "2026-11-01T00:00:00Z",
    "valid_until": '"2027-11-01"',
    "message": '"""Two\nlines."""',
    "contact": '"help"',
    "help_url": '"https://example.com/help"',
    "login_methods": '["chatgpt"]',
    "stores": '["keyring", "file"]',
    "environment_credentials": '"forbid"',
    "scrub_environment": "true",
    "oldest_client": '"0.150.0"',
    "longest_age": '"30d"',
    "trusted_keys": '"/etc/tipstaff/jwks.json"',
    "waiver_keys": f'["{KEY}"]',
    "knowledge_keys": f'["{KEY}"]',
    "homes": '["/srv/homes"]',
    "on_violation": '"report"',
    "on_error": '"open"',
    "running_clients": '"terminate"',
    "wipe_linked": "false",
    "revoke_url": '"https://auth.example.com:8443/oauth/revoke"',
    "warn_from": "2026-11-01",
    "enforce_from": "2026-12-01",
    "cohort": '"5%"',
    "fleet_key": '"0123456789abcdef"',
    "not_waivable": '["TIP101"]',
}
WRONG = {
    "id": ['"a b"', '"-a"'],
    "counter": ["-1", "9007199254740992", '"7"'],
    "help_url": ['"ftp://x"', '"https://a b"'],
    "login_methods": ['["sso"]', '["chatgpt", "chatgpt"]', '"chatgpt"', '["ChatGPT"]'],
    "stores": ['["keychain"]', '["file", "file"]'],
    "environment_credentials": ['"no"', "false"],
    "oldest_client": ['"0.150"', '"newest"', '"1.2.3.4"'],
    "longest_age": ['"30"', '"0d"', '"3651d"', '"1w"', '"-1d"'],
    "valid_from": ["2026-11-01T00:00:00", '"2026-13-01"', '"soon"', "07:32:00"],
    "valid_until": ['"2026-02-30"', '"2026-01-01T25:00:00Z"'],
    "trusted_keys": ['"jwks.json"'],
    "waiver_keys": ['["ssh-rsa AAAA"]', '["ssh-ed25519 AAAA x"]'],
    "knowledge_keys": ['["ssh-rsa AAAA"]', '"ssh-ed25519 AAAA x"'],
    "homes": ['["home"]'],
    "on_violation": ['"delete"'],
    "revoke_url": [
        '"http://auth.example.com/revoke"',
        '"https://auth.example.com"',
        '"https://user:0123@auth.example.com/"',
        '"https://auth.example.com/?token=0123"',
        '"https://auth.example.com/ x"',
        '"https://auth.example.com:65536/"',
    ],
    "cohort": ['"101%"', '"5"', "5", '"1.234%"'],
    "fleet_key": ['"short"'],
    "not_waivable": ['["102"]', '["TIP1"]'],
}
CASES = [
    (name, text)
    for name in FIELDS
    for text in (*WRONG.get(name, ()), *OTHER_TYPES)
    if not (name in ("scrub_environment", "wipe_linked") and text == "true")
    and not (name == "counter" and text == "5")
    and not (text == "1979-05-27" and ("_from" in name or "_until" in name))
    and not (name == "message" and text == '""')
]

CLIENTS = clients_of_documents()


def parse(text, *, root=True, lines=True):
    return parse_document(File(PATH, text.encode(), root), CLIENTS, lines=lines)


def with_field(name, text):
    lines = [line for line in ROOT.splitlines() if not line.startswith(f"{name} =")]
    needed = ["enforce_from = 9999-01-01"] if name == "cohort" else []
    return "\n".join([*lines, f"{name} = {text}", *needed])


def test_every_field_has_a_good_example():
    assert set(GOOD) == set(FIELDS)
    text = "schema = 1\n" + "".join(f"{name} = {value}\n" for name, value in GOOD.items())

    assert "parsed" == parse(text).state


@pytest.mark.parametrize("name", GOOD)
def test_a_good_value_is_kept_with_its_line(name):
    found = parse(with_field(name, GOOD[name]))

    rule = (
        found.keys_file
        if name == "trusted_keys"
        else getattr(found.policy, {"longest_age": "longest_age_s"}.get(name, name))
    )
    assert [PATH] == [origin.path for origin in rule.origins]
    assert rule.origins[0].line


@pytest.mark.parametrize(("name", "text"), CASES)
def test_a_wrong_value_is_one_message_with_its_line(name, text):
    document = with_field(name, text)

    found = parse(document, lines=False)

    line = next(
        n for n, source_line in enumerate(document.splitlines(), 1) if source_line.startswith(name)
    )
    assert [(f"{PATH}:{line}", "refuse")] == [(fault.where, fault.effect) for fault in found.faults]
    assert found.faults[0].expected
    assert "0123" not in found.faults[0].what


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.root_only])
def test_a_fragment_may_not_state_what_is_the_root_files(name):
    found = parse(f"schema = 1\n{name} = {GOOD[name]}\n", root=False)

    assert any("only into policy.toml" in fault.expected for fault in found.faults)


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if not field.root_only])
def test_a_fragment_may_state_a_restriction(name):
    assert "parsed" == parse(f"schema = 1\n{name} = {GOOD[name]}\n", root=False).state


TABLE_FAULTS = {
    "a waiver without an owner": (waiver(owner=None), "owner is missing"),
    "a waiver without an end": (waiver(expires=None), "expires is missing"),
    "a waiver with a local time": (waiver(expires="2026-12-01T10:00:00"), "waivers.0.expires"),
    "a waiver of no check": (waiver(check='"workspace"'), "waivers.0.check"),
    "a waiver with a wrong key": (waiver(hosts='"a"'), "waivers.0.hosts is unknown"),
    "a waiver that is text": ('waivers = ["TIP102"]', "waivers is a list"),
    "workspaces as text": ('workspaces = ["ws-a"]', "workspaces is a list"),
    "a workspace without id": ('[[workspaces]]\nname = "A"', "id is missing"),
    "a workspace twice": ('workspaces = [{id = "a"}, {id = "a"}]', "the workspace a stands twice"),
    "a scope twice": (
        'scopes = [{name = "ci", hosts = ["a"]}, {name = "ci", hosts = ["b"]}]',
        "the scope ci stands twice",
    ),
    "a scope without hosts": ('scopes = [{name = "ci"}]', "hosts is missing"),
    "a scope that enforces before it warns": (
        'scopes = [{name = "c", hosts = ["a"], warn_from = 2026-12-02, enforce_from = 2026-12-01}]',
        "enforce_from is before warn_from",
    ),
    "a severity of no check": ('[severity]\nworkspace = "low"', "workspace is no check"),
    "a severity that is none": ('[severity]\nTIP101 = "severe"', "severity.TIP101"),
    "severity as a list": ("severity = []", "severity is a list"),
    "a cohort without a date": ('cohort = "5%"', "cohort needs enforce_from"),
    "warn after enforce": (
        "warn_from = 2026-12-02\nenforce_from = 2026-12-01",
        "enforce_from is before warn_from",
    ),
    "a misspelt key": ("login_method = []", "login_method is unknown"),
    "a key in capitals": ("Stores = []", "Stores is unknown"),
    "a table for a key": ("[stores]\na = 1", "stores is a table"),
}


@pytest.mark.parametrize(("text", "what"), TABLE_FAULTS.values(), ids=TABLE_FAULTS)
def test_a_fault_in_a_table_says_what_and_where(text, what):
    (fault,) = parse(ROOT + text).faults

    assert fault.what.startswith(what)
    assert int(fault.where.removeprefix(f"{PATH}:")) >= 4


def test_a_misspelt_key_is_told_what_was_meant():
    (fault,) = parse(ROOT + "login_method = []").faults

    assert "`login_methods`" == fault.expected


def test_all_faults_of_a_file_come_in_one_run():
    text = 'schema = 1\nid = "a b"\nstores = ["x"]\nlongest_age = 3\n' + waiver(owner=None)

    wheres = sorted(int(fault.where.rpartition(":")[2]) for fault in parse(text).faults)

    assert [1, 2, 3, 4, 5] == wheres  # version is missing, on no line of its own


SCHEMAS = {
    "missing": ("", "faulty"),
    "text": ('schema = "1"', "faulty"),
    "true": ("schema = true", "faulty"),
    "a number with a point": ("schema = 1.0", "faulty"),
    "zero": ("schema = 0", "faulty"),
    "newer": ("schema = 2", "newer"),
    "known": ("schema = 1", "parsed"),
}


@pytest.mark.parametrize(("line", "state"), SCHEMAS.values(), ids=SCHEMAS)
def test_the_schema_decides_first(line, state):
    assert state == parse(line + '\nid = "a"\nversion = "1"\n').state


def test_a_newer_schema_is_not_judged_by_todays_fields():
    assert "newer" == parse('schema = 7\nfrom_the_future = "x"\n').state


SYNTAX = {
    "cut off": (b'schema = 1\nid = "a', 2),
    "twice": (b'schema = 1\nid = "a"\nid = "b"\n', 3),
    "not UTF-8": (b'schema = 1\nid = "\xff"\n', 2),
    "a table twice": (b"schema = 1\n[severity]\n[severity]\n", 3),
}


@pytest.mark.parametrize(("data", "line"), SYNTAX.values(), ids=SYNTAX)
def test_what_is_no_toml_says_on_which_line(data, line):
    (fault,) = parse_document(File(PATH, data, root=True), CLIENTS).faults

    assert f"{PATH}:{line}" == fault.where
    assert "refuse" == fault.effect


def test_days_and_times_mean_what_the_manual_says():
    day, with_offset = (
        parse(ROOT + waiver(expires=text)).policy.waivers[0].expires_at
        for text in ("2026-12-01", '"2026-12-02T01:00:00+01:00"')
    )

    midnight = int(dt.datetime(2026, 12, 2, tzinfo=dt.UTC).timestamp())
    assert [midnight, midnight] == [day, with_offset]


values = st.recursive(
    st.none().map(lambda _: "")
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=8)
    | st.sampled_from(["chatgpt", "api", "file", "5%", "30d", "TIP101", "2026-12-01", "0.1.2"])
    | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "hosts", "check"]), inner, max_size=3)
    ),
    max_leaves=6,
)
documents = st.dictionaries(
    st.sampled_from([*FIELDS, *TABLES, "severity", "x"]), values, max_size=6
)
SCHEMA = Draft202012Validator(policy_document_schema())


@given(documents)
def test_any_document_is_read_or_refused_and_editors_agree(given_):
    document = {"schema": 1, "id": "a", "version": "1", **given_}

    found = parse(tomlkit.dumps(document))

    own = found.state == "parsed" or all(_is_beyond_a_schema(fault) for fault in found.faults)
    assert own == SCHEMA.is_valid(json.loads(json.dumps(document)))


def _is_beyond_a_schema(fault):
    """An editor's schema cannot state how a field relates to another."""
    return any(
        words in fault.what for words in ("is defined twice", "is before", "cohort needs", "0 days")
    )


@given(st.binary(max_size=60))
@example(b"\x00")
@example(b"[" * 5000)
def test_any_bytes_are_read_or_refused(data):
    found = parse_document(File(PATH, data, root=True), CLIENTS)

    assert found.state in ("parsed", "newer", "faulty")
    assert found.state != "faulty" or all(fault.where.startswith(PATH) for fault in found.faults)
