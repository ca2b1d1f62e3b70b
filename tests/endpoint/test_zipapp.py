"""The guard as one file: the same verdicts, the same bytes, by whichever Python."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from example_hosts import copy_host, login_of, platform_of

import guard_zipapp
from support.machines.hosts import VERSION, run, run_guard

SCRIPT = Path(guard_zipapp.__file__)
HOSTS = (
    "api-key-under-chatgpt-only", "compliant-chatgpt", "custom-provider", "key-inside-table",
    "macos-forced", "malformed-policy", "policy-of-newer-schema", "store-chosen-by-itself",
    "two-folders", "unsigned-token", "windows-user-managed",
)  # fmt: skip
"""One for each exit code, and all that make the guard read data that comes with it."""
PYTHON = sys.executable
"""The full program is next to it, to which a guard hands over what needs it."""


def made(folder, **options):
    done = run([sys.executable, SCRIPT, "--python", PYTHON, "--out", folder], **options)
    assert 0 == done.returncode, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def zipapp(tmp_path_factory):
    return made(tmp_path_factory.mktemp("zipapp"))


def test_it_is_a_program_that_starts_isolated(zipapp):
    first = zipapp.read_bytes().partition(b"\n")[0]

    assert (f"#!{PYTHON} -IS".encode(), 0o755) == (first, zipapp.stat().st_mode & 0o7777)


def test_it_has_the_same_bytes_each_time(zipapp, tmp_path):
    again = made(tmp_path, env={"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "HOME": str(tmp_path)})

    assert zipapp.read_bytes() == again.read_bytes()


def verdict(judge, name, folder):
    """Judge a host that is in the same place each time, which a keyring's entry is named by."""
    root = copy_host(name, folder)
    home = root / Path(login_of(name)[0]).parent
    done = judge(root, "--codex-home", home, *platform_of(name))
    left = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
    shutil.rmtree(root)
    return done.returncode, done.stderr, left


@pytest.mark.parametrize("name", HOSTS)
def test_it_judges_a_host_as_the_installed_guard_does(name, zipapp, tmp_path):
    def packed(root, *words):
        return run([zipapp, *VERSION, "--system-root", root, *words])

    assert verdict(run_guard, name, tmp_path) == verdict(packed, name, tmp_path)


def test_another_python_takes_the_sources(zipapp, tmp_path):
    files = guard_zipapp.read_members(guard_zipapp.PACKAGE)
    foreign = {name: b"\0" * 4 + data[4:] for name, data in files.items() if name.endswith(".pyc")}
    place = tmp_path / "foreign.pyz"
    place.write_bytes(guard_zipapp.build_zipapp({**files, **foreign}, PYTHON))
    place.chmod(0o755)

    assert verdict_of_key(place, tmp_path / "a") == verdict_of_key(zipapp, tmp_path / "b")


def verdict_of_key(program, folder):
    root = copy_host("api-key-under-chatgpt-only", folder)
    done = run([program, *VERSION, "--system-root", root, "--codex-home", root / "home/dev/.codex"])
    return done.returncode, done.stderr.replace(str(folder), "FOLDER")


def test_without_a_full_program_beside_it_nothing_is_started(tmp_path):
    files = guard_zipapp.read_members(guard_zipapp.PACKAGE)
    alone = tmp_path / "alone.pyz"
    alone.write_bytes(guard_zipapp.build_zipapp(files, os.path.realpath(PYTHON)))
    alone.chmod(0o755)
    root = copy_host("malformed-policy", tmp_path)

    done = run([alone, *VERSION, "--system-root", root, "--", "echo", "started"])

    assert 3 == done.returncode
    assert "" == done.stdout
    assert "managed_config.toml:2" in done.stderr


def test_it_becomes_an_allowed_command(zipapp, tmp_path):
    root = copy_host("compliant-chatgpt", tmp_path)

    done = run([zipapp, *VERSION, "--system-root", root, "--", "sh", "-c", "echo out; exit 7"])

    assert 7 == done.returncode
    assert "out\n" == done.stdout


def test_it_holds_the_engine_alone(zipapp):
    with zipfile.ZipFile(zipapp) as packed:
        names = packed.namelist()

    assert {"__main__.py", "tipstaff_policy"} == {name.partition("/")[0] for name in names}
    assert [f"{name}c" for name in names if name.endswith(".py")][1:] == [
        name for name in names if name.endswith(".pyc")
    ]


@pytest.mark.parametrize("python", ["python3", "/usr/bin/env python3"])
def test_an_interpreter_that_a_path_would_choose_is_refused(python, tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--python", python, "--out", tmp_path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert 1 == done.returncode
    assert [] == list(tmp_path.iterdir())
    assert python in done.stderr
