"""Owner and mode of every place on the way to a file, on real files with real owners."""

import os

import pytest

from tipstaff_policy.ownership import loose_places

STRANGER = 4321


@pytest.fixture
def root(tmp_path):
    """Return a tree whose owner counts as administrator, with a file in it."""
    folder = tmp_path / "root"
    (folder / "etc/tool").mkdir(parents=True)
    (folder / "etc/tool/file").write_text("")
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o755)
    return folder


def found(root, path="etc/tool/file"):
    return [
        (each.path.removeprefix(f"{root}/"), each.why)
        for each in loose_places(f"{root}/{path}", str(root))
    ]


def test_what_only_administrators_can_write_is_not_loose(root):
    assert [] == found(root)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
@pytest.mark.parametrize("place", ["etc", "etc/tool", "etc/tool/file"])
def test_each_place_that_others_can_write_is_named(place, mode, root):
    (root / place).chmod(mode)

    assert [(place, f"is writable by others (mode {mode:04o})")] == found(root)


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("place", ["etc", "etc/tool", "etc/tool/file"])
def test_each_place_of_another_owner_is_named(place, root):
    os.chown(root / place, STRANGER, -1)

    assert [(place, f"belongs to user {STRANGER}")] == found(root)


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_the_owner_of_the_tree_is_an_administrator_and_nowhere_else(root):
    for place in (root, *root.rglob("*")):
        os.chown(place, STRANGER, -1)

    assert [] == found(root)
    assert f"{root} belongs to user {STRANGER}" in map(str, loose_places(str(root)))


def test_the_way_begins_at_the_tree(root):
    root.parent.chmod(0o777)

    assert [] == found(root)
    assert str(root.parent) in {each.path for each in loose_places(f"{root}/etc")}


@pytest.mark.parametrize(("path", "loose"), [("etc/tool/file", []), ("etc/tool", ["etc/tool"])])
def test_others_cannot_replace_a_name_in_a_folder_that_keeps_names(path, loose, root):
    (root / "etc/tool").chmod(0o1777)

    assert loose == [place for place, _ in found(root, path)]


def test_others_can_create_what_is_missing_in_a_folder_that_keeps_names(root):
    (root / "etc/tool").chmod(0o1777)

    assert ["etc/tool"] == [place for place, _ in found(root, "etc/tool/missing")]


def test_every_step_of_a_chain_of_links_is_looked_at(root):
    (root / "middle").mkdir()
    (root / "middle/link").symlink_to("/etc/tool")
    (root / "first").symlink_to("middle/link")
    (root / "middle").chmod(0o777)

    assert ["middle"] == [place for place, _ in found(root, "first/file")]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_link_of_another_owner_is_loose(root):
    (root / "link").symlink_to("etc/tool")
    os.chown(root / "link", STRANGER, -1, follow_symlinks=False)

    assert ["link"] == [place for place, _ in found(root, "link/file")]


def test_links_in_a_circle_are_loose(root):
    (root / "circle").symlink_to("circle")

    assert [("circle", "(Too many levels of symbolic links)")] == found(root, "circle")


def test_a_way_that_ends_early_is_judged_as_far_as_it_goes(root):
    assert [] == found(root, "etc/missing/more")
    assert [] == found(root, "etc/tool/file/more")
