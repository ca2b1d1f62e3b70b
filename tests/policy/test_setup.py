"""Installing and uninstalling on a tree: whole, exact, and at no instant without a client."""

import functools
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from clients import install as install_client
from clients import install_bare
from setups import ENTRY, GUARD, PYTHON, make_tree, snapshot, started, wanted
from tipstaff_policy import errors
from tipstaff_policy.setup import applying
from tipstaff_policy.setup.model import ASIDE, MANIFEST, STATE
from tipstaff_policy.setup.running import install, look, uninstall
from tipstaff_policy.setup.status import tell_status

CLIENT = "#!/bin/sh\necho started 0.160.0\n"
UNIT = "usr/local/lib/systemd/system/tipstaff-enforce.timer"
PACKAGE = "usr/lib/node_modules/@openai/codex"
MEMORY = "/dev/shm"
KINDS = {"link": install_client, "file": install_bare}


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch):
    """A kill does not lose what was written; only a power cut would."""
    monkeypatch.setattr(os, "fsync", {}.get)


def tree(folder, kind="link"):
    root = make_tree(folder / "root")
    KINDS[kind](root / "usr")
    return root


def installed(root, **how):
    return install(str(root), wanted(**how), dry_run=False)


def uninstalled(root, **how):
    return uninstall(str(root), wanted(**how), dry_run=False)


def bad(root, version="0.1.0"):
    symptoms = tell_status(look(str(root), wanted(version), ()))
    return [f"{each.name}: {each.observed}" for each in symptoms if each.mark == "bad"]


def remembered(root):
    return (root / MANIFEST[1:]).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_an_uninstall_leaves_what_was_there_before(kind, tmp_path):
    root = tree(tmp_path, kind)
    before = snapshot(root)

    first, guarded = installed(root), started(root)
    last = uninstalled(root)

    assert (0, "guarded", 0) == (first.exit_code, guarded[1], last.exit_code)
    assert before == snapshot(root)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_installation_changes_nothing(kind, tmp_path):
    root = tree(tmp_path, kind)
    installed(root)
    before = snapshot(root)

    assert ((), 0) == installed(root)
    assert before == snapshot(root)
    assert [] == bad(root)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_changes_nothing_and_says_the_steps_that_follow(kind, tmp_path):
    root = tree(tmp_path, kind)
    before = snapshot(root)

    planned = install(str(root), wanted(), dry_run=True)
    untouched = before == snapshot(root)
    done = installed(root)

    assert untouched
    assert [each.step for each in planned.steps] == [each.step for each in done.steps]
    assert {"planned"} == {each.outcome for each in planned.steps}


def test_everything_is_readable_by_all_whatever_the_umask(tmp_path):
    root = tree(tmp_path)
    before = os.umask(0o077)
    try:
        installed(root)
    finally:
        os.umask(before)

    made = [each for each in root.rglob("*") if "tipstaff" in str(each.relative_to(root))]
    modes = {
        (each.is_dir(), oct(each.stat().st_mode & 0o777)) for each in made if not each.is_symlink()
    }
    assert {(True, "0o755"), (False, "0o644"), (False, "0o755")} >= modes


def test_an_upgrade_writes_its_own_shim_and_forgets_what_it_no_longer_wants(tmp_path):
    root = tree(tmp_path)
    before = snapshot(root)
    installed(root)

    stale = bad(root, "0.2.0")
    installed(root, version="0.2.0", units=False)

    assert any(f"shim {ENTRY}: is of Tipstaff 0.1.0" in each for each in stale)
    assert b"shim 0.2.0" in (root / ENTRY[1:]).read_bytes()
    assert not (root / UNIT).exists()
    assert [] == bad(root, "0.2.0")
    uninstalled(root, version="0.2.0")
    assert {**before} == {key: each for key, each in snapshot(root).items() if key in before}


def test_an_update_of_the_client_that_replaces_the_shim_is_seen_and_mended(tmp_path):
    """What `npm update -g` does, seen with npm 11: the folder and the link are made anew."""
    root = tree(tmp_path)
    installed(root)
    (root / ENTRY[1:]).unlink()
    (root / ENTRY[1:]).symlink_to("../lib/node_modules/@openai/codex/bin/codex.js")
    (root / PACKAGE / "bin/codex.js").write_text("new")

    seen = bad(root)
    again = installed(root)

    assert any("was replaced by a client" in each for each in seen)
    assert (0, ("new", "guarded"), []) == (again.exit_code, started(root), bad(root))


def test_a_client_set_aside_as_a_file_gives_way_to_its_update(tmp_path):
    root = tree(tmp_path, "file")
    installed(root)
    (root / ENTRY[1:]).unlink()
    (root / ENTRY[1:]).write_text("new")
    (root / ENTRY[1:]).chmod(0o755)

    installed(root)

    assert ("new", "guarded") == started(root)


def test_an_update_of_the_package_alone_needs_nothing(tmp_path):
    root = tree(tmp_path)
    installed(root)
    (root / PACKAGE / "bin/codex.js").write_text("new")

    assert ("new", "guarded") == started(root)
    assert [] == bad(root)


def test_a_client_that_was_uninstalled_takes_its_shim_along(tmp_path):
    root = tree(tmp_path)
    installed(root)
    (root / PACKAGE / "bin/codex.js").unlink()

    seen = bad(root)
    installed(root)

    assert any("blocks: the client behind it is gone" in each for each in seen)
    assert not os.path.lexists(root / ENTRY[1:])
    assert [] == bad(root)


def test_a_shim_that_was_edited_is_mended(tmp_path):
    root = tree(tmp_path)
    installed(root)
    shim = root / ENTRY[1:]
    shim.write_text(shim.read_text() + "# mine\n")

    seen = bad(root)
    installed(root)

    assert any("was edited" in each for each in seen)
    assert ([], "guarded") == (bad(root), started(root)[1])


def test_an_uninstall_replaces_an_edited_shim_and_keeps_a_copy_of_it(tmp_path):
    root = tree(tmp_path)
    installed(root)
    shim = root / ENTRY[1:]
    shim.write_text(edited := shim.read_text() + "# mine\n")

    uninstalled(root)

    assert (CLIENT, "bare") == started(root)
    assert edited == (root / f"{ASIDE}{ENTRY}.edited"[1:]).read_text()


def test_an_uninstall_leaves_what_others_have_changed_and_says_so(tmp_path):
    root = tree(tmp_path)
    installed(root)
    (root / UNIT).write_text("[Service]\nExecStart=/bin/true\n")
    (root / ENTRY[1:]).unlink()
    (root / ENTRY[1:]).write_text("a wrapper of ours")

    done = uninstalled(root)

    assert {f"/{UNIT}", ENTRY} == {each.step.path for each in done.steps if each.outcome == "left"}
    assert "ExecStart=/bin/true" in (root / UNIT).read_text()
    assert "a wrapper of ours" == (root / ENTRY[1:]).read_text()
    assert not remembered(root)


def test_a_unit_of_somebody_else_is_neither_overwritten_nor_removed(tmp_path):
    root = tree(tmp_path)
    (root / UNIT).parent.mkdir(parents=True)
    (root / UNIT).write_text("theirs")

    done = installed(root)
    uninstalled(root)

    assert errors.FINDINGS_EXIT == done.exit_code
    assert "theirs" == (root / UNIT).read_text()


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"version": "1"}'])
def test_without_its_list_an_uninstall_still_leaves_no_shim(content, tmp_path):
    root = tree(tmp_path)
    installed(root)
    (root / MANIFEST[1:]).unlink()
    if content is not None:
        (root / MANIFEST[1:]).write_bytes(content)

    uninstalled(root)

    assert (CLIENT, "bare") == started(root)
    assert not (root / UNIT).exists()


def test_a_folder_that_others_can_write_to_gets_no_shim(tmp_path):
    root = tree(tmp_path)
    (root / "usr/bin").chmod(0o777)

    done = installed(root)

    assert errors.FINDINGS_EXIT == done.exit_code
    assert (CLIENT, "bare") == started(root)
    assert any("others" in each.step.detail for each in done.steps if each.outcome == "left")


def test_a_link_that_leads_to_a_shim_stays(tmp_path):
    root = tree(tmp_path)
    (root / "usr/local/bin").mkdir()
    (root / "usr/local/bin").chmod(0o755)
    (root / "usr/local/bin/codex").symlink_to("/usr/bin/codex")
    (root / "bin").symlink_to("usr/bin")

    installed(root)

    assert (root / "usr/local/bin/codex").is_symlink()
    assert "guarded" == started(root, "/usr/local/bin/codex")[1]
    assert (root / f"{ASIDE}{ENTRY}"[1:]).is_symlink()
    assert not (root / f"{ASIDE}/usr/local"[1:]).exists()


def test_a_further_folder_is_remembered(tmp_path):
    root = tree(tmp_path)
    install_client(root / "opt/node")

    installed(root, folders=("/opt/node/bin",))
    again = installed(root)
    guarded = started(root, "/opt/node/bin/codex")
    uninstalled(root)

    assert ((), "guarded") == (again.steps, guarded[1])
    assert (CLIENT, "bare") == started(root, "/opt/node/bin/codex")


@pytest.mark.parametrize(
    ("path", "mode"),
    [(GUARD, 0o666), (PYTHON, 0o777), (GUARD, 0o600), (PYTHON, 0o744), ("/opt", 0o700)],
)
def test_a_guard_that_others_could_change_or_not_use_is_refused(path, mode, tmp_path):
    root = tree(tmp_path)
    (root / path[1:]).chmod(mode)
    before = snapshot(root)

    with pytest.raises(errors.EvaluationError, match="guarded by it"):
        installed(root)

    assert before == snapshot(root)


@pytest.mark.parametrize("path", [GUARD, PYTHON])
def test_a_guard_that_is_not_there_is_refused(path, tmp_path):
    root = tree(tmp_path)
    (root / path[1:]).unlink()

    with pytest.raises(errors.EvaluationError, match="does not exist"):
        installed(root)


def test_a_host_without_a_client_gets_its_shim_with_the_first_client(tmp_path):
    root = make_tree(tmp_path / "root")
    installed(root)
    before = started(root)
    install_client(root / "usr2")
    os.rename(root / "usr2/lib/node_modules", root / "usr/lib/node_modules")
    (root / ENTRY[1:]).symlink_to("../lib/node_modules/@openai/codex/bin/codex.js")

    installed(root)

    assert (None, "guarded") == (before, started(root)[1])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda root: (root / ENTRY[1:]).unlink(), "is gone, as after"),
        (lambda root: (root / f"{ASIDE}{ENTRY}"[1:]).unlink(), "blocks"),
        (lambda root: (root / GUARD[1:]).unlink(), "does not exist"),
        (lambda root: (root / PYTHON[1:]).chmod(0o744), "cannot be used by everybody"),
        (lambda root: (root / GUARD[1:]).chmod(0o666), "is writable by others"),
        (lambda root: (root / ENTRY[1:]).chmod(0o644), "does not run"),
        (lambda root: (root / UNIT).unlink(), "is gone"),
        (lambda root: (root / UNIT).write_text("x"), "was changed"),
        (lambda root: (root / MANIFEST[1:]).unlink(), "there is none"),
        (lambda root: (root / MANIFEST[1:]).write_text("{}"), "was changed"),
    ],
)
def test_a_status_names_what_is_not_as_installed(change, says, tmp_path):
    root = tree(tmp_path)
    installed(root)
    change(root)

    assert any(says in each for each in bad(root))


def test_one_installation_runs_at_a_time(tmp_path):
    import fcntl

    root = tree(tmp_path)
    (root / STATE[1:]).mkdir()
    descriptor = os.open(root / STATE[1:], os.O_RDONLY)
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


@pytest.mark.parametrize("act", [applying.copy, applying.move])
def test_a_client_passes_from_one_file_system_to_another_as_it_is(act, in_memory, tmp_path):
    if in_memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is only one file system")
    (tmp_path / "codex").write_text(CLIENT)
    (tmp_path / "codex").chmod(0o751)

    act(str(tmp_path / "codex"), str(in_memory / "codex"))

    moved = (in_memory / "codex").stat()
    assert (CLIENT, 0o751) == ((in_memory / "codex").read_text(), moved.st_mode & 0o777)
    assert (act is applying.copy) == (tmp_path / "codex").exists()
    assert ["codex"] == [each.name for each in in_memory.iterdir()]


def test_a_copy_that_was_being_put_back_counts_once(tmp_path):
    """Killed between the copy from another file system and the end of the one aside."""
    root = tree(tmp_path, "file")
    clean = snapshot(root)
    installed(root)
    shutil.copy2(root / f"{ASIDE}{ENTRY}"[1:], root / "new")
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


@pytest.mark.parametrize(("kind", "before", "killed"), ACTS.values(), ids=ACTS)
def test_killed_at_any_call_the_client_starts_and_the_next_run_ends_it(
    kind, before, killed, in_memory
):
    template = tree(in_memory, kind)
    clean, wholes = snapshot(template), []
    before(template)
    number, was_killed = 0, True
    while was_killed:
        number += 1
        root, again = (in_memory / f"{number}{each}" for each in ("", "-undone"))
        shutil.copytree(template, root, symlinks=True)
        was_killed = killed_at(number, functools.partial(killed, root))
        assert "echo started" in started(root)[0], f"killed at call {number}"

        shutil.copytree(root, again, symlinks=True)
        installed(root, version="0.2.0")
        uninstalled(again, version="0.2.0")

        wholes += [] if snapshot(root) in wholes else [snapshot(root)]
        assert 1 == len(wholes), f"killed at call {number}, then installed"
        assert clean == snapshot(again), f"killed at call {number}, then uninstalled"
        shutil.rmtree(root)
        shutil.rmtree(again)
    assert number > 20
