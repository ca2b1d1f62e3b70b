"""Keys that have nothing to do with signing in: judged by their kinds of value, shown without them."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.test_state import decide_again
from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.config import accepted as data
from tipstaff_policy.clients.codex.config.other_keys import (
    PROVIDER_KEYS,
    fault_of,
    without_harmless,
)
from tipstaff_policy.clients.codex.config.value_shapes import BOUNDS, shapes_of
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.model.state import Layer, ReadLayer
from tipstaff_schemas.values import as_json

CODEX = load_client("codex")
VERSION = "0.169.0"
CANARY = "canary-8c1f"


def layer(document, rank=0):
    shapes = shapes_of(document, data.load_shown_texts())
    return Layer(f"layer{rank}", rank, f"/{rank}", False, "config", ReadLayer((), shapes=shapes))


BROUGHT = "amazon-bedrock"


def effect_of(*documents, version=VERSION):
    fault = fault_of([layer(document, rank) for rank, document in enumerate(documents)], version)
    return fault and fault.effect


CASES = {
    "a right type": ([{"model": "x"}], None),
    "a wrong type": ([{"model": 5}], "refuse"),
    "a date for text": ([{"model": __import__("datetime").date(2020, 1, 1)}], None),
    "an unknown key": ([{"no_such_key": 5}], None),
    "a word": ([{"sandbox_mode": "read-only"}], None),
    "a word in its other form": ([{"sandbox_mode": {"read-only": {}}}], None),
    "no word": ([{"sandbox_mode": CANARY}], "refuse"),
    "a number too large": ([{"mcp_oauth_callback_port": 65536}], "refuse"),
    "the largest number": ([{"mcp_oauth_callback_port": 65535}], None),
    "a negative number": ([{"mcp_oauth_callback_port": -1}], "refuse"),
    "a wrong item": ([{"notify": ["x", 5]}], "refuse"),
    "a wrong member of a map": ([{"shell_environment_policy": {"set": {"A": 5}}}], "refuse"),
    "beaten": ([{"model": 5}, {"model": "x"}], None),
    "winning": ([{"model": "x"}, {"model": 5}], "refuse"),
    "beaten in a table": ([{"history": {"max_bytes": "x"}}, {"history": {"max_bytes": 5}}], None),
    "not beaten beside": ([{"history": {"max_bytes": "x"}}, {"history": {}}], "refuse"),
    "a server in two layers": (
        [{"mcp_servers": {"x": {"enabled": True}}}, {"mcp_servers": {"x": {"command": "a"}}}],
        None,
    ),
    "two transports in two layers": (
        [{"mcp_servers": {"x": {"url": "b"}}}, {"mcp_servers": {"x": {"command": "a"}}}],
        "refuse",
    ),
    "no transport": ([{"mcp_servers": {"x": {}}}], "refuse"),
    "a relative path in a wrong layer": ([{"model": 5, "log_dir": "x"}, {"model": "x"}], "unknown"),
    "a permission profile that is not there": ([{"default_permissions": "x"}], "refuse"),
    "a permission profile of one's own": (
        [{"default_permissions": "x"}, {"permissions": {"x": {"extends": ":workspace"}}}],
        None,
    ),
    "a permission profile of a name that is not kept": (
        [{"default_permissions": "x/y", "permissions": {"x/y": {}}}],
        "unknown",
    ),
}


@pytest.mark.parametrize(("documents", "effect"), CASES.values(), ids=CASES)
def test_what_wins_is_judged(documents, effect):
    assert effect_of(*documents) == effect


@pytest.mark.parametrize("document", [{"model": 5}, {"model_providers": {BROUGHT: {}}}])
def test_an_older_version_than_any_measured_is_not_guessed_at(document):
    assert effect_of(document, version="0.120.0") == "unknown"


def test_a_provider_that_the_client_brings_has_what_its_table_lacks():
    assert effect_of({"model_providers": {BROUGHT: {"base_url": "x"}}}) is None
    assert effect_of({"model_providers": {"y": {"base_url": "x"}}}) == "refuse"


def test_no_value_reaches_the_state(tmp_path):
    secret = f'experimental_bearer_token = "{CANARY}"\n'
    text = (
        f'model = 5\n[model_providers.y]\nname = "{CANARY}"\n{secret}'
        f'[mcp_servers.x]\ncommand = "{CANARY}"\nenv = {{ A = "{CANARY}" }}\nargs = ["{CANARY}"]\n'
        f'startup_timeout_sec = 86753\nenabled = "{CANARY}"\n'
    )
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT + text, auth=API_KEY)
    state = CODEX.read_state(
        Request({}, "/", 0, VERSION, str(root), options=ReadOptions(detail="all"))
    )

    message = json.dumps([as_json(state), as_json(CODEX.decide(state))])
    assert "mcp_servers" in message
    assert CANARY not in message
    assert "86753" not in message


def test_a_wrong_type_never_costs_a_login_and_is_named_with_its_line(tmp_path):
    root = make_host(
        tmp_path / "host", managed=f"{FORCED_CHATGPT}\n[history]\nmax_bytes = true\n", auth=API_KEY
    )
    state = CODEX.read_state(
        Request({}, "/", 0, VERSION, str(root), options=ReadOptions(detail="all"))
    )
    decision = CODEX.decide(state)

    assert decision.verdict == "refuse"
    assert "/etc/codex/managed_config.toml:4: history.max_bytes" in decision.reason
    assert decide_again(state) == decision
    assert credential(root).exists()


def test_a_host_without_fault_tells_nothing_of_its_other_keys(tmp_path):
    root = make_host(tmp_path / "host", managed=f'{FORCED_CHATGPT}model = "x"\n', auth=API_KEY)
    state = CODEX.read_state(
        Request({}, "/", 0, VERSION, str(root), options=ReadOptions(detail="all"))
    )

    assert [entry.content.shapes for entry in state.layers if entry.content.state == "read"] == [()]


KEYS = ("model", "notify", "sandbox_mode", "mcp_servers", "history", *PROVIDER_KEYS, "x")
documents = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.sampled_from(["read-only", "x", ""])),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2),
            st.dictionaries(st.sampled_from(["x", "command", "url", "max_bytes"]), inner),
        ),
        max_leaves=5,
    ),
    max_size=3,
)


@pytest.mark.parametrize("message", [(), PROVIDER_KEYS])
@given(layers=st.lists(documents, max_size=3))
def test_what_is_left_out_changes_no_verdict(layers, message):
    whole = tuple(layer(text, rank) for rank, text in enumerate(layers))

    kept = without_harmless(whole, [VERSION], message)

    for some in ([*range(len(whole))], *([n] for n in range(len(whole)))):
        assert fault_of([kept[n] for n in some], VERSION) == fault_of(
            [whole[n] for n in some], VERSION
        )


def test_the_data_is_that_of_the_versions_that_are_said_to_be_measured():
    folder = os.path.dirname(data.__file__)
    found = {
        name.rpartition("-")[0] for name in os.listdir(folder) if name.endswith("-config.json")
    }
    assert {".".join(map(str, version)) for version in data.MEASURED} == found


@pytest.mark.parametrize("version", data.MEASURED)
@pytest.mark.parametrize("grammar", ["config", "requirements"])
def test_every_word_may_be_shown_and_every_number_is_a_bound(version, grammar):
    table = data.load_accepted(version, grammar)
    cells = [
        data.parse_takes(takes) for row in table.keys.values() for takes in row if takes != "like"
    ]
    words = {word for cell in cells for word in cell.words}
    numbers = {number for cell in cells for pair in cell.kinds.values() for number in pair}

    assert words
    assert words | {*table.providers, *table.profiles} <= data.load_shown_texts().words
    assert numbers - {None} <= {*BOUNDS}
