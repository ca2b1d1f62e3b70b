"""`decide(report.state) == report.decision`, through JSON."""

import json

from support.machines.hosts import make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_schemas.values import as_json, state_from_json


def decide_again(state):
    """Decide on a state that has been through JSON text."""
    return load_client("codex").decide(state_from_json(json.loads(json.dumps(as_json(state)))))


def test_odd_values_survive_the_way_through_json(tmp_path):
    odd = 'forced_chatgpt_workspace_id = ["a", "b", 5]\nforced_login_method = 1979-05-27\n'
    root = make_host(
        tmp_path / "host", managed=odd, requirements='allowed_login_methods = ["api", "chatgpt"]\n'
    )
    adapter = load_client("codex")
    state = adapter.read_state(
        Request({}, "/", 0, "0.169.0", str(root), options=ReadOptions(detail="all"))
    )

    assert adapter.decide(state) == decide_again(state)
    assert state == state_from_json(json.loads(json.dumps(as_json(state))))
