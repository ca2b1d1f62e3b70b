"""Owner, mode and access control list of every place on a way, on a real file system."""

import os
import shutil
import subprocess

import pytest

from tipstaff_policy.system.owners.loose_places import loose_places

USER = 12345
NEEDS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")


@pytest.fixture
def root(tmp_path):
    """A tree whose policy is root's alone, and a user's folder next to it."""
    for folder in ("etc/tipstaff", "home/dev", "tmp"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("etc/tipstaff/policy.toml", "home/dev/policy.toml", "tmp/policy.toml"):
        (tmp_path / file).write_text("")
        (tmp_path / file).chmod(0o644)
    for folder in ("", "etc", "etc/tipstaff", "home"):
        (tmp_path / folder).chmod(0o755)
    (tmp_path / "tmp").chmod(0o1777)
    return tmp_path


POLICY = "etc/tipstaff/policy.toml"


def found(root, path=POLICY):
    return [
        (place.path.removeprefix(f"{root}/"), place.why)
        for place in loose_places(f"/{path}", str(root))
    ]


def give(root, place):
    os.chown(root / place, USER, USER, follow_symlinks=False)


def link(root, place, target):
    (root / place).unlink(missing_ok=True)
    (root / place).symlink_to(target)


CHANGES = {
    "nothing": (lambda _: None, []),
    "a user's file": (lambda root: give(root, POLICY), [(POLICY, "belongs to user 12345")]),
    "writable by the group": (
        lambda root: (root / POLICY).chmod(0o664),
        [(POLICY, "is writable by others (mode 0664)")],
    ),
    "writable by everybody": (
        lambda root: (root / POLICY).chmod(0o646),
        [(POLICY, "is writable by others (mode 0646)")],
    ),
    "a user's folder above": (lambda root: give(root, "etc"), [("etc", "belongs to user 12345")]),
    "a writable folder above": (
        lambda root: (root / "etc").chmod(0o777),
        [("etc", "is writable by others (mode 0777)")],
    ),
    "a sticky folder, where root's file stays": (
        lambda root: (root / "etc/tipstaff").chmod(0o1777),
        [],
    ),
    "a user's file in a sticky folder": (
        lambda root: ((root / "etc/tipstaff").chmod(0o1777), give(root, POLICY)),
        [(POLICY, "belongs to user 12345")],
    ),
    "a sticky folder of a user": (
        lambda root: ((root / "etc/tipstaff").chmod(0o1777), give(root, "etc/tipstaff")),
        [("etc/tipstaff", "belongs to user 12345")],
    ),
    "no file in a sticky folder": (
        lambda root: ((root / POLICY).unlink(), (root / "etc/tipstaff").chmod(0o1777)),
        [("etc/tipstaff", "is writable by others (mode 1777)")],
    ),
    "root's link to a user's folder": (
        lambda root: (link(root, POLICY, "/home/dev/policy.toml"), give(root, "home/dev")),
        [("home/dev", "belongs to user 12345")],
    ),
    "a user's link to root's file": (
        lambda root: (link(root, POLICY, "../../tmp/policy.toml"), give(root, POLICY)),
        [(POLICY, "belongs to user 12345")],
    ),
    "root's link to root's file in a sticky folder": (
        lambda root: link(root, POLICY, "/tmp/policy.toml"),
        [],
    ),
    "a link to nowhere in a sticky folder": (
        lambda root: link(root, POLICY, "/tmp/none.toml"),
        [("tmp", "is writable by others (mode 1777)")],
    ),
    "a link to nowhere": (lambda root: link(root, POLICY, "/none/policy.toml"), []),
    "a link to itself": (
        lambda root: link(root, POLICY, "policy.toml"),
        [(POLICY, "cannot be followed (Too many levels of symbolic links)")],
    ),
    "a missing folder": (lambda root: shutil.rmtree(root / "etc/tipstaff"), []),
    "a file in a folder's place": (
        lambda root: (shutil.rmtree(root / "etc"), (root / "etc").write_text("")),
        [],
    ),
}


@NEEDS_ROOT
@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_others_can_change_is_named(change, expected, root):
    change(root)

    assert expected == found(root)


@NEEDS_ROOT
def test_the_owner_of_an_image_is_an_administrator_of_it(root):
    for place in ("", "etc", POLICY):
        give(root, place)

    assert [] == found(root)


@NEEDS_ROOT
def test_on_this_machine_the_way_begins_at_the_root_and_only_root_administers(tmp_path):
    (tmp_path / "policy.toml").write_text("")
    give(tmp_path, "policy.toml")

    assert (f"{tmp_path}/policy.toml belongs to user 12345",) == tuple(
        map(str, loose_places(f"{tmp_path}/policy.toml"))
    )


@NEEDS_ROOT
def test_what_an_ordinary_user_cannot_look_at_is_loose(root):
    (root / "etc/tipstaff").chmod(0o700)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # nothing of the test runner may run here as the user
        try:
            os.chdir(root)
            os.setuid(USER)
            os.write(writing, repr(loose_places(f"/{POLICY}", ".")).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        assert "cannot be followed (Permission denied)" in answer.read()


def set_acl(place, *words):
    if shutil.which("setfacl") is None:
        pytest.skip("no setfacl on this machine")
    done = subprocess.run(
        ["setfacl", *words, str(place)], check=False, capture_output=True, text=True
    )
    if "not supported" in done.stderr:
        pytest.skip("the file system has no access control lists")
    assert "" == done.stderr


LISTS = {
    "a named user may write": (["-m", "u:12345:rw"], ["user 12345"]),
    "a named group may write": (["-m", "g:23456:rw"], ["group 23456"]),
    "both": (["-m", "u:12345:rw,g:23456:rwx"], ["user 12345", "group 23456"]),
    "the mask takes it away": (["-m", "u:12345:rw,g:23456:rw,m::r"], []),
    "the mask does not bind everybody": (["-m", "u:12345:rw,m::r,o::rw"], ["everyone"]),
    "root's own entry": (["-m", "u:0:rw"], []),
    "a named user may read; the mask shows as the group's right": (["-m", "u:12345:r,m::rw"], []),
    "the owning group may write": (["-m", "u:12345:r,g::rw"], ["the owning group"]),
}  # fmt: skip


@NEEDS_ROOT
@pytest.mark.parametrize(("words", "writers"), LISTS.values(), ids=LISTS)
def test_the_list_of_a_file_says_who_may_write(words, writers, root):
    set_acl(root / POLICY, *words)

    expected = f"is writable by {', '.join(writers)} (access control list)"
    assert ([(POLICY, expected)] if writers else []) == found(root)


@NEEDS_ROOT
def test_the_list_of_a_folder_above_counts(root):
    set_acl(root / "etc", "-m", "u:12345:rwx")

    assert [("etc", "is writable by user 12345 (access control list)")] == found(root)


@NEEDS_ROOT
def test_a_sticky_folder_binds_those_of_its_list_too(root):
    (root / "etc").chmod(0o1755)
    set_acl(root / "etc", "-m", "u:12345:rwx")

    assert [] == found(root)


@NEEDS_ROOT
def test_a_folders_default_list_makes_nothing_writable_that_is_there(root):
    set_acl(root / "etc/tipstaff", "-d", "-m", "u:12345:rwx")

    assert [] == found(root)
    (root / "etc/tipstaff/later").write_text("")
    assert "is writable by user 12345" in found(root, "etc/tipstaff/later")[0][1]
