"""Files of an open folder on Windows: removed, rewritten, logged; and folders for administrators.

Where Windows gives the path of an open folder, this system's own does it here.
"""

import os
import stat

import pytest

from support.machines.fake_windows import windows  # noqa: F401 - a fixture
from tipstaff_policy.action_log import windows_log
from tipstaff_policy.action_log.record import Entry, tail_of
from tipstaff_policy.errors import AccessDeniedError, StoreLockedError
from tipstaff_policy.installation import windows_steps
from tipstaff_policy.system.owners.path_walk import LoosePlace
from tipstaff_policy.system.owners.sddl import parse_sddl, who_else_can_write
from tipstaff_policy.system.windows import folder_files, open_folders, security

BOUNDS = windows_log.Bounds(4096, 1 << 16, 0.2)


def place_in(folder, name):
    return f"{os.readlink(f'/proc/self/fd/{folder}')}/{name}"


@pytest.fixture(autouse=True)
def paths(monkeypatch):
    for module in (folder_files, open_folders):
        monkeypatch.setattr(module, "place_in", place_in)
    monkeypatch.setattr(folder_files, "is_link", os.path.islink)
    monkeypatch.setattr(open_folders, "is_link", os.path.islink)


@pytest.fixture
def folder(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_a_name_in_a_folder_of_the_folder_has_no_slash(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(open_folders, "find_final_path", lambda _: "\\\\?\\C:\\Users\\ada\\.codex")

    found = open_folders.place_in(3, "secrets/codex_auth.age")

    assert "\\\\?\\C:\\Users\\ada\\.codex\\secrets\\codex_auth.age" == found


def test_a_name_is_removed_for_good(folder, tmp_path):
    (tmp_path / "auth.json").write_text("x")

    folder_files.unlink("auth.json", folder)

    assert [] == list(tmp_path.iterdir())


def test_a_link_is_removed_and_its_target_stays(folder, tmp_path):
    (tmp_path / "target").write_text("kept")
    (tmp_path / "auth.json").symlink_to("target")

    folder_files.unlink("auth.json", folder)

    assert ["target"] == [path.name for path in tmp_path.iterdir()]


def test_a_junction_is_removed_as_a_folder_and_what_it_leads_to_stays(
    folder, tmp_path, monkeypatch
):
    (tmp_path / "auth.json").mkdir()
    monkeypatch.setattr(folder_files, "is_link", lambda _: True)

    folder_files.unlink("auth.json", folder)

    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_marked_read_only_is_removed_too(folder, tmp_path, monkeypatch):
    (tmp_path / "auth.json").write_text("x")
    modes = []
    unlink = os.unlink

    def refusing(place):
        if not modes:
            raise PermissionError(13, "Access is denied")
        unlink(place)

    monkeypatch.setattr(folder_files.os, "unlink", refusing)
    monkeypatch.setattr(folder_files.os, "chmod", lambda _, mode, **how: modes.append((mode, how)))

    folder_files.unlink("auth.json", folder)

    assert [(stat.S_IREAD | stat.S_IWRITE, {"follow_symlinks": False})] == modes
    assert not (tmp_path / "auth.json").exists()


def test_a_file_that_is_open_elsewhere_stays_and_is_an_error(folder, tmp_path, monkeypatch):
    (tmp_path / "auth.json").write_text("x")

    def refused(_):
        raise PermissionError(32, "is used by another process")

    monkeypatch.setattr(folder_files.os, "unlink", refused)
    monkeypatch.setattr(folder_files.os, "chmod", lambda *_, **__: None)

    with pytest.raises(PermissionError):
        folder_files.unlink("auth.json", folder)

    assert (tmp_path / "auth.json").exists()


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_only_a_plain_file_is_read(kind, folder, tmp_path):
    (tmp_path / "target").write_text("secret")
    place = tmp_path / "auth.json"
    place.symlink_to("target") if kind == "link" else place.mkdir()

    with pytest.raises(OSError, match=r"is a link|not a regular file"):
        folder_files.read_plain("auth.json", folder)


def test_a_rewrite_takes_the_place_of_the_file_at_once(folder, tmp_path):
    (tmp_path / "document").write_bytes(b"old")

    assert folder_files.rewrite("document", folder, lambda data: data + b" new")

    assert b"old new" == (tmp_path / "document").read_bytes()
    assert ["document"] == [path.name for path in tmp_path.iterdir()]


def test_what_another_process_wrote_meanwhile_is_never_lost(folder, tmp_path):
    place = tmp_path / "document"
    place.write_bytes(b"old")

    def change(data):
        place.write_bytes(b"of another")
        return data + b" new"

    with pytest.raises(OSError, match="changed by another process"):
        folder_files.rewrite("document", folder, change)

    assert b"of another" == place.read_bytes()
    assert ["document"] == [path.name for path in tmp_path.iterdir()]


def test_nothing_to_change_is_no_change(folder, tmp_path):
    (tmp_path / "document").write_bytes(b"old")

    assert not folder_files.rewrite("document", folder, lambda _: None)


# the action log


@pytest.fixture
def unlocked(monkeypatch):
    monkeypatch.setattr(open_folders, "lock", lambda *_: True)


def entry(code=10, action="enforce"):
    return Entry(action, "C:/Users/ada/.codex", code, "codex")


def append(tmp_path, made, now=1_000_000):
    return windows_log.append(str(tmp_path / "Tipstaff"), made, now, BOUNDS)


def test_records_are_chained(tmp_path, unlocked):
    append(tmp_path, entry())
    standing, _ = append(tmp_path, entry(action="guard"))

    (file,) = windows_log.read_files(str(tmp_path / "Tipstaff"), BOUNDS)
    last = tail_of(file.data).last
    assert (2, standing.head) == (last.sequence, last.hash)


def test_a_full_log_is_set_aside_and_the_chain_goes_on(tmp_path, unlocked):
    for number in range(30):
        append(tmp_path, entry(action=f"enforce {number}"))

    older, current = windows_log.read_files(str(tmp_path / "Tipstaff"), BOUNDS)

    assert older.set_aside
    assert 30 == tail_of(current.data, tail_of(older.data)).last.sequence


def test_a_log_that_another_process_holds_is_an_error_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(open_folders, "lock", lambda *_: False)

    with pytest.raises(OSError, match="another process has locked the log"):
        append(tmp_path, entry())


def test_a_folder_of_the_log_that_is_a_link_is_refused(tmp_path, unlocked):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "Tipstaff").symlink_to("elsewhere")

    with pytest.raises(OSError, match="is a link"):
        append(tmp_path, entry())


# folders of the administrators


def test_a_folder_is_the_administrators_alone_from_its_first_moment(windows, tmp_path):  # noqa: F811
    security.make_folder(str(tmp_path / "Tipstaff"))

    (described,) = windows.made.values()
    assert () == who_else_can_write(parse_sddl(described), folder_above=False)
    assert "PAI" in described  # nothing is inherited from C:\ProgramData


def test_the_memory_of_an_access_list_is_given_back(windows, tmp_path):  # noqa: F811
    security.make_folder(str(tmp_path / "Tipstaff"))

    assert 1 == windows.freed


def test_a_folder_that_is_there_is_not_made_again(windows, tmp_path):  # noqa: F811
    security.make_folder(str(tmp_path / "Tipstaff"))

    with pytest.raises(OSError, match="183"):
        security.make_folder(str(tmp_path / "Tipstaff"))


def test_a_folder_that_a_user_made_first_is_never_used(tmp_path, monkeypatch):
    loose = LoosePlace("C:/ProgramData/Tipstaff", "belongs to S-1-5-21-1-1001")
    monkeypatch.setattr(windows_steps, "loose_places", lambda *_: (loose,))

    with (
        pytest.raises(AccessDeniedError) as caught,
        windows_steps.run_alone_on_windows(str(tmp_path), "/ProgramData/Tipstaff", live=True),
    ):
        pass

    assert "belongs to S-1-5-21-1-1001" in caught.value.what
    assert "rename it" in caught.value.remedy
    assert [] == list(tmp_path.iterdir())


def install_once(tmp_path, monkeypatch, *, free):
    monkeypatch.setattr(windows_steps, "loose_places", lambda *_: ())
    monkeypatch.setattr(open_folders, "lock", lambda *_: free)
    monkeypatch.setattr(
        open_folders, "open_folder", lambda path: os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    )
    with windows_steps.run_alone_on_windows(str(tmp_path), "/ProgramData/Tipstaff", live=True):
        return sorted(file.name for file in tmp_path.iterdir())


def test_one_installation_runs_at_a_time(tmp_path, monkeypatch):
    with pytest.raises(StoreLockedError, match="another installation is running"):
        install_once(tmp_path, monkeypatch, free=False)


def test_the_lock_of_an_installation_is_gone_when_it_ends(tmp_path, monkeypatch):
    assert ["install.lock"] == install_once(tmp_path, monkeypatch, free=True)

    assert [] == list(tmp_path.iterdir())
