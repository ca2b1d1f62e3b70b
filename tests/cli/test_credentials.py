"""`tipstaff logout` and `tipstaff credentials …` as a person and a machine read them."""

import json
import os
import pty
import time

import pytest

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, VERSION, credential, make_host, run, tipstaff
from support.services.issuers import Authority, IssuerServer, serving
from support.services.keyrings import item, keyring
from tipstaff_schemas.export import faults

__all__ = ["keyring"]


def run_on(root, *words, **env):
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **env}
    return tipstaff(*words, env=env, cwd=root)


def as_json(root, *words, **env):
    done = run_on(root, *words, "--format", "json", **env)
    return done.returncode, json.loads(done.stdout)


def listed(root, *words, **env):
    code, document = as_json(root, "credentials", "list", *VERSION, *words, **env)
    assert 0 == code
    assert [] == faults("credentials", document)
    return {entry["store"]: entry for entry in document["credentials"]}, document["note"]


@pytest.fixture
def root(tmp_path):
    return make_host(tmp_path / "host", auth=chatgpt("ws-a"))


def test_the_list_tells_everything_but_the_secret(root):
    credential(root).chmod(0o640)
    os.utime(credential(root), (0, 0))
    found, note = listed(root)

    file = found["file"]
    assert "chatgpt" == file["kind"]
    assert "ws-a" == file["workspace"]["id_token"]
    assert file["active"] is True
    assert "0640" == file["mode"]
    assert "2026-11-24T00:00:00.000Z" == file["last_refresh"]
    assert "1970-01-01T00:00:00.000Z" == file["changed_at"]
    assert "" == note


def test_the_age_of_a_key_is_that_of_its_file(tmp_path):
    root = make_host(tmp_path / "host")
    then = time.time() - 3 * 86400 - 60
    os.utime(credential(root), (then, then))

    assert 3 == listed(root)[0]["file"]["age_days"]


def test_every_store_is_listed_and_the_one_in_force_is_active(root, keyring):
    home = credential(root).parent
    (home / "config.toml").write_text('cli_auth_credentials_store = "keyring"\n')
    (home / ".auth-x1y2z3").write_text(API_KEY)
    keyring.lay_out({"items": [item(home, API_KEY)]})

    found, _ = listed(root, **keyring.address)

    assert {"file": False, "keyring": True, "residue": False} == {
        name: entry["active"] for name, entry in found.items()
    }


def test_a_variable_comes_first(root):
    found, _ = listed(root, CODEX_API_KEY="made-up-key-001")

    assert ["CODEX_API_KEY", "file", "keyring"] == [*found]
    assert found["CODEX_API_KEY"]["active"] is True
    assert found["file"]["active"] is False


def test_under_a_broken_configuration_nobody_says_which_is_active(root):
    (credential(root).parent / "config.toml").write_text('forced_login_method = "x"\n')

    found, note = listed(root)

    assert found["file"]["active"] is None
    assert "config.toml:1" in note


def test_the_table_has_a_line_a_store(root):
    lines = run_on(root, "credentials", "list").stdout.splitlines()

    assert ["store", "kind", "method", "workspace"] == lines[0].split()[:4]
    assert ["file", "chatgpt", "chatgpt", "ws-a", "yes", "0600"] == lines[1].split()[:6]


@pytest.mark.parametrize(("copies", "code"), [([], 0), ([".bashrc"], 1)])
def test_what_was_found_is_the_exit_code(copies, code, tmp_path):
    root = make_host(tmp_path / "host")
    for name in copies:
        (root / "home/dev" / name).write_text("KEY=made-up-key-000")

    got, document = as_json(root, "credentials", "find")

    assert code == got
    assert [] == faults("copies", document)
    assert len(copies) == len(document["copies"])


def test_what_could_not_be_looked_into_is_no_success(root):
    done = run_on(root, "credentials", "find", "--time-limit", "0")

    assert 4 == done.returncode
    assert "not seen" in done.stdout


def test_a_folder_that_is_none_is_wrong_usage(root):
    assert 2 == run_on(root, "credentials", "find", "--under", root / "none").returncode


def test_a_search_goes_only_where_it_is_sent(root):
    (root / "home/dev/auth.json").write_text(API_KEY)
    (root / "srv").mkdir()
    (root / "srv/auth.json").write_text(API_KEY)

    _, document = as_json(root, "credentials", "find", "--under", root / "srv")

    assert [f"{root}/srv/auth.json"] == [copy["place"] for copy in document["copies"]]


def test_progress_is_shown_on_a_terminal_alone(root):
    ours, theirs = pty.openpty()

    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", "TERM": "xterm"}
    words = [BIN / "tipstaff", "credentials", "find"]
    run(words, env=env, capture_output=False, stdout=-3, stderr=theirs)

    os.close(theirs)
    assert b"entries" in os.read(ours, 65536)
    os.close(ours)
    assert "" == run_on(root, "credentials", "find").stderr


def test_a_log_out_fits_its_schema(root):
    planned = as_json(root, "logout", "--dry-run")
    done = as_json(root, "logout")

    assert 11 == planned[0]
    assert 0 == done[0]
    assert [] == faults("logout", planned[1]) + faults("logout", done[1])
    assert not credential(root).exists()
    assert "not logged in" in run_on(root, "logout").stdout


def test_a_log_out_is_put_on_record(root):
    run_on(root, "logout", "--dry-run")
    log = root / "home/dev/.local/state/tipstaff/actions.jsonl"
    assert not log.exists()

    run_on(root, "logout")
    run_on(root, "logout")

    (line,) = log.read_text().splitlines()
    record = json.loads(line)
    assert "logout" == record["action"]
    assert 0 == record["exit_code"]
    assert "removed" == record["steps"][0]["outcome"]


def test_a_move_fits_its_schema_and_says_what_to_write(root, keyring):
    keyring.lay_out({"items": []})
    refused = run_on(root, "credentials", "migrate", "--to", "keyring", **keyring.address)
    (credential(root).parent / "config.toml").write_text('cli_auth_credentials_store = "keyring"\n')

    code, document = as_json(
        root, "credentials", "migrate", *VERSION, "--to", "keyring", **keyring.address
    )

    assert 3 == refused.returncode
    assert 0 == code
    assert [] == faults("move", document)
    assert 'cli_auth_credentials_store = "keyring"' in refused.stderr
    assert ["stored", "removed"] == [step["outcome"] for step in document["steps"]]


def test_a_policy_that_forbids_the_store_moves_nothing(root, keyring):
    home = credential(root).parent
    keyring.lay_out({"items": [item(home, API_KEY)]})
    etc = root / "etc/tipstaff"
    etc.mkdir()
    (etc / "policy.toml").write_text('schema = 1\nid = "p"\nversion = "1"\nstores = ["keyring"]\n')

    words = ["credentials", "migrate", *VERSION, "--system-root", root, "--to", "file"]
    done = run_on(root, *words)

    assert 3 == done.returncode
    assert "does not allow the store file" in done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def asked(tmp_path, authority):
    """A host whose policy names an issuer of this machine, the issuer, and the words for both."""
    with serving(IssuerServer(authority.certify("localhost"))) as issuer:
        root = make_host(tmp_path / "asked", auth=chatgpt("ws-a"))
        (root / "etc/tipstaff").mkdir()
        (root / "etc/tipstaff/policy.toml").write_text(f'{ROOT}revoke_url = "{issuer.url()}"\n')
        env = {"CODEX_CA_CERTIFICATE": str(authority.file)}

        def ask(*words):
            return as_json(root, *words, "--system-root", root, **env)

        yield root, issuer, ask


def test_a_login_that_is_logged_out_of_is_revoked_where_that_is_wanted(asked):
    root, issuer, ask = asked

    code, document = ask("logout", "--revoke")

    assert 0 == code
    assert ["revoked"] == [revocation["outcome"] for revocation in document["revocations"]]
    assert [] == faults("logout", document)
    assert not credential(root).exists()
    assert "made-up" == json.loads(issuer.received[0][2])["token"]


def test_an_issuer_that_fails_stops_no_log_out(asked):
    root, issuer, ask = asked
    issuer.answer = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"

    code, document = ask("logout", "--revoke")

    assert 0 == code
    assert "failed" == document["revocations"][0]["outcome"]
    assert not credential(root).exists()


def test_a_stored_login_is_revoked_and_stays(asked):
    root, issuer, ask = asked

    planned = ask("credentials", "revoke", "--dry-run")
    assert not issuer.received
    done = ask("credentials", "revoke")

    assert 11 == planned[0]
    assert "planned" == planned[1]["revocations"][0]["outcome"]
    assert 0 == done[0]
    assert "revoked" == done[1]["revocations"][0]["outcome"]
    assert [] == faults("revocations", done[1])
    assert credential(root).exists()


def test_a_key_that_nobody_can_revoke_is_told(asked):
    root, issuer, ask = asked
    credential(root).write_text(API_KEY)

    code, document = ask("credentials", "revoke")

    assert 11 == code
    assert "not_revocable" == document["revocations"][0]["outcome"]
    assert [] == issuer.received


def test_a_keyring_out_of_reach_may_hold_a_valid_login(asked):
    root, _, ask = asked
    (root / "home/dev/.local/share/keyrings").mkdir(parents=True)
    (root / "home/dev/.local/share/keyrings/login.keyring").touch()

    assert 4 == ask("credentials", "revoke")[0]
