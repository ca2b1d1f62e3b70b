"""Whatever size and depth the client reads is read here, and judged; nothing in it ends a run."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.clients.test_any_input import json_values
from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_cli.shared.state_options import read_toml_1_1
from tipstaff_policy.assessment.policy_loading import clients_of_documents
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.config import accepted as data
from tipstaff_policy.clients.codex.config.accepted.spots import root_of
from tipstaff_policy.clients.codex.config.harmless import what_matters
from tipstaff_policy.clients.codex.config.other_keys import PROVIDER_KEYS, fault_of
from tipstaff_policy.clients.codex.config.value_shapes import shapes_of
from tipstaff_policy.clients.codex.credentials.auth_document import FIELDS, parse_auth_document
from tipstaff_policy.clients.codex.credentials.json_skim import skim
from tipstaff_policy.clients.codex.credentials.strict_json import parse_json
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.model.state import Layer, ReadLayer
from tipstaff_policy.organisation.parsing import Faulty, File, parse_document
from tipstaff_policy.parsing.toml_text import TomlError, parse_toml

CODEX = load_client("codex")
KEY = '"OPENAI_API_KEY": "made-up-key-000"'
RECORD = {
    "agent_runtime_id": "runtime-made-up",
    "agent_private_key": "made-up",
    "account_id": "ws-agent",
    "chatgpt_user_id": "user-made-up",
    "email": "agent@example.org",
    "plan_type": "pro",
    "chatgpt_account_is_fedramp": False,
}


def identity(**changes):
    record = {name: value for name, value in {**RECORD, **changes}.items() if value is not ...}
    return f'{{{KEY}, "agent_identity": {json.dumps(record)}}}'


def nested(levels):
    return identity().replace("}}", f', "x": {"[" * levels}{"]" * levels}}}}}')


HELD = {
    "a field of 5 MiB": f'{{{KEY}, "x": "{"y" * (5 << 20)}"}}',
    "a field of 100,000 levels of arrays": f'{{{KEY}, "x": {"[" * 100_000}{"]" * 100_000}}}',
    "a field of 100,000 levels of tables": f'{{{KEY}, "x": {chr(123)}{chr(34)}a":'
    + '{"a":' * 99_999
    + "1"
    + "}" * 100_001,
    "a field of 100,000 levels of both": f'{{{KEY}, "x": '
    + '[1, {"a": 1, "b[": [' * 50_000
    + "]}, 2]" * 50_000
    + "}",
    "a million fields, one doubled": "{"
    + "".join(f'"a{n}":{n},' for n in range(1_000_000))
    + f'"a7": 1, {KEY}}}',
    "an agent identity record beside the key": identity(),
    "a record without e-mail": identity(email=...),
    "a record with a task": identity(task_id="made-up"),
    "a record as a list": f'{{{KEY}, "agent_identity": {json.dumps([*RECORD.values()])}}}',
    "a record as a list with a task": f'{{{KEY}, "agent_identity": {json.dumps([*RECORD.values(), None])}}}',
    "a record with a plan in its other form": identity(plan_type={"pro": None}),
    "a record that nests 126 levels": nested(125),
    "a record with an unknown field twice": identity().replace("}}", ', "x": 1, "x": 2}}'),
}
REFUSED = {
    "a record that nests 127 levels": nested(126),
    "a record that nests 100,000 levels": nested(100_000),
    "a record without account": identity(account_id=...),
    "a record without plan": identity(plan_type=None),
    "a record whose flag is text": identity(chatgpt_account_is_fedramp="no"),
    "a record whose task is a number": identity(task_id=5),
    "a record with half a character": identity().replace("}}", ', "x": ["\\ud800"]}}'),
    "a record with half a character in a name": identity().replace("}}", ', "\\ud800": 1}}'),
    "a record with a known field twice": identity().replace("}}", ', "email": null}}'),
    "a list of too many": f'{{{KEY}, "agent_identity": {json.dumps([*RECORD.values(), None, None])}}}',
    "an empty record": f'{{{KEY}, "agent_identity": {{}}}}',
    "an identity with half a character": f'{{{KEY}, "agent_identity": "\\ud800"}}',
    "deep arrays that end too early": f'{{{KEY}, "x": {"[" * 100_000}{"]" * 99_999}}}',
    "deep arrays that end as a table": f'{{{KEY}, "x": {"[" * 100_000}{"]" * 99_999}}}}}',
    "a comma at the end of deep arrays": f'{{{KEY}, "x": {"[" * 5000}1,{"]" * 5000}}}',
    "a large document cut off": f'{{{KEY}, "x": "{"y" * (1 << 17)}',
    "a large document with half a character in a name": f'{{{KEY}, "\\ud800": "{"y" * (1 << 17)}"}}',
    "a large document with a known field twice": f'{{{KEY}, {KEY}, "x": "{"y" * (1 << 17)}"}}',
}


@pytest.mark.parametrize("text", HELD.values(), ids=HELD)
def test_what_the_client_reads_of_a_login_is_read(text):
    content = parse_auth_document(text.encode()).content

    assert "held" == content.state
    assert "apikey" == getattr(content, "kind", None)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_the_client_refuses_of_a_login_is_refused(text):
    content = parse_auth_document(text.encode()).content

    assert "unreadable" == content.state
    assert "refuse" == getattr(content, "effect", None)


def test_an_agent_is_of_the_account_that_its_record_names():
    text = json.dumps({"auth_mode": "agentIdentity", "agent_identity": RECORD})

    content = parse_auth_document(text.encode()).content

    assert "agentIdentity" == content.kind
    assert "chatgpt" == content.method
    assert "ws-agent" == content.claims.account_id
    assert "jwks" == content.ask


@pytest.mark.parametrize(
    "text", [content for name, content in HELD.items() if name.startswith("a field")]
)
def test_a_forbidden_login_is_removed_whatever_lies_beside_its_key(text, tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT, auth=text)

    result = enforce(CODEX, Request({}, "/", 0, "0.169.0", str(root)))

    assert 10 == result.exit_code
    assert not credential(root).exists()


HEADER = "[zz" + ".a" * 79 + "]\n"
READ = {
    "a comment of 5 MiB": "# " + "x" * (5 << 20) + "\n",
    "a leap second": "[zz]\nt = 1990-12-31T23:59:60Z\n",
    "a leap second of no day, in an array": "zz = [23:59:60, 1]\n",
    "a leap second inside TOML 1.1": "zz = { a = 1,\n t = 1990-12-31 23:59:60.5+01:00, }\n",
    "the year 0": "[zz]\nt = 0000-02-29\n0000-01-01 = 1\n",
    "a header of 80 parts over four inline tables": HEADER + "x = {a = {b = {c = {d = 1}}}}\n",
    "the deepest document": HEADER
    + f"x{'.k' * 79} = {('{a' + '.b' * 79 + ' = ') * 79}1{'}' * 79}\n",
    "80 levels": "zz = " + "[" * 80 + "]" * 80 + "\n",
    "81 levels inside a text": 'zz = """\n' + "a." * 100 + "\n" + "[" * 100 + '"""\n',
}
NOT_READ = {
    "81 levels": ("y = 1\nzz = " + "[" * 81 + "]" * 81 + "\n", 2),
    "41 tables around 40 arrays": (f"zz = {'{a=' * 41}{'[' * 40}{']' * 40}{'}' * 41}\n", 1),
    "a key of 81 parts": ("y = 1\n\n" + ".".join("a" * 81) + " = 1\n", 3),
    "a header of 81 parts": ("[" + ".".join("a" * 81) + "]\n", 1),
    "a key of a million parts": (".".join("a" * 1_000_000) + " = 1\n", 1),
    "a million levels": ("zz = " + "[" * 1_000_000 + "\n", 1),
    "TOML 1.1, then a million levels": ("y = {a = 1,}\nzz = " + "[" * 1_000_000 + "\n", 2),
    "second 61": ("[zz]\nt = 1990-12-31T23:59:61Z\n", 2),
    "a leap second of month 13": ("[zz]\nt = 1990-13-31T23:59:60Z\n", 2),
    "a leap second with text behind": ("[zz]\nt = 1990-12-31T23:59:60Zx\n", 2),
    "a day that does not exist": ("x = 2020-02-30\n", 1),
    "an array that nobody closes": ("a = 1\nx = [\n", 2),
    "the same, with empty lines behind": ("a = 1\nx = [\n\n\n", 2),
    "a text that nobody closes": ('a = 1\nx = """abc\n\n', 2),
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_what_the_client_reads_of_a_configuration_is_read(text):
    assert not isinstance(parse_toml(text.encode(), read_toml_1_1), TomlError)


@pytest.mark.parametrize(("text", "line"), NOT_READ.values(), ids=NOT_READ)
def test_what_the_client_refuses_of_a_configuration_names_its_line(text, line):
    fault = parse_toml(text.encode(), read_toml_1_1)

    assert line == fault.line
    assert "refuse" == fault.effect


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_forbidden_login_is_removed_whatever_the_users_configuration_holds(text, tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT, user=text)
    request = Request(
        {},
        "/",
        0,
        "0.169.0",
        str(root),
        options=ReadOptions(detail="all", newer_toml=read_toml_1_1),
    )

    result = enforce(CODEX, request)

    assert 10 == result.exit_code
    assert not credential(root).exists()


def test_a_moment_that_python_has_not_is_told_as_it_is_written():
    document = parse_toml(b"x = 1990-12-31 23:59:60z\n")

    assert "1990-12-31T23:59:60Z" == document["x"].isoformat()


def test_an_organisations_policy_whose_fault_is_at_its_end_names_that_line():
    found = parse_document(File("/p", b"schema = 1\nid = [\n\n", root=True), clients_of_documents())

    assert isinstance(found, Faulty)
    assert "/p:2" == found.faults[0].where


def relevant(text):
    """Return what counts of a document, or that it is none."""
    try:
        value = parse_json(text)
    except ShapeError:
        return "none"
    return (
        {name: value[name] for name in FIELDS if name in value}
        if isinstance(value, dict)
        else value
    )


texts = st.one_of(
    st.dictionaries(
        st.one_of(st.sampled_from(FIELDS), st.text(max_size=4)), json_values, max_size=5
    ).map(json.dumps),
    json_values.map(json.dumps),
    st.text(alphabet='{}[]":,\\ua0 \n1-.eE', max_size=20),
)


@given(texts, st.integers(0, 40), st.sampled_from(["", "[", "]", "}", '"', ",", "\\", " "]))
def test_cutting_off_what_does_not_matter_changes_nothing(text, at, new):
    changed = text[:at] + new + text[at:]

    for fields in (FIELDS, None):
        try:
            skimmed = relevant(skim(changed.encode(), fields).decode())
        except ShapeError:
            skimmed = "none"
        whole = relevant(changed)
        # A name of half a character stops the client wherever it is looked for.
        assert skimmed == whole or (skimmed == "none" and "\\ud" in changed)


KEYS = ("model", "notify", "mcp_servers", "history", "projects", "log_dir", *PROVIDER_KEYS, "x")
MEMBERS = ("x", "command", "url", "args", "cwd", "max_bytes", "trust_level", "name", "enabled")
documents = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.sampled_from(["trusted", "x", ""])),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(MEMBERS), inner)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


def layer(rank, shapes):
    return Layer(f"layer{rank}", rank, f"/{rank}", False, "config", ReadLayer((), shapes=shapes))


@given(
    st.lists(documents, max_size=3), st.sampled_from(["0.169.0", "0.160.0", "0.165.0", "0.120.0"])
)
def test_keys_that_do_not_matter_can_be_left_out(files, version):
    words, root = data.load_shown_texts(), root_of("config")
    keys = [key for file in files for key in file]
    shared = {key for key in keys if keys.count(key) > 1}
    whole = [layer(n, shapes_of(file, words)) for n, file in enumerate(files)]
    kept = [
        layer(n, shapes_of(what_matters(file, "config", shared, words), words, root))
        for n, file in enumerate(files)
    ]

    for some in ([*range(len(files))], *([n] for n in range(len(files)))):
        found, expected = (fault_of([layers[n] for n in some], version) for layers in (kept, whole))
        assert found == expected


def test_harmless_tables_leave_nothing_so_that_the_law_above_is_not_empty():
    document = tomllib.loads(
        '[mcp_servers.a]\ncommand = "x"\n[projects.b]\ntrust_level = "trusted"\n'
    )

    assert {} == what_matters(document, "config", frozenset(), frozenset())
