"""Reports as files: several from one audit, all or none, and never a half one."""

import json
import os
import pty
import re
import resource
import signal
import subprocess
from contextlib import suppress

import pytest
from example_hosts import copy_host

from support.machines.hosts import BIN, VERSION, audit, make_host, run, tipstaff
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.saved import read_saved


@pytest.fixture
def root(tmp_path):
    return copy_host("wrong-workspace", tmp_path / "hosts")


def named(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_one_audit_writes_every_format(root, tmp_path):
    words = [word for form in MODULES for word in ("--report", f"{form}:{tmp_path / form}")]

    done = audit(root, *words)

    document = as_audit(read_saved((tmp_path / "json").read_bytes(), "json"))
    assert 1 == done.returncode
    assert {form: load_format(form).render(document) for form in MODULES} == {
        form: (tmp_path / form).read_bytes().decode() for form in MODULES
    }
    assert done.stdout == (tmp_path / "text").read_text()


@pytest.mark.parametrize("form", MODULES)
def test_convert_gives_the_same_bytes(form, root, tmp_path):
    saved = tmp_path / "a.json"
    audit(root, "--report", f"json:{saved}", "--report", f"{form}:{tmp_path / 'of-audit'}")

    words = ["report", "convert", saved]
    to_output = tipstaff(*words, "--to", form, encoding=None).stdout
    tipstaff(*words, "--report", f"{form}:{tmp_path / 'of-convert'}")

    assert (tmp_path / "of-audit").read_bytes() == to_output
    assert to_output == (tmp_path / "of-convert").read_bytes()


def test_a_report_is_read_from_standard_input(root):
    saved = audit(root, "--format", "json").stdout

    done = tipstaff("report", "convert", "-", "--to", "json", input=saved)

    assert saved == done.stdout


BAD_PLACES = {
    "no folder": "nowhere/a.json",
    "a folder": "x",
    "a device": "/dev/null",
    "a folder that nobody can write to": "/proc/a.json",
}


@pytest.mark.parametrize("place", BAD_PLACES.values(), ids=BAD_PLACES)
def test_an_unwritable_path_fails_before_the_audit(place, root, tmp_path):
    folder = tmp_path / "out"
    (folder / "x").mkdir(parents=True)
    good = folder / "good.json"

    done = audit(root, "--report", f"json:{good}", "--report", f"json:{folder / place}")

    assert 4 == done.returncode
    assert "" == done.stdout
    assert [] == named(folder)
    assert f"error: {folder / place}: cannot be written" in done.stderr


def test_a_full_disk_leaves_no_half_report(root, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.json").write_text("the one before")

    done = run(
        [BIN / "tipstaff", "audit", "--system-root", root, "--report", f"json:{folder / 'a.json'}"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )  # fmt: skip

    assert 4 == done.returncode
    assert ["a.json"] == named(folder)
    assert "the one before" == (folder / "a.json").read_text()
    assert "cannot be written: File too large" in done.stderr


REFUSED = {
    "unknown format": (["--report", "pdf:a"], "names no format"),
    "no path": (["--report", "json:"], "names no file"),
    "standard output": (["--report", "json:-"], "standard output by --format"),
    "a folder's name": (["--report", "json:."], "names no file"),
    "one place, spelt twice": (
        ["--report", "json:a", "--report", "csv:x/../a"],
        "would both be written",
    ),
    "one place twice": (["--report", "json:a", "--report", "ndjson:./a"], "would both be written"),
    "nothing to sign": (["--sign-key", "key"], "has nothing to sign"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused(words, said, root, tmp_path):
    (tmp_path / "x").mkdir()
    done = audit(root, *words, cwd=tmp_path)

    assert 2 == done.returncode
    assert "" == done.stdout
    assert said in done.stderr


def test_a_link_in_the_place_is_replaced_and_its_target_stays(root, tmp_path):
    target, link = tmp_path / "target", tmp_path / "a.json"
    target.write_text("kept")
    link.symlink_to(target)

    audit(root, "--report", f"json:{link}")

    assert "kept" == target.read_text()
    assert not link.is_symlink()


MODES = {
    "a new file": ("json", None, 0o640),
    "one that was there": ("json", 0o600, 0o600),
    "metrics, for a collector": ("prom", None, 0o644),
}


@pytest.mark.parametrize(("form", "before", "expected"), MODES.values(), ids=MODES)
def test_who_may_read_a_report(form, before, expected, root, tmp_path):
    path = tmp_path / "a"
    if before is not None:
        path.touch()
        path.chmod(before)

    mask = os.umask(0o027)
    try:
        audit(root, "--report", f"{form}:{path}")
    finally:
        os.umask(mask)

    assert expected == path.stat().st_mode & 0o777


def test_names_that_are_no_utf_8_are_written_out(root, tmp_path):
    os.rename(os.fsencode(root / "home/dev"), os.fsencode(root / "home") + b"/d\xffv")

    done = audit(root, "--format", "json", "--report", f"text:{tmp_path / 'a'}")

    report = json.loads(done.stdout)
    assert f"{root}/home/d\\xffv/.codex" == report["state"]["home"]
    assert "home/d\\xffv/.codex/auth.json" in (tmp_path / "a").read_text()
    converted = tipstaff("report", "convert", "-", "--to", "json", input=done.stdout)
    assert done.stdout == converted.stdout


def test_a_locale_without_utf_8_changes_nothing(root):
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    os.rename(root / "home/dev", root / "home/d\u00e9v")

    words = [BIN / "tipstaff", "audit", *VERSION, "--system-root", root]
    found = [run(words, env=variables, encoding="utf-8").stdout for variables in (None, env)]

    assert found[0] == found[1]
    assert "home/d\u00e9v" in found[0]


def on_terminal(words, env):
    """Return what a program writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, stdin=theirs, env=env) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # the other end is closed
            pass
        process.wait()
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


PLAIN = {
    "NO_COLOR": {"NO_COLOR": "1", "TERM": "xterm"},
    "a dumb terminal": {"TERM": "dumb"},
}


def test_text_has_colours_at_a_terminal_and_the_same_words(root):
    words = [BIN / "tipstaff", "audit", *VERSION, "--system-root", root]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "40"}
    env.pop("NO_COLOR", None)
    plain = run(words, env=env).stdout

    coloured = on_terminal(words, env)

    assert "\x1b[1;31mNOT COMPLIANT\x1b[0m" in coloured
    assert plain == re.sub(r"\x1b\[[0-9;]*m", "", coloured)


@pytest.mark.parametrize("variables", PLAIN.values(), ids=PLAIN)
def test_colour_can_be_turned_off(variables, root):
    words = [BIN / "tipstaff", "audit", *VERSION, "--system-root", root]

    assert run(words).stdout == on_terminal(words, {**os.environ, **variables})


def test_json_has_no_colour_at_a_terminal(tmp_path):
    words = [
        BIN / "tipstaff",
        "audit",
        *VERSION,
        "--system-root",
        make_host(tmp_path / "host"),
        "--format",
        "json",
    ]

    assert "\x1b" not in on_terminal(words, {**os.environ, "TERM": "xterm"})


LEFT_OUT = {
    "text": "",
    "json": "",
    "csv": "tipstaff: csv leaves out settings, credentials, the state, the decision's reason; json contains everything\n",
}


@pytest.mark.parametrize(("form", "said"), LEFT_OUT.items())
def test_a_format_says_what_it_has_no_place_for(form, said, root):
    assert said == audit(root, "--format", form).stderr


def test_nothing_is_left_out_where_json_is_written_too(root, tmp_path):
    assert "" == audit(root, "--format", "csv", "--report", f"json:{tmp_path / 'a'}").stderr


def test_ctrl_c_leaves_nothing(root, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    words = [BIN / "tipstaff", "report", "merge", "-", "--report", f"json:{folder / 'a'}"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not any(folder.iterdir()):
            assert process.poll() is None

        while process.poll() is None:  # one that comes right before the read is only seen after it
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)  # a second one, while it ends, would end it in another way

    assert 130 == process.returncode
    assert [] == list(folder.iterdir())
