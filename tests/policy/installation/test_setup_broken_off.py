"""Broken off anywhere: the client starts, and the next run ends what was begun."""

import functools
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from support.machines.setups import (
    CLIENT,
    ENTRY,
    MAC_ENTRY,
    installed,
    mac_tree,
    snapshot,
    started,
    tree,
    uninstalled,
)
from tipstaff_policy import errors
from tipstaff_policy.installation import apply
from tipstaff_policy.installation.platforms.linux import PLACES

MEMORY = "/dev/shm"


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch):
    """A kill does not lose what was written; only a power cut would."""
    monkeypatch.setattr(os, "fsync", {}.get)


def test_one_installation_runs_at_a_time(tmp_path):
    import fcntl

    root = tree(tmp_path)
    (root / PLACES.state[1:]).mkdir()
    descriptor = os.open(root / PLACES.state[1:], os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    with pytest.raises(errors.StoreLockedError):
        installed(root)

    os.close(descriptor)
    assert 0 == installed(root).exit_code


EVENTS = (
    "open", "os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.chmod",
)  # fmt: skip
"""Of the audit hook; each comes before its system call, so that a kill falls between two calls."""


@pytest.fixture
def in_memory(tmp_path):
    """A folder that is fast to fill and to empty, where this machine has one."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.mark.parametrize("act", [apply.copy, apply.move])
def test_a_client_passes_from_one_file_system_to_another_as_it_is(act, in_memory, tmp_path):
    if in_memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is only one file system")
    (tmp_path / "codex").write_text(CLIENT)
    (tmp_path / "codex").chmod(0o751)

    act(str(tmp_path / "codex"), str(in_memory / "codex"))

    moved = (in_memory / "codex").stat()
    assert CLIENT == (in_memory / "codex").read_text()
    assert 0o751 == moved.st_mode & 0o777
    assert (act is apply.copy) == (tmp_path / "codex").exists()
    assert ["codex"] == [path.name for path in in_memory.iterdir()]


def test_a_copy_that_was_being_put_back_counts_once(tmp_path):
    """Killed between the copy from another file system and the end of the one aside."""
    root = tree(tmp_path, "file")
    clean = snapshot(root)
    installed(root)
    shutil.copy2(root / f"{PLACES.aside}{ENTRY}"[1:], root / "new")
    (root / "new").rename(root / ENTRY[1:])

    uninstalled(root)

    assert clean == snapshot(root)


def killed_at(number, act):
    """Run a function in a child that is killed at its n-th call; return whether it was."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    seen = [0]

    def count(event, args):
        if event in EVENTS:
            seen[0] += 1
            if seen[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    try:
        act()
    finally:
        os._exit(0)


ACTS = {
    "install a link": ("link", snapshot, installed),
    "install a file": ("file", snapshot, installed),
    "upgrade": ("link", installed, functools.partial(installed, version="0.2.0")),
    "uninstall a link": ("link", installed, uninstalled),
    "uninstall a file": ("file", installed, uninstalled),
}
QUICK = ("install a link", "uninstall a file")
"""What `make test` does; the others take as long, and are done by `make test-rest`."""


@pytest.mark.parametrize(
    ("kind", "before", "killed"),
    [
        pytest.param(*act, marks=() if name in QUICK else pytest.mark.rest, id=name)
        for name, act in ACTS.items()
    ],
)
def test_killed_at_any_call_the_client_starts_and_the_next_run_ends_it(
    kind, before, killed, in_memory
):
    kill_everywhere(tree(in_memory, kind), before, killed, in_memory)


@pytest.mark.rest
@pytest.mark.parametrize(("kind", "before", "killed"), ACTS.values(), ids=ACTS)
def test_killed_at_any_call_a_macs_client_starts_and_the_next_run_ends_it(
    kind, before, killed, in_memory
):
    template = mac_tree(in_memory, kind)
    kill_everywhere(template, before, killed, in_memory, MAC_ENTRY, platform="macos")


def kill_everywhere(template, before, killed, in_memory, entry=ENTRY, **how):
    """Kill what is done at each of its calls in turn; then end it, and undo it."""
    clean, wholes = snapshot(template), []
    before(template, **({} if before is snapshot else how))
    number, was_killed = 0, True
    while was_killed:
        number += 1
        root, again = (in_memory / f"{number}{suffix}" for suffix in ("", "-undone"))
        shutil.copytree(template, root, symlinks=True)
        was_killed = killed_at(number, functools.partial(killed, root, **how))
        assert "echo started" in started(root, entry)[0], f"killed at call {number}"

        shutil.copytree(root, again, symlinks=True)
        installed(root, version="0.2.0", **how)
        uninstalled(again, version="0.2.0", **how)

        wholes += [] if snapshot(root) in wholes else [snapshot(root)]
        assert 1 == len(wholes), f"killed at call {number}, then installed"
        assert clean == snapshot(again), f"killed at call {number}, then uninstalled"
        shutil.rmtree(root)
        shutil.rmtree(again)
    assert number > 20
