"""A waiver from the helpdesk to the person who is locked out, with a real OpenSSH key."""

import base64
import json
import os
import re
import subprocess
import sys

import pytest
import tomlkit

from support.artefacts.policies import ROOT
from support.clients.logins import chatgpt
from support.machines.hosts import VERSION, audit, credential, make_host, run, run_guard, tipstaff
from tipstaff_policy import guard
from tipstaff_policy.assessment.policy_loading import clients_of_documents
from tipstaff_policy.organisation.parsing import File, parse_document

WHY = ("--owner", "it", "--approver", "boss", "--ticket", "T-17", "--reason", "moving teams")
FOR = ("--host", "host", "--user", "dev")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Return two private keys made by ssh-keygen; the public ones lie next to them."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("helpdesk", "stranger"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name]
        subprocess.run(words, check=True)
    return folder


@pytest.fixture
def root(keys, tmp_path):
    """Return a host whose login is of another workspace than the policy allows."""
    made = make_host(tmp_path / "host", auth=chatgpt("ws-z"))
    (made / "etc/tipstaff").mkdir()
    line = (keys / "helpdesk.pub").read_text().strip()
    policy = f'{ROOT}waiver_keys = ["{line}"]\nmessage = "Ask."\n[[workspaces]]\nid = "ws-a"\n'
    (made / "etc/tipstaff/policy.toml").write_text(policy)
    return made


def waive(keys, *words, check="TIP102", key="helpdesk"):
    return tipstaff("policy", "waive", check, *WHY, *words, "--key", keys / key)


def use(root, text):
    return tipstaff("waiver", "use", text, "--system-root", root)


def test_a_waiver_keeps_the_login_until_it_ends_and_every_report_shows_it(keys, root):
    text = waive(keys, *FOR).stdout.strip()

    done = use(root, text)

    words = r"TIP102 is waived for dev on host: ends in [78] hours \(T-17\)\n"
    assert 0 == done.returncode
    assert re.fullmatch(words, done.stdout)  # 8 within the second in which it was made
    assert 0 == tipstaff("enforce", "--system-root", root).returncode
    assert credential(root).exists()
    report = json.loads(audit(root, "--format", "json").stdout)
    (shown,) = report["policy"]["waivers"]
    assert "active" == shown["standing"]
    assert "T-17" == shown["waiver"]["ticket"]
    assert shown["waiver"]["signed_by"].startswith("SHA256:")
    assert "T-17" in tipstaff("waiver", "list", "--system-root", root).stdout


def alone(root):
    """Run the guard by a Python without a library and without the full program."""
    front = [os.path.realpath(sys.executable), "-I", "-S", guard.__file__, *VERSION]
    return run([*front, "--system-root", root])


def test_the_guard_alone_verifies_it(keys, root):
    use(root, waive(keys, *FOR).stdout)

    done = alone(root)

    assert 0 == done.returncode, done.stderr
    assert credential(root).exists(), done.stderr


@pytest.mark.parametrize(
    "made",
    [{"words": ("--host", "elsewhere", "--user", "dev")}, {"check": "TIP101"}, {"key": "stranger"}],
)
def test_the_guard_alone_lets_no_other_waiver_stop_a_log_out(made, keys, root):
    text = waive(keys, *made.pop("words", FOR), **made).stdout
    pasted = root / "home/dev/.local/state/tipstaff/waivers"
    pasted.parent.mkdir(parents=True)
    pasted.write_text(text)

    assert 10 == alone(root).returncode
    assert not credential(root).exists()


def test_a_waiver_that_nobody_needs_stops_no_one(keys, root):
    credential(root).write_text(chatgpt("ws-a"))
    use(root, waive(keys, *FOR).stdout)

    assert 0 == alone(root).returncode


def test_without_a_waiver_the_login_goes(root):
    assert 10 == run_guard(root).returncode
    assert not credential(root).exists()


def test_line_breaks_of_a_mail_do_not_matter(keys, root):
    text = waive(keys, *FOR).stdout.strip()
    folded = "\n ".join(text[at : at + 60] for at in range(0, len(text), 60))

    assert 0 == use(root, folded).returncode


REFUSED = {
    "signed by a stranger": (lambda keys: waive(keys, *FOR, key="stranger").stdout, 6),
    "of another host": (lambda keys: waive(keys, "--host", "other", "--user", "dev").stdout, 3),
    "of another user": (lambda keys: waive(keys, "--host", "host", "--user", "eve").stdout, 3),
    "cut off": (lambda keys: waive(keys, *FOR).stdout.strip()[:-9], 3),
    "cut in the middle": (lambda keys: waive(keys, *FOR).stdout[:80], 3),
    "no waiver": (lambda _: "let me in", 3),
    "edited": (lambda keys: _edited(waive(keys, *FOR).stdout.strip()), 6),
}


def _edited(text):
    head, document, signature = text.split(".")
    padded = document + "=" * (-len(document) % 4)
    longer = json.loads(base64.urlsafe_b64decode(padded))
    longer["expires_at"] += 3600
    changed = base64.urlsafe_b64encode(json.dumps(longer).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_for_here_is_refused_and_the_login_goes(make, code, keys, root):
    done = use(root, make(keys))

    assert code == done.returncode
    assert "" == done.stdout
    assert done.stderr.startswith("error: ")
    assert 10 == tipstaff("enforce", "--system-root", root).returncode


def test_a_forged_line_in_the_users_file_waives_nothing(keys, root):
    use(root, waive(keys, *FOR).stdout)
    stored = root / "home/dev/.local/state/tipstaff/waivers"
    stored.write_text(waive(keys, *FOR, key="stranger").stdout + "\ngarbage\n\xe9\n")

    assert 10 == tipstaff("enforce", "--system-root", root).returncode


WRONG = {
    "not bound to a user": (("--host", "host"), 3),
    "not bound to a host": (("--host", "*", "--user", "dev"), 3),
    "too long": ((*FOR, "--for", "8d"), 3),
    "not a duration": ((*FOR, "--for", "soon"), 2),
    "no such key": ((*FOR, "--key", "/nonexistent"), 4),
}


@pytest.mark.parametrize(("words", "code"), WRONG.values(), ids=WRONG)
def test_a_waiver_that_is_too_wide_or_too_long_is_not_made(words, code, keys):
    key = () if "--key" in words else ("--key", keys / "helpdesk")

    done = tipstaff("policy", "waive", "TIP102", *WHY, *words, *key)

    assert code == done.returncode
    assert "" == done.stdout


def test_a_check_that_may_not_be_waived_is_not(keys):
    assert 3 == waive(keys, *FOR, check="TIP303").returncode


def test_a_waiver_is_added_to_a_policy_file_that_keeps_its_comments(tmp_path):
    file = tmp_path / "20-waivers.toml"
    before = (
        "# Ours\nschema = 1\n\n# The lab\n[[waivers]]\n"
        + "".join(f'{name} = "x" # {name}\n' for name in ("owner", "approver", "ticket", "reason"))
        + 'check = "TIP203"\nexpires = 2026-12-01\n'
    )
    file.write_text(before)

    done = tipstaff("policy", "waive", "TIP102", *WHY, "--for", "30d", "--into", file)

    text = file.read_text()
    assert 0 == done.returncode, done.stderr
    assert text.startswith(before)
    assert ["TIP203", "TIP102"] == [waiver["check"] for waiver in tomlkit.parse(text)["waivers"]]
    found = parse_document(File("x", text.encode(), root=False), clients_of_documents())
    assert "parsed" == found.state


@pytest.mark.parametrize("content", ["schema = [", None])
def test_a_file_that_cannot_be_edited_stays_as_it_is(content, tmp_path):
    file = tmp_path / "x.toml"
    if content is None:
        file.mkdir()
    else:
        file.write_text(content)

    done = tipstaff("policy", "waive", "TIP102", *WHY, "--into", file)

    assert done.returncode in (3, 4)
    assert content is None or content == file.read_text()


def test_a_key_with_a_passphrase_asks_for_it(tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "made-up", "-f", key], check=True)
    words = ["policy", "waive", "TIP102", *WHY, *FOR, "--key", key]

    good, bad = (tipstaff(*words, stdin=None, input=f"{word}\n") for word in ("made-up", "wrong"))

    assert 0 == good.returncode
    assert 2 == bad.returncode
    assert good.stdout.startswith("tipstaff-waiver-1.")
    assert "made-up" not in good.stdout + good.stderr + bad.stderr


def test_the_texts_are_short_enough_to_paste(keys):
    assert len(waive(keys, *FOR).stdout) < 500


def test_ssh_keygen_prints_the_fingerprint_that_reports_show(keys, root):
    use(root, waive(keys, *FOR).stdout)
    shown = run(["ssh-keygen", "-l", "-f", keys / "helpdesk.pub"]).stdout.split()[1]

    assert shown in tipstaff("waiver", "list", "--system-root", root).stdout
