"""Bad input: what, where, expected, what to do; nothing removed; no traceback; no hang."""

import json
import os

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import (
    BIN,
    FORCED_CHATGPT,
    VERSION,
    audit,
    credential,
    enforce,
    make_host,
    run,
    run_guard,
    tipstaff,
)

REQUIRED = 'allowed_login_methods = ["chatgpt"]\n'


def directory(path):
    path.unlink(missing_ok=True)
    path.mkdir()


def fifo(path):
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def circle(path):
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)


def huge(path):
    with path.open("wb") as file:
        file.truncate(300 << 20)


def content(data):
    return lambda path: path.write_bytes(data)


POLICIES = {
    "malformed": (content(b'a = 1\nb = "\n'), 3, "managed_config.toml:2"),
    "wrong type": (content(b"\nforced_login_method = 5\n"), 3, "managed_config.toml:2"),
    "wrong case": (content(b'forced_login_method = "ChatGPT"\n'), 3, "managed_config.toml:1"),
    "a directory": (directory, 3, "is a directory"),
    "a pipe": (fifo, 3, "is a fifo"),
    "a link in a circle": (circle, 3, "symbolic links"),
    "not UTF-8": (content(b'a = 1\nb = "\xff"\n'), 3, "managed_config.toml:2"),
    "300 MB": (huge, 4, "larger than"),
    "20,000 deep": (content(b"x = " + b"[" * 20_000), 3, "nested deeper"),
    "200 deep": (content(b"x = " + b"[" * 200 + b"]" * 200), 3, "nested deeper"),
    "two keys": (content(b"a = 1\na = 2\n"), 3, "managed_config.toml:2"),
}
CREDENTIALS = {
    "malformed": (content(b'{"a": '), 4),
    "wrong type": (content(b'{"OPENAI_API_KEY": 5}'), 4),
    "wrong case": (content(b'{"auth_mode": "ApiKey"}'), 4),
    "a directory": (directory, 4),
    "a pipe": (fifo, 4),
    "a link in a circle": (circle, 4),
    "not UTF-8": (content(b'{"OPENAI_API_KEY": "\xff"}'), 4),
    "300 MB": (huge, 4),
    "20,000 deep": (content(b"[" * 20_000), 4),
}


def programs(root):
    return (audit(root), enforce(root), run_guard(root))


@pytest.mark.parametrize(("lay", "code", "text"), POLICIES.values(), ids=POLICIES)
def test_a_bad_policy_stops_every_program_and_removes_nothing(lay, code, text, tmp_path):
    root = make_host(tmp_path / "host", requirements=REQUIRED)
    lay(root / "etc/codex/managed_config.toml")

    for done in programs(root):
        assert code == done.returncode
        assert text in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert API_KEY == credential(root).read_text()


@pytest.mark.parametrize(("lay", "code"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_bad_credential_is_never_compliant_and_never_removed(lay, code, tmp_path):
    root = make_host(tmp_path / "host", requirements=REQUIRED)
    lay(credential(root))

    for done in programs(root):
        assert code == done.returncode
        assert "auth.json" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert os.path.lexists(credential(root))
    assert json.loads(audit(root, "--format", "json").stdout)["summary"]["compliant"] is False


def test_a_login_of_any_depth_is_judged_as_the_client_reads_it(tmp_path):
    deep = b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b', "OPENAI_API_KEY": "made-up"}'
    root = make_host(tmp_path / "host", requirements=REQUIRED, auth=deep)

    assert 10 == enforce(root).returncode


@pytest.mark.parametrize("where", ["etc/codex/requirements.toml", "home/dev/.codex/auth.json"])
def test_no_permission_to_read_is_an_error(where, tmp_path):
    root = make_host(tmp_path / "host", requirements=REQUIRED)
    (root / where).chmod(0)
    drop = ["setpriv", "--bounding-set=-all"] if os.getuid() == 0 else []

    done = run([*drop, BIN / "tipstaff", "audit", *VERSION, "--system-root", root])

    assert (3 if "etc" in where else 4) == done.returncode
    assert "Permission denied" in done.stdout


USAGE = {
    "no such option": ["--nonsense"],
    "no such format": ["--format", "xml"],
    "no such check": ["--select", "TIP999"],
    "no such severity": ["--fail-on", "grave"],
    "no such client": ["--client", "other"],
    "no version": ["--client", "codex", "--client-version", "new"],
    "flag without value": ["-c", "forced_login_method"],
    "flag without key": ["-c", "=x"],
    "no such root": ["--system-root", "/nowhere/at/all"],
}


@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_a_usage_error_is_2_and_writes_no_report(words):
    done = tipstaff("audit", *words)

    assert 2 == done.returncode
    assert "" == done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_several_homes_in_an_image_must_be_chosen_from(tmp_path):
    root = make_host(tmp_path / "host")
    (root / "home/other/.codex").mkdir(parents=True)

    assert 2 == audit(root).returncode
    assert 1 == audit(root, "--codex-home", root / "home/dev/.codex").returncode


def test_an_absolute_link_stays_inside_the_image(tmp_path):
    root = make_host(tmp_path / "host")
    (root / "opt").mkdir()
    (root / "opt/policy.toml").write_text(FORCED_CHATGPT)
    (root / "etc/codex/managed_config.toml").symlink_to("/opt/policy.toml")

    report = json.loads(audit(root, "--format", "json").stdout)

    assert "log_out" == report["decision"]["verdict"]


EXITS = {
    "compliant": (chatgpt("ws-a"), REQUIRED, [], 0),
    "findings": (API_KEY, REQUIRED, [], 1),
    "findings below the threshold": (API_KEY, None, ["--fail-on", "critical"], 0),
    "never": (API_KEY, REQUIRED, ["--fail-on", "never"], 0),
    "exit zero": (API_KEY, REQUIRED, ["--exit-zero"], 0),
    "exit zero does not hide an error": ("{", REQUIRED, ["--exit-zero"], 4),
    "ignored": (API_KEY, REQUIRED, ["--ignore", "TIP101,TIP4"], 0),
    "selected by family": (API_KEY, REQUIRED, ["--select", "TIP2"], 0),
    "nothing to check": (None, REQUIRED, ["--select", "TIP101"], 5),
    "old client": (API_KEY, REQUIRED, ["--client", "codex", "--client-version", "0.129.0"], 4),
}


@pytest.mark.parametrize(("auth", "requirements", "words", "code"), EXITS.values(), ids=EXITS)
def test_the_exit_code_says_what_was_found(auth, requirements, words, code, tmp_path):
    root = make_host(tmp_path / "host", auth=auth, requirements=requirements)

    assert code == audit(root, *words).returncode


def test_a_selection_is_never_called_compliant(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), requirements=REQUIRED)

    report = json.loads(audit(root, "--format", "json", "--select", "TIP101").stdout)

    assert report["summary"]["compliant"] is None
    assert ["TIP101"] == report["run"]["selected"]


def test_a_closed_pipe_is_141(tmp_path):
    root = make_host(tmp_path / "host")
    reading, writing = os.pipe()
    os.close(reading)

    done = run(
        [BIN / "tipstaff", "audit", "--system-root", root], capture_output=False, stdout=writing
    )

    os.close(writing)
    assert 141 == done.returncode


def test_a_full_disk_is_4(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), requirements=REQUIRED)
    with open("/dev/full", "w") as full:
        done = run(
            [BIN / "tipstaff", "audit", "--system-root", root], capture_output=False, stdout=full
        )

    assert 4 == done.returncode


def test_an_internal_error_is_70_and_shows_no_traceback(monkeypatch, capsys):
    # No input is known that makes one; so the fault is put in by hand.
    from tipstaff_cli import main
    from tipstaff_cli.commands import audit as module

    monkeypatch.setattr(module, "select_checks", lambda *_: 1 / 0)
    monkeypatch.setattr("sys.argv", ["tipstaff", "audit"])

    assert 70 == main.main()
    assert "error: internal error (ZeroDivisionError)\n" == capsys.readouterr().err


OF_AN_IMAGE = (
    "audit",
    "enforce --dry-run",
    "logout --dry-run --client codex",
    "why",
    "doctor",
    "watch --client codex",
    "policy show",
    "policy explain allowed_login_methods",
    "credentials list --client codex",
    "credentials find --client codex",
    "client list",
    "waiver list --client codex",
)


@pytest.mark.parametrize("words", OF_AN_IMAGE)
def test_a_folder_that_is_no_system_root_is_refused_as_one(words, tmp_path):
    (tmp_path / "notes").mkdir()

    done = tipstaff(*words.split(), "--system-root", tmp_path)

    assert 2 == done.returncode, done.stdout
    assert "" == done.stdout
    assert f"{tmp_path} is no system root: it has none of etc, home" in done.stderr


def test_the_guard_refuses_a_folder_that_is_no_system_root(tmp_path):
    done = run_guard(tmp_path)

    assert 2 == done.returncode
    assert "is no system root" in done.stderr


@pytest.mark.parametrize("name", ["etc", "home", "root", "Users", "Library", "ProgramData"])
def test_a_folder_with_one_folder_of_a_host_is_a_system_root(name, tmp_path):
    (tmp_path / name).mkdir()

    assert "no system root" not in audit(tmp_path).stderr
