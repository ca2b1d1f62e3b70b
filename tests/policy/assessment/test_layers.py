"""Each layer beats those below it, and the report shows which file and line won."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.machines.hosts import make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.layers import merge
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.model.state import Layer, Origin, ReadLayer, Setting

KEY = "forced_chatgpt_workspace_id"
ORDER = ("system", "user", "flags", "managed")
PATHS = {
    "system": "/etc/codex/config.toml",
    "user": "/home/dev/.codex/config.toml",
    "flags": "-c",
    "managed": "/etc/codex/managed_config.toml",
}


def read(root, *, flags=(), detail="all"):
    request = Request(
        {}, "/", 0, "0.169.0", str(root), overrides=flags, options=ReadOptions(detail=detail)
    )
    return load_client("codex").read_state(request)


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations(ORDER, 2)))
def test_the_higher_layer_wins_and_the_lower_is_named(low, high, tmp_path):
    text = {name: f'# first line\n{KEY} = "{name}"\n' for name in (low, high) if name != "flags"}
    flags = (f"{KEY}=flags",) if "flags" in (low, high) else ()

    setting = merge(read(make_host(tmp_path / "host", **text), flags=flags).layers).get(KEY)

    lines = {name: None if name == "flags" else 2 for name in (low, high)}
    assert high == setting.value
    assert Origin(high, PATHS[high], lines[high]) == setting.origin
    assert (Setting(KEY, low, Origin(low, PATHS[low], lines[low])),) == setting.overridden


def test_a_requirement_beats_every_configured_store(tmp_path):
    store = "cli_auth_credentials_store"
    root = make_host(
        tmp_path / "host",
        requirements=f'{store} = "file"\n',
        managed=f'\n{store} = "keyring"\n',
        user=f'{store} = "auto"\n',
    )

    setting = merge(read(root).layers).get(store)

    assert "file" == setting.value
    assert ["managed", "user"] == [beaten.origin.layer for beaten in setting.overridden]


def test_lines_are_not_sought_where_nobody_asks(tmp_path):
    state = read(make_host(tmp_path / "host", managed=f'{KEY} = "a"\n'), detail="none")

    assert merge(state.layers).get(KEY).origin.line is None


names = st.sampled_from(["a", "b", "c"])
layers = st.lists(st.dictionaries(names, names), max_size=5).map(
    lambda tables: [
        Layer(
            str(rank),
            rank,
            str(rank),
            administrators=True,
            grammar="config",
            content=ReadLayer(
                tuple(Setting(k, v, Origin(str(rank), str(rank), 1)) for k, v in table.items())
            ),
        )
        for rank, table in enumerate(tables)
    ]
)


@given(layers, st.randoms())
def test_the_order_in_which_layers_are_given_does_not_matter(given_layers, random):
    shuffled = list(given_layers)
    random.shuffle(shuffled)

    assert merge(given_layers) == merge(shuffled)


@given(layers)
def test_no_value_is_lost(given_layers):
    written = sorted(s for layer in given_layers for s in layer.content.settings)

    kept = sorted(
        stated
        for setting in merge(given_layers).settings
        for stated in (Setting(setting.key, setting.value, setting.origin), *setting.overridden)
    )
    assert written == kept
