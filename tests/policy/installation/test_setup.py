"""Installing and uninstalling on a tree: whole, exact, and at no instant without a client."""

import os

import pytest

from clients import install as install_client
from setups import (
    CLIENT,
    ENTRY,
    GUARD,
    KINDS,
    PACKAGE,
    PYTHON,
    UNIT,
    bad,
    installed,
    make_tree,
    snapshot,
    started,
    tree,
    uninstalled,
    wanted,
)
from tipstaff_policy import errors
from tipstaff_policy.installation.commands import install
from tipstaff_policy.installation.platforms.linux import PLACES


def remembered(root):
    return (root / PLACES.manifest[1:]).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_an_uninstall_leaves_what_was_there_before(kind, tmp_path):
    root = tree(tmp_path, kind)
    before = snapshot(root)

    first, guarded = installed(root), started(root)
    last = uninstalled(root)

    assert 0 == first.exit_code
    assert "guarded" == guarded[1]
    assert 0 == last.exit_code
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
    assert [step.step for step in planned.steps] == [step.step for step in done.steps]
    assert {"planned"} == {step.outcome for step in planned.steps}


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
    assert 0 == again.exit_code
    assert ("new", "guarded") == started(root)
    assert [] == bad(root)


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
    assert [] == bad(root)
    assert "guarded" == started(root)[1]


def test_an_uninstall_replaces_an_edited_shim_and_keeps_a_copy_of_it(tmp_path):
    root = tree(tmp_path)
    installed(root)
    shim = root / ENTRY[1:]
    shim.write_text(edited := shim.read_text() + "# mine\n")

    uninstalled(root)

    assert (CLIENT, "bare") == started(root)
    assert edited == (root / f"{PLACES.aside}{ENTRY}.edited"[1:]).read_text()


def test_an_uninstall_leaves_what_others_have_changed_and_says_so(tmp_path):
    root = tree(tmp_path)
    installed(root)
    (root / UNIT).write_text("[Service]\nExecStart=/bin/true\n")
    (root / ENTRY[1:]).unlink()
    (root / ENTRY[1:]).write_text("a wrapper of ours")

    done = uninstalled(root)

    assert {f"/{UNIT}", ENTRY} == {step.step.path for step in done.steps if step.outcome == "left"}
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
    (root / PLACES.manifest[1:]).unlink()
    if content is not None:
        (root / PLACES.manifest[1:]).write_bytes(content)

    uninstalled(root)

    assert (CLIENT, "bare") == started(root)
    assert not (root / UNIT).exists()


def test_a_folder_that_others_can_write_to_gets_no_shim(tmp_path):
    root = tree(tmp_path)
    (root / "usr/bin").chmod(0o777)

    done = installed(root)

    assert errors.FINDINGS_EXIT == done.exit_code
    assert (CLIENT, "bare") == started(root)
    assert any("others" in step.step.detail for step in done.steps if step.outcome == "left")


def test_a_link_that_leads_to_a_shim_stays(tmp_path):
    root = tree(tmp_path)
    (root / "usr/local/bin").mkdir()
    (root / "usr/local/bin").chmod(0o755)
    (root / "usr/local/bin/codex").symlink_to("/usr/bin/codex")
    (root / "bin").symlink_to("usr/bin")

    installed(root)

    assert (root / "usr/local/bin/codex").is_symlink()
    assert "guarded" == started(root, "/usr/local/bin/codex")[1]
    assert (root / f"{PLACES.aside}{ENTRY}"[1:]).is_symlink()
    assert not (root / f"{PLACES.aside}/usr/local"[1:]).exists()


def test_a_further_folder_is_remembered(tmp_path):
    root = tree(tmp_path)
    install_client(root / "opt/node")

    installed(root, folders=("/opt/node/bin",))
    again = installed(root)
    guarded = started(root, "/opt/node/bin/codex")
    uninstalled(root)

    assert () == again.steps
    assert "guarded" == guarded[1]
    assert (CLIENT, "bare") == started(root, "/opt/node/bin/codex")


@pytest.mark.parametrize(
    ("path", "mode"),
    [(GUARD, 0o666), (PYTHON, 0o777), (GUARD, 0o600), (PYTHON, 0o744), ("/opt", 0o700)],
)
def test_a_guard_that_others_could_change_or_not_use_is_refused(path, mode, tmp_path):
    root = tree(tmp_path)
    (root / path[1:]).chmod(mode)
    before = snapshot(root)

    with pytest.raises(errors.EvaluationError, match="cannot guard all users"):
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

    assert before is None
    assert "guarded" == started(root)[1]
