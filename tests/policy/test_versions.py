"""Versions judge differently; where nobody knows how, the answer is `unknown`.

Source: `make conformance CLIENT=…` on 0.147.0, 0.150.0, 0.155.0, 0.160.0, 0.165.0, 0.166.0.
"""

import json

import pytest

from hosts import make_host, tipstaff
from logins import API_KEY, chatgpt

CONFIRMED = chatgpt("ws-z", "ws-a", "ws-a")
"""The id token says z; account id and access token of the same user say a."""
FORCED = 'forced_chatgpt_workspace_id = "ws-a"\n'


def verdict(root, version):
    done = tipstaff("audit", "--client-version", version, "--system-root", root, "--format", "json")
    return json.loads(done.stdout)["decision"]["verdict"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.150.0", "log_out"),
        ("0.165.0", "log_out"),
        ("0.166.0", "allow"),
        ("0.169.0", "allow"),
    ],
)
def test_a_confirmed_account_id_counts_only_in_newer_versions(version, expected, tmp_path):
    root = make_host(tmp_path / "host", auth=CONFIRMED, managed=FORCED)

    assert expected == verdict(root, version)


STORE = 'cli_auth_credentials_store = "file"\nallowed_login_methods = ["chatgpt"]\n'
BEDROCK = json.dumps(
    {"bedrock_access_keys": {"access_key_id": "k", "secret_access_key": "s", "region": "r"}}
)


@pytest.mark.parametrize(
    ("version", "expected"), [("0.147.0", "unknown"), ("0.150.0", "ignore_credential")]
)
@pytest.mark.parametrize(("auth", "requirements"), [(API_KEY, STORE), (BEDROCK, STORE[36:])])
def test_what_the_first_versions_judge_otherwise_is_unknown_there(
    version, expected, auth, requirements, tmp_path
):
    root = make_host(tmp_path / "host", auth=auth, requirements=requirements)

    assert expected == verdict(root, version)
