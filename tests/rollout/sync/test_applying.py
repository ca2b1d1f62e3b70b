"""Files come as one: a run that is killed anywhere leaves the old ones, or the next completes it."""

import os
import shutil
import signal
import sys

import pytest

from support.artefacts.publishers import (
    CA,
    FILES,
    LAST_GOOD,
    MANAGED,
    POLICY,
    REQUIREMENTS,
    STATE,
    document,
)
from tipstaff_policy import errors
from tipstaff_policy.installation.survey import place_of
from tipstaff_rollout.sync import applying
from tipstaff_rollout.sync.applying import Change, FileSet, Host

EVENTS = ("open", "os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.chmod")
"""Of the audit hook; each comes before its system call, so that a kill falls between two calls."""
WRITES = os.O_WRONLY | os.O_RDWR
OLD = FileSet("example", "1", "sha256:1", 1, (("/etc/a/one", b"1"), ("/etc/b/two", b"1")))
NEW = FileSet("example", "2", "sha256:2", 2, (("/etc/a/one", b"2"), ("/etc/c/three", b"2")))


def host(folder):
    return Host(str(folder), "linux")


def lying(folder):
    """Return what is outside of the state, unfinished files too."""
    found = {f"/{path.relative_to(folder)}": path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if STATE not in name}


def killed_at(step, act, folder):
    """Act in a process that dies at one of its steps below a folder; return whether it lived."""
    child = os.fork()
    if child == 0:
        left = iter(range(step))

        def die(event, given):
            if event not in EVENTS or not any(str(folder) in str(argument) for argument in given):
                return
            if (event != "open" or given[2] & WRITES) and next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(die)
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL)
    return status == 0


def test_killed_at_any_step_all_is_old_or_the_next_run_completes_it(tmp_path):
    ends = []
    for step in range(200):
        folder = tmp_path / str(step)
        with applying.run_alone(host(folder)):
            applying.apply(host(folder), OLD)

        lived = killed_at(step, lambda: applying.apply(host(folder), NEW), folder)  # noqa: B023
        pending = os.path.exists(place_of(str(folder), host(folder).pending))
        with applying.run_alone(host(folder)):
            applying.complete(host(folder))
        ends.append((pending, tuple(sorted(lying(folder).items()))))
        if lived:
            break

    old, begun, new = (False, OLD.files), (True, NEW.files), (False, NEW.files)
    assert lived
    assert {old, begun, new} == set(ends)
    assert ends == sorted(ends, key=[old, begun, new].index)  # never back
    assert ends.count(begun) > 5


def test_a_completed_set_leaves_nothing_of_itself(tmp_path):
    with applying.run_alone(host(tmp_path)):
        applying.apply(host(tmp_path), NEW)

    assert ["applied.json"] == os.listdir(tmp_path / STATE)
    assert 0o700 == os.stat(tmp_path / STATE).st_mode & 0o777
    assert 0o600 == os.stat(tmp_path / STATE / "applied.json").st_mode & 0o777
    assert NEW == applying.read_set(host(tmp_path), host(tmp_path).applied)


def test_one_run_at_a_time(tmp_path):
    with (
        applying.run_alone(host(tmp_path)),
        pytest.raises(errors.StoreLockedError),
        applying.run_alone(host(tmp_path)),
    ):
        pass


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"example"', '"another"').replace("/etc/a", "/etc/x", 1) + "x",
        lambda _: "[]",
        lambda text: text.replace('"schema_version": "1"', '"schema_version": "2"'),
    ],
)
def test_a_set_that_somebody_has_changed_is_not_put_in_place(edit, tmp_path):
    with applying.run_alone(host(tmp_path)):
        applying.apply(host(tmp_path), OLD)
    place = tmp_path / STATE / "pending.json"
    place.write_text(edit((tmp_path / STATE / "applied.json").read_text()))

    with pytest.raises(errors.IntegrityError):
        applying.complete(host(tmp_path))

    assert dict(OLD.files) == lying(tmp_path)


def changed(result):
    return {
        change.path[1:]: change.action for change in result.changes if change.action != "unchanged"
    }


def test_the_first_sync_writes_every_file_and_the_second_none(endpoint):
    assert dict.fromkeys(FILES, "written") == changed(endpoint.sync())
    assert {} == changed(endpoint.sync())
    assert endpoint.files()[POLICY] == endpoint.files()[LAST_GOOD] == document(1)
    assert 0o644 == os.stat(endpoint.root / POLICY).st_mode & 0o777


def test_what_was_changed_by_hand_is_put_back_and_told(endpoint):
    endpoint.sync()
    before = endpoint.files()
    (endpoint.root / POLICY).write_text("# mine\n")
    (endpoint.root / MANAGED).unlink()
    (endpoint.root / REQUIREMENTS).chmod(0o666)
    (endpoint.root / LAST_GOOD).unlink()
    (endpoint.root / LAST_GOOD).symlink_to(endpoint.root / POLICY)

    result = endpoint.sync()

    assert dict.fromkeys(FILES, "restored") == changed(result)
    assert before == endpoint.files()
    assert not (endpoint.root / LAST_GOOD).is_symlink()
    assert 0o644 == os.stat(endpoint.root / REQUIREMENTS).st_mode & 0o777


def test_what_no_sync_has_written_is_replaced_and_told(endpoint):
    (endpoint.root / "etc/codex").mkdir()
    (endpoint.root / MANAGED).write_text("# another administrator's\n")

    assert "replaced" == changed(endpoint.sync(replace=True))[MANAGED]
    kept = endpoint.root / f"{MANAGED}.before-tipstaff"
    assert "# another administrator's\n" == kept.read_text()


def test_a_file_that_the_policy_no_longer_has_is_removed(publisher, endpoint):
    endpoint.sync()
    publisher.release(document(2, 'login_methods = ["chatgpt", "api"]\n'))

    assert "removed" == changed(endpoint.sync())[MANAGED]
    assert sorted([POLICY, REQUIREMENTS, LAST_GOOD, CA, "etc/tipstaff/sync-root.json"]) == sorted(
        endpoint.files()
    )


def test_a_dry_run_tells_the_same_and_changes_nothing(publisher, endpoint):
    endpoint.sync()
    publisher.release(document(2))
    (endpoint.root / REQUIREMENTS).unlink()
    before = {path: os.stat(path).st_mtime_ns for path in endpoint.root.rglob("*")}

    planned = endpoint.sync(dry_run=True)

    assert before == {path: os.stat(path).st_mtime_ns for path in endpoint.root.rglob("*")}
    assert "2" == planned.policy.version
    assert planned.changes == endpoint.sync().changes


def test_a_disk_that_refuses_is_told_and_the_next_run_completes_it(publisher, endpoint):
    endpoint.sync()
    publisher.release(document(2))
    shutil.rmtree(endpoint.root / "etc/codex")
    (endpoint.root / "etc/codex").write_text("in the way")

    with pytest.raises(errors.AccessDeniedError):
        endpoint.sync()
    (endpoint.root / "etc/codex").unlink()
    result = endpoint.sync()

    assert Change(f"/{REQUIREMENTS}", "restored") in result.completed
    assert "2" == result.policy.version
    assert document(2) == endpoint.files()[POLICY]


def test_killed_at_any_step_of_a_whole_sync_the_next_one_ends_it(publisher, endpoint, tmp_path):
    """What the framework writes is among the steps: no kill keeps a later run from working."""
    endpoint.sync()
    publisher.rotate("timestamp")
    publisher.release(document(2))
    kept = tmp_path / "kept"
    shutil.copytree(endpoint.root, kept, symlinks=True)
    before = endpoint.files()
    seen = set()
    for step in range(0, 400, 4):
        shutil.rmtree(endpoint.root)
        shutil.copytree(kept, endpoint.root, symlinks=True)

        lived = killed_at(step, endpoint.sync, endpoint.root)
        is_old, is_begun = (
            before == endpoint.files(),
            (endpoint.root / STATE / "pending.json").exists(),
        )
        assert is_old or is_begun or lived or document(2) == endpoint.files()[POLICY], step
        seen.add((is_old, is_begun))
        result = endpoint.sync()

        assert ("2", document(2)) == (result.policy.version, endpoint.files()[POLICY]), step
        assert not list(endpoint.root.rglob("*tmp*")), step
        if lived:
            break

    assert lived
    assert {(True, False), (False, True)} <= seen
