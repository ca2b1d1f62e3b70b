"""Several clients on one host: each is judged, and the worst answer stands for the host."""

import json
import os
import sys

import pytest

from support.clients.installed_clients import install
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, credential, make_host, run, tipstaff
from support.machines.private_etc import in_private_etc
from support.services.keyrings import item, keyring
from tipstaff_policy import guard
from tipstaff_policy.clients.codex.credentials.keyring import read_document
from tipstaff_policy.model.request import Request
from tipstaff_schemas.export import faults

__all__ = ["keyring"]
ALLOWED = 'allowed_login_methods = ["chatgpt"]\n'
CONFIRMED = chatgpt("ws-z", "ws-a", "ws-a")
"""The id token says z; account id and access token of the same user say a."""
FORCED_A = 'forced_chatgpt_workspace_id = "ws-a"\n'
LISTED_A = 'forced_chatgpt_workspace_id = ["ws-a"]\n'
OLD, BEFORE, NEW = "0.140.0", "0.160.0", "0.169.0"
"""The first knows no `allowed_*`, the second reads the workspace of a login elsewhere."""
OLDER_THAN_ANY = "0.100.0"


POLICY = """\
schema = 1
id = "unguarded"
version = "1"
severity = { TIP408 = "info", TIP409 = "info" }
"""
"""These hosts show what the clients do; that they are old and start unguarded is another matter."""


def make(folder, *versions, **files):
    root = make_host(folder / "host", **files)
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(POLICY)
    for prefix, version in zip(("usr/local", "usr"), versions, strict=False):
        install(root / prefix, version)
    return root


def audit(root, *words):
    done = tipstaff("audit", "--system-root", root, "--format", "json", *words)
    return json.loads(done.stdout), done.returncode


def test_each_is_judged_on_the_state_as_its_version_reads_it(tmp_path):
    report, _ = audit(make(tmp_path, OLD, NEW, requirements=ALLOWED))

    assert [("0.140.0", "allow"), ("0.169.0", "ignore_credential")] == [
        (client["version"], client["verdict"]) for client in report["clients"]
    ]
    assert [] == faults("report", report)


def test_a_version_that_is_given_is_the_only_one(tmp_path):
    report, _ = audit(
        make(tmp_path, OLD, NEW, requirements=ALLOWED),
        "--client",
        "codex",
        "--client-version",
        "0.150.0",
    )

    assert [("0.150.0", "ignore_credential")] == [
        (client["version"], client["verdict"]) for client in report["clients"]
    ]


WORST = {
    "the one that signs in with what another hides": (
        (NEW, OLD), {"requirements": ALLOWED}, OLD, "allow", 1),
    "the one that passes over a rule, before one that heeds it": (
        (OLD, NEW), {"requirements": ALLOWED, "managed": FORCED_A}, OLD, "allow", 1),
    "the one that does not start": (
        (NEW, "0.130.0"), {"auth": chatgpt("ws-a"), "managed": LISTED_A}, "0.130.0", "refuse", 3),
    "the one that nobody knows": (
        (NEW, OLDER_THAN_ANY), {"auth": chatgpt("ws-a"), "managed": FORCED_A},
        OLDER_THAN_ANY, "unknown", 4),
    "the one that signs in with what another logs out": (
        (BEFORE, NEW), {"auth": CONFIRMED, "managed": FORCED_A}, NEW, "allow", 1),
    "the first, where all are alike": (
        (BEFORE, NEW), {"auth": chatgpt("ws-a"), "managed": FORCED_A}, BEFORE, "allow", 0),
}  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("versions", "files", "version", "verdict", "code"), WORST.values(), ids=WORST
)
def test_the_worst_stands_for_the_host(versions, files, version, verdict, code, turned, tmp_path):
    if turned and code:
        versions = versions[::-1]

    report, exit_code = audit(make(tmp_path, *versions, **files))

    assert version == report["client"]["version"]
    assert verdict == report["decision"]["verdict"]
    assert code == exit_code
    assert (code == 0) == report["summary"]["compliant"]
    assert report["client"] == report["state"]["client"]


@pytest.mark.parametrize("versions", [(BEFORE, NEW), (NEW, BEFORE)])
def test_one_that_complies_never_speaks_for_another(versions, tmp_path):
    """Without a threshold both audits exit with 0; only one of them complies."""
    root = make(tmp_path, *versions, auth=CONFIRMED, managed=FORCED_A)
    forgiving = POLICY.replace("{ ", '{ TIP105 = "info", ')
    (root / "etc/tipstaff/policy.toml").write_text(forgiving)

    report, code = audit(root, "--fail-on", "never")

    assert 0 == code
    assert report["summary"]["compliant"] is False
    assert BEFORE == report["client"]["version"]
    assert audit(root, "--client", "codex", "--client-version", NEW)[0]["summary"]["compliant"]


def test_the_text_has_a_line_a_client_where_there_are_several(tmp_path):
    root = make(tmp_path, OLD, NEW, requirements=ALLOWED)
    alone = make(tmp_path / "alone", NEW, requirements=ALLOWED)

    out = tipstaff("audit", "--system-root", root).stdout

    assert "  allow             0.140.0 (package, not proven)   /usr/local/bin/codex\n" in out
    assert "  ignore_credential 0.169.0 (package)   /usr/bin/codex\n" in out
    assert "\nclients\n" not in tipstaff("audit", "--system-root", alone).stdout


ENFORCED = {
    "an administrators' rule that one knows": ((OLD, NEW), {"requirements": ALLOWED}, 10),
    "an administrators' rule that an older one reads otherwise": (
        (NEW, BEFORE), {"auth": CONFIRMED, "managed": FORCED_A}, 0),
    "a rule of the user's that one breaks": (
        (NEW, BEFORE), {"auth": CONFIRMED, "user": FORCED_A}, 0),
    "a rule of the user's that all break": ((NEW, BEFORE), {"user": FORCED_CHATGPT}, 10),
    "nothing broken": ((NEW, BEFORE), {"auth": chatgpt("ws-a"), "managed": FORCED_A}, 0),
    "one unknown": (
        (NEW, OLDER_THAN_ANY), {"auth": chatgpt("ws-a"), "managed": FORCED_A}, 0),
    "one stopped": ((NEW, "0.130.0"), {"auth": chatgpt("ws-a"), "managed": LISTED_A}, 0),
    "one stopped, one unknown": (
        (OLDER_THAN_ANY, "0.130.0"), {"auth": chatgpt("ws-a"), "managed": LISTED_A}, 0),
    "one unknown, one that breaks a rule": (
        (OLDER_THAN_ANY, NEW), {"managed": FORCED_CHATGPT}, 10),
    "one stopped, one that breaks a rule": (
        ("0.130.0", NEW), {"auth": chatgpt("ws-b"), "managed": LISTED_A}, 10),
}  # fmt: skip


@pytest.mark.parametrize("program", ["enforce", "guard"])
@pytest.mark.parametrize(("versions", "files", "code"), ENFORCED.values(), ids=ENFORCED)
def test_enforcement_goes_by_all_of_them(versions, files, code, program, tmp_path):
    root = make(tmp_path, *versions, **files)
    front = [BIN / "tipstaff", "enforce"]
    if program == "guard":
        front = [sys.executable, "-I", "-S", guard.__file__]

    if program == "guard" and "user" in files:
        code = 0  # what the user's own rules want is the client's work

    done = run([*front, "--system-root", root])

    assert code == done.returncode
    assert (code != 10) == credential(root).exists()


def test_a_dry_run_removes_nothing(tmp_path):
    root = make(tmp_path, OLD, NEW, requirements=ALLOWED)

    done = tipstaff("enforce", "--system-root", root, "--dry-run")

    assert 11 == done.returncode
    assert API_KEY == credential(root).read_text()


def test_the_report_of_an_enforcement_names_what_was_removed_once(tmp_path):
    root = make(tmp_path, OLD, NEW, requirements=ALLOWED)

    report = json.loads(tipstaff("enforce", "--system-root", root, "--format", "json").stdout)

    assert ["file"] == [step["store"] for step in report["steps"]]
    assert [] == faults("enforcement", report)


def live(tmp_path, *words, path=("usr/local", "usr"), cwd=None):
    """Run the guard on this machine, with a home and a path of its own."""
    env = {
        "HOME": str(tmp_path / "host/home/dev"),
        "PATH": ":".join(str(tmp_path / "host" / folder / "bin") for folder in path)
        + ":/usr/bin:/bin",
    }
    front = [sys.executable, "-I", "-S", guard.__file__]
    return run([*front, *words], env=env, cwd=cwd)


@pytest.mark.skipif(os.getuid() != 0, reason="what a user installs is not believed")
@pytest.mark.parametrize(
    ("path", "out"),
    [(("usr/local", "usr"), f"started {NEW}\n"), (("usr", "usr/local"), f"started {BEFORE}\n")],
)
def test_the_guard_leaves_a_rule_of_the_users_own_to_the_client_that_it_starts(path, out, tmp_path):
    make(tmp_path, NEW, BEFORE, auth=CONFIRMED, user=FORCED_A)

    done = live(tmp_path, "--", "codex", "exec", path=path)

    assert 0 == done.returncode
    assert out == done.stdout


@pytest.mark.skipif(os.getuid() != 0, reason="what a user installs is not believed")
@pytest.mark.parametrize(("prefix", "code"), [("usr/local", 0), ("usr", 10)])
def test_a_program_that_is_named_is_judged_alone(prefix, code, tmp_path):
    root = make(tmp_path, NEW, BEFORE, auth=CONFIRMED, user=FORCED_A)
    program = root / prefix / "bin/codex"

    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin"}
    done = tipstaff("enforce", "--program", program, env=env)

    assert code == done.returncode


@pytest.mark.skipif(os.getuid() != 0, reason="what a user installs is not believed")
@pytest.mark.parametrize("user", ["x = {a = 1,\n}\n", "x = [\n"])
def test_a_file_of_the_users_that_is_not_readable_stops_no_start(user, tmp_path):
    """TOML 1.1, which only the full program reads, and what no program reads."""
    make(tmp_path, NEW, auth=CONFIRMED, user=user)

    assert 0 == live(tmp_path, "--", "codex", "exec").returncode


@pytest.mark.parametrize("words", [(), ("--", "echo", "x")])
def test_a_client_of_a_version_that_is_not_known_stops_no_one(words, tmp_path):
    make(tmp_path, NEW, OLDER_THAN_ANY, auth=chatgpt("ws-a"), user=FORCED_A)

    assert 0 == live(tmp_path, *words).returncode


IN_KEYRING = 'cli_auth_credentials_store = "keyring"\n'
"""As a requirement, which the older client does not know: it looks for its login in the file."""
OWN_STORES = {
    "the one that uses the keyring comes first": (("usr/local", "usr"), API_KEY, API_KEY, 10),
    "the one that uses the file comes first": (("usr", "usr/local"), API_KEY, API_KEY, 10),
    "the login in the keyring is allowed": (("usr", "usr/local"), API_KEY, chatgpt(), 0),
    "the login in the file is allowed": (("usr/local", "usr"), chatgpt(), API_KEY, 0),
}


@pytest.mark.skipif(os.getuid() != 0, reason="what a user installs is not believed")
@pytest.mark.parametrize(
    ("path", "in_file", "in_keyring", "code"), OWN_STORES.values(), ids=OWN_STORES
)
def test_a_rule_of_the_users_own_empties_each_clients_own_store_and_no_other(
    path, in_file, in_keyring, code, tmp_path, keyring
):
    root = make(tmp_path, NEW, OLD, auth=in_file, user=FORCED_CHATGPT)
    home = credential(root).parent
    keyring.lay_out({"items": [item(home, in_keyring)]})
    etc, before = in_private_etc(tmp_path)
    (etc / "codex/requirements.toml").write_text(IN_KEYRING)
    env = {
        "HOME": str(home.parent),
        "PATH": ":".join([*(str(root / folder / "bin") for folder in path), "/usr/bin:/bin"]),
        **keyring.address,
    }

    done = run([*before, BIN / "tipstaff", "enforce"], env=env)

    entry = read_document(Request(env, "/", 0, NEW), str(home), "keyring")
    assert code == done.returncode, done.stdout + done.stderr
    assert (code == 0) == credential(root).exists(), done.stdout + done.stderr
    assert (code == 0) == (entry is not None), done.stdout + done.stderr
