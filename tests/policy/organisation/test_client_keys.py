"""Other keys of the client's files: carried verbatim, merged by a union, never loosened."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artefacts.policies import ROOT, policies
from tipstaff_policy.assessment.policy_contradictions import contradictions
from tipstaff_policy.assessment.policy_diff.compare import compare
from tipstaff_policy.assessment.policy_loading import clients_of_documents
from tipstaff_policy.assessment.policy_wording import list_fields
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.organisation.client_keys import document_of, inline, leaves_of
from tipstaff_policy.organisation.merging import meet
from tipstaff_policy.organisation.parsing import File, parse_document

names = st.text('ab-_ "é.', min_size=1, max_size=4)
values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
    | st.datetimes()
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(names, values, max_size=4)
CLIENTS = clients_of_documents()
HEAD = "[clients.codex.config]\n"


def keys(document):
    return [ClientKey("codex", "config", path, value, ()) for path, value in leaves_of(document)]


def parsed(*texts):
    """Return what files say together; the first is the root."""
    found = [
        parse_document(File(f"/{n}.toml", text.encode(), root=n == 0), CLIENTS, lines=True)
        for n, text in enumerate(texts)
    ]
    return meet(read_keys.policy for read_keys in found)


@given(documents)
def test_a_document_is_carried_verbatim(document):
    assert document == tomllib.loads(document_of(keys(document)))


@given(values)
def test_a_value_that_is_read_again_has_the_same_text(value):
    assert inline(value) == inline(tomllib.loads(f"x = {inline(value)}")["x"])


def test_the_order_of_keys_makes_no_other_value():
    assert inline({"a": 1, "b": [{"c": 2, "d": 3}]}) == inline({"b": [{"d": 3, "c": 2}], "a": 1})


@given(st.lists(policies, min_size=1, max_size=4))
def test_nothing_that_a_file_states_is_lost_in_the_meet(files):
    together = {key[:4] for key in meet(files).client_keys}

    assert {key[:4] for file in files for key in file.client_keys} == together


def test_no_value_shows_itself():
    (key,) = keys({"x": "hush"})

    assert "hush" not in repr(key)


CLASHES = {
    "two values": ("x = 1", "x = 2", "clients.codex.config.x has two values"),
    "a table and a value": (
        "x = 1",
        "x.y = 1",
        "clients.codex.config.x.y has another value than clients.codex.config.x",
    ),
    "other types": ("x = 1", "x = true", "clients.codex.config.x has two values"),
}


@pytest.mark.parametrize(("one", "other", "what"), CLASHES.values(), ids=CLASHES)
def test_what_two_files_state_differently_is_a_fault_that_names_both(one, other, what):
    policy = parsed(f"{ROOT}{HEAD}{one}\n", f"schema = 1\n{HEAD}{other}\n")

    (fault,) = contradictions(policy)

    assert what == fault.what
    assert {"/0.toml:5", "/1.toml:3"} == {*fault.where.split(" and ")}


def test_what_two_files_state_alike_or_beside_each_other_is_no_fault():
    policy = parsed(f"{ROOT}{HEAD}x = 1\ny.a = 1\n", f"schema = 1\n{HEAD}x = 1\ny.b = 2\n")

    assert () == contradictions(policy)
    assert {"x": 1, "y": {"a": 1, "b": 2}} == tomllib.loads(document_of(policy.client_keys))


SIGN_IN = {
    "another method": ('login_methods = ["chatgpt"]', 'forced_login_method = "api"', True),
    "the same method": ('login_methods = ["chatgpt"]', 'forced_login_method = "chatgpt"', False),
    "a workspace as a list": (
        'workspaces = [{ id = "a" }]',
        'forced_chatgpt_workspace_id = ["a"]',
        False,
    ),
    "another store": (
        'stores = ["file", "keyring"]',
        'cli_auth_credentials_store = "file"',
        True,
    ),
    "a table": ('login_methods = ["chatgpt"]', "forced_login_method.x = 1", True),
    "not spoken of": ("", 'forced_login_method = "api"', False),
}


@pytest.mark.parametrize(("field", "key", "clashes"), SIGN_IN.values(), ids=SIGN_IN)
def test_a_sign_in_key_must_not_contradict_the_policys_own_field(field, key, clashes):
    found = contradictions(parsed(f"{ROOT}{field}\n{HEAD}{key}\n"))

    assert ["/0.toml:6 and /0.toml:4"] * clashes == [contradiction.where for contradiction in found]


SECRET = "hush-hush-hush"
TOKEN = f'{ROOT}{HEAD}mcp_servers.x.env.TOKEN = "{SECRET}"\nsandbox_mode = "read-only"'


def test_a_text_that_could_be_a_secret_is_neither_shown_nor_compared_aloud():
    policy, other = parsed(TOKEN), parsed(TOKEN.replace(SECRET, f"{SECRET}2"))

    message = f"{[*list_fields(policy)]} {compare(policy, other)}"

    assert SECRET not in message + repr(policy)
    assert "another text, which is not shown" in message


def test_a_value_is_shown_where_it_is_a_word_of_the_clients_own():
    rows = {name: (shown, places[0].line) for name, shown, places in list_fields(parsed(TOKEN))}

    assert ('"read-only"', 6) == rows["clients.codex.config.sandbox_mode"]


def test_a_change_names_the_key_and_both_places():
    one, other = (parsed(f"{ROOT}{HEAD}x = {n}\n") for n in (1, 2))

    (change,) = compare(one, other)

    assert "clients.codex.config.x" == change.field
    assert "the client's config: 1 until now, 2 from then on" == change.what
    assert 5 == change.before[0].line
    assert 5 == change.after[0].line
