"""Versions judge differently; where it is unknown how, the answer is `unknown`.

Source: `make conformance CLIENT=x.y.z` on the versions in PROVEN, single hosts on those between.
"""

import json
import os

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import make_host, tipstaff
from tipstaff_policy.clients.codex.config.rules_in_force import rules_of
from tipstaff_policy.model.state import Layer, Odd, Origin, ReadLayer, Setting

CONFIRMED = chatgpt("ws-z", "ws-a", "ws-a")
"""The id token says z; account id and access token of the same user say a."""
FORCED_METHOD = 'forced_login_method = "chatgpt"\n'
FORCED = 'forced_chatgpt_workspace_id = "ws-a"\n'


def report(root, version, *words):
    front = (
        "audit",
        "--client",
        "codex",
        "--client-version",
        version,
        "--system-root",
        root,
        "--format",
        "json",
    )
    return json.loads(tipstaff(*front, *words).stdout)


def verdict(root, version, *words):
    return report(root, version, *words)["decision"]["verdict"]


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


def verdicts(root, versions, *words):
    return [verdict(root, version, *words) for version in versions]


PROFILE = ("--profile", "p")


def test_a_profile_was_a_table_before_it_was_a_file(tmp_path):
    table = make_host(tmp_path / "table", user="[profiles.p]\n" + FORCED_METHOD)
    file = make_host(tmp_path / "file")
    (file / "home/dev/.codex/p.config.toml").write_text(FORCED_METHOD)

    assert ["allow", "refuse"] == verdicts(table, ("0.130.0", "0.135.0"), *PROFILE)
    assert ["refuse", "log_out"] == verdicts(file, ("0.130.0", "0.135.0"), *PROFILE)


@pytest.mark.parametrize(
    ("user", "managed", "expected"),
    [
        ('profile = "q"\n', None, "refuse"),
        ('profile = "q"\n[profiles.q]\n', None, "allow"),
        ("profile = 5\n", None, "refuse"),
        ('profile = "q"\n[profiles.q]\n', 'profile = "r"\n', "refuse"),
    ],
)
def test_a_file_chooses_a_profile_that_is_there(user, managed, expected, tmp_path):
    root = make_host(tmp_path / "host", user=user, managed=managed)

    assert [expected, "refuse"] == verdicts(root, ("0.130.0", "0.135.0"))


def test_a_flag_beats_the_choice_of_a_file_but_not_of_the_managed_one(tmp_path):
    table = "[profiles.p]\n"
    user = make_host(tmp_path / "user", user='profile = "q"\n' + table)
    odd = make_host(tmp_path / "odd", user="profile = 5\n" + table)
    managed = make_host(tmp_path / "managed", user=table, managed='profile = "q"\n')
    missing = make_host(tmp_path / "missing", managed='profile = "q"\n[profiles.q]\n')

    found = [verdict(layer, "0.130.0", *PROFILE) for layer in (user, odd, managed, missing)]

    assert ["allow", "refuse", "refuse", "refuse"] == found


def trust(folder, level):
    return f'[projects."{folder}"]\ntrust_level = "{level}"\n'


@pytest.mark.parametrize(
    ("user", "managed", "expected"),
    [
        ("trusted", "untrusted", ["log_out", "allow"]),
        ("untrusted", "trusted", ["allow", "log_out"]),
        (None, "trusted", ["allow", "log_out"]),
        ("trusted", None, ["log_out", "log_out"]),
    ],
)
def test_the_managed_file_came_to_speak_of_trust(user, managed, expected, tmp_path):
    user, managed = (level and trust("/work", level) for level in (user, managed))
    root = make_host(tmp_path / "host", user=user, managed=managed)
    (root / "work/.codex").mkdir(parents=True)
    (root / "work/.codex/config.toml").write_text(FORCED_METHOD)

    assert expected == verdicts(root, ("0.147.0", "0.150.0"), "--cwd", str(root / "work"))


EPHEMERAL = 'cli_auth_credentials_store = "ephemeral"\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"user": "x =\n", "system": EPHEMERAL}, ["allow"] + 3 * ["not_logged_in"]),
        ({"managed": "x =\n"}, ["allow"] + 3 * ["refuse"]),
        ({"requirements": "x =\n"}, ["allow", "refuse", "refuse", "allow"]),
    ],
)
def test_what_the_app_server_keeps_after_a_fault_changed_twice(files, expected, tmp_path):
    root = make_host(tmp_path / "host", **files)
    versions = ("0.146.0", "0.147.0", "0.150.0", "0.160.0")

    assert expected == verdicts(root, versions, "--entry-point", "app-server")


def test_a_pipe_is_waited_for_by_older_versions(tmp_path):
    root = make_host(tmp_path / "host")
    os.mkfifo(root / "etc/codex/config.toml")

    assert ["unknown", "refuse"] == verdicts(root, ("0.140.0", "0.146.0"))


@pytest.mark.parametrize(("exponent", "old"), [(63, "allow"), (126, "allow"), (127, "refuse")])
def test_requirements_once_took_longer_integers(exponent, old, tmp_path):
    root = make_host(tmp_path / "host", requirements=f"x = {2**exponent}\n")

    assert [old, "refuse"] == verdicts(root, ("0.135.0", "0.140.0"))


@pytest.mark.parametrize("version", ["0.130.0", "0.146.0", "0.150.0", "0.160.0", "0.169.0"])
def test_a_version_on_which_the_whole_suite_agreed_is_proven(version, tmp_path):
    root = make_host(tmp_path / "host")

    assert report(root, version)["client"]["proven"]


def test_a_report_read_as_another_version_is_unknown_where_that_matters(tmp_path):
    trusting = make_host(tmp_path / "trust", managed=trust("/work", "trusted"))
    plain = make_host(tmp_path / "plain")
    (plain / "home/dev/.codex/p.config.toml").write_text("")
    pages = {
        "trust": report(trusting, "0.169.0"),
        "profile": report(plain, "0.169.0", *PROFILE),
        "key": report(plain, "0.169.0"),
        "bedrock": report(make_host(tmp_path / "bedrock", auth=BEDROCK), "0.169.0"),
    }
    words = []
    for name, page in pages.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(page))
        words += ["--report", str(tmp_path / f"{name}.json")]

    done = tipstaff(
        "client", "diff", "--client", "codex", "0.169.0", "0.130.0", *words, "--format", "json"
    )

    after = [load["new"]["verdict"] for load in json.loads(done.stdout)["hosts"]]
    assert ["unknown", "unknown", "allow", "unknown"] == after


def test_two_programs_are_compared_by_the_packages_around_them(tmp_path):
    places = {"0.130.0": "vendor/x/codex/codex", "0.169.0": "vendor/x/bin/codex"}
    for version, program in places.items():
        place = tmp_path / version / program
        place.parent.mkdir(parents=True)
        place.touch(0o755)
        package = {"name": "@openai/codex", "version": f"{version}-linux-x64"}
        (tmp_path / version / "package.json").write_text(json.dumps(package))
    root = make_host(tmp_path / "host", requirements='allowed_login_methods = ["chatgpt"]\n')
    old, new = (tmp_path / version / program for version, program in places.items())

    done = tipstaff("client", "diff", old, new, "--system-root", root)

    assert "this host: allow -> ignore_credential" in done.stdout
    assert "1 of 1 verdicts change from 0.130.0 to 0.169.0" in done.stdout


def test_the_services_bundle_came_later(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a", plan="enterprise"))
    fragments = [{"contents": 'forced_login_method = "api"\n'}]
    payload = {
        "version": 1,
        "expires_at": "2999-01-01T00:00:00Z",
        "account_id": "ws-a",
        "chatgpt_user_id": "user-1",
        "bundle": {"config_toml": {"enterprise_managed": fragments}},
    }
    cache = root / "home/dev/.codex/cloud-config-bundle-cache.json"
    cache.write_text(json.dumps({"signed_payload": payload}))

    assert ["allow", "log_out"] == verdicts(root, ("0.135.0", "0.140.0"))


def test_the_encrypted_store_came_later():
    origin = Origin("user", "config.toml", None)
    on = Setting("features.secret_auth_storage", Odd("odd", "boolean", "true"), origin)
    layer = Layer(
        "user", 0, "config.toml", administrators=False, grammar="config", content=ReadLayer((on,))
    )

    found = [rules_of((layer,), "linux", version) for version in ("0.135.0", "0.140.0")]

    assert [False, True] == [rules.encrypted for rules in found]
