"""A key without effect is found, with the likely right one and the file that it belongs to."""

import pytest

from support.machines.hosts import make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request

CASES = {
    "misspelt": (
        "requirements",
        'allowed_login_method = ["chatgpt"]\n',
        "misspelt",
        "allowed_login_methods",
    ),
    "upper case": (
        "requirements",
        "Allowed_Login_Methods = []\n",
        "wrong case or dashes",
        "allowed_login_methods",
    ),
    "dashes": (
        "requirements",
        "allowed-login-methods = []\n",
        "wrong case or dashes",
        "allowed_login_methods",
    ),
    "inside a table": (
        "requirements",
        "[features]\nallowed_login_methods = []\n",
        "inside a table",
        "allowed_login_methods",
    ),
    "forced in requirements": (
        "requirements",
        'forced_login_method = "api"\n',
        "wrong kind of file",
        "config.toml or managed_config.toml",
    ),
    "allowed in managed": (
        "managed",
        "allowed_login_methods = []\n",
        "wrong kind of file",
        "requirements.toml",
    ),
    "in a legacy profile": (
        "user",
        '[profiles.x]\nforced_login_method = "api"\n',
        "inside a table",
        "forced_login_method",
    ),
}
HARMLESS = (
    'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["never"]\n',
    '[features]\nlogin = true\n[mcp_servers.a]\ncommand = "x"\n',
    "allowed_login_methods = []\n",
)


def strays(root):
    request = Request({}, "/", 0, "0.169.0", str(root), options=ReadOptions(detail="all"))
    layers = load_client("codex").read_state(request).layers
    return [stray for layer in layers for stray in getattr(layer.content, "strays", ())]


@pytest.mark.parametrize(("layer", "text", "reason", "likely"), CASES.values(), ids=CASES)
def test_the_fault_and_its_cure_are_named(layer, text, reason, likely, tmp_path):
    (stray,) = strays(make_host(tmp_path / "host", **{layer: text}))

    assert reason == stray.reason
    assert text.count("\n") == stray.origin.line
    assert likely in stray.likely


@pytest.mark.parametrize("text", HARMLESS)
def test_other_keys_are_left_alone(text, tmp_path):
    assert [] == strays(make_host(tmp_path / "host", requirements=text))
