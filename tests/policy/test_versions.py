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
    ("version", "auth", "expected"),
    [
        ("0.146.0", API_KEY, "allow"),
        ("0.147.0", API_KEY, "ignore_credential"),
        ("0.150.0", API_KEY, "ignore_credential"),
        ("0.147.0", BEDROCK, "allow"),
        ("0.150.0", BEDROCK, "ignore_credential"),
    ],
)
def test_what_a_version_does_not_know_it_passes_over(version, auth, expected, tmp_path):
    root = make_host(tmp_path / "host", auth=auth, requirements=STORE)

    assert expected == verdict(root, version)


def test_before_the_lists_a_list_of_workspaces_stops_the_client(tmp_path):
    listed = make_host(tmp_path / "list", managed='forced_chatgpt_workspace_id = ["ws-a"]\n')
    comma = make_host(tmp_path / "comma", managed='forced_chatgpt_workspace_id = "a,b"\n')

    assert ["refuse", "allow"] == [verdict(root, "0.130.0") for root in (listed, comma)]
    assert ["allow", "refuse"] == [verdict(root, "0.135.0") for root in (listed, comma)]


@pytest.mark.parametrize("version", ["0.129.0", "0.1.0"])
def test_a_version_older_than_any_that_was_seen_is_unknown(version, tmp_path):
    assert "unknown" == verdict(make_host(tmp_path / "host"), version)
