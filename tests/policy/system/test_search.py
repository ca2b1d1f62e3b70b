"""A search is bounded, goes through no link, never blocks, and says what it did not see."""

import itertools
import os
import socket

import pytest

from support.machines.hosts import run
from tipstaff_policy.system.file_walk import Limits, Scope, Walk


def scope(*roots, **limits):
    return Scope(tuple(map(str, roots)), True, Limits(**limits), lambda: 0.0, lambda *_: None)


def walk(root, **limits):
    """Return the files found, relative to the root, and what was not seen."""
    made = Walk(scope(root, **limits), ("codex", "auth"))
    files = [os.path.relpath(document.path, root) for document in made.through(str(root))]
    return files, made.unseen


@pytest.fixture
def tree(tmp_path):
    for name in ("a/b/c", ".hidden", "zz-codex"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("a/b/c/deep", "a/one", ".hidden/two", "zz-codex/three", "four"):
        (tmp_path / name).write_text("x")
    return tmp_path


def test_every_regular_file_is_found_likely_ones_first(tree):
    assert (["zz-codex/three", ".hidden/two", "a/b/c/deep", "a/one", "four"], ()) == walk(tree)


def test_links_pipes_and_sockets_are_passed_over(tree, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("x")
    (tree / "link").symlink_to(outside / "secret")
    (tree / "folder-link").symlink_to(outside)
    (tree / "round").symlink_to(tree)
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tree / "socket"))
        files, unseen = walk(tree)

    assert 5 == len(files)
    assert () == unseen


def test_a_file_that_becomes_a_pipe_or_a_link_is_not_read(tree):
    made = Walk(scope(tree))
    for document in made.through(str(tree)):
        os.unlink(document.path)
        if document.name == "one":
            os.mkfifo(document.path)
        else:
            os.symlink("/etc/passwd", document.path)
        assert b"" == b"".join(made.read(document))

    assert 4 == sum("Too many levels" in obstacle for obstacle in made.unseen)


LIMITS = {
    "depth": ({"depth": 2}, "a/b/c: deeper than 2 folders"),
    "entries": ({"entries": 5}, "the number of entries"),
    "files": ({"files": 0}, "the number of files"),
    "time": ({"seconds": -1.0}, "the limit for the time"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_that_is_reached_is_told(name, tree):
    limits, message = LIMITS[name]

    files, unseen = walk(tree, **limits)

    assert len(files) < 5
    assert 1 == len(unseen)
    assert message in unseen[0]


def test_a_file_that_is_too_large_is_told(tree):
    made = Walk(scope(tree, bytes_a_file=0))

    pieces = [piece for document in made.through(str(tree)) for piece in made.read(document)]

    assert [] == pieces
    assert 5 == sum("larger than 0 bytes" in obstacle for obstacle in made.unseen)


def test_another_file_system_is_not_entered():
    _, unseen = walk("/dev", depth=1)

    assert "/dev/shm: another file system" in unseen


def test_what_may_not_be_read_is_told(tree):
    (tree / "a").chmod(0)
    words = ["setpriv", "--bounding-set=-all"] if os.getuid() == 0 else []
    script = (
        "import sys; sys.path[:0] = ['tests']; from policy.system.test_search import walk; "
        f"print(walk({str(tree)!r}))"
    )
    import sys

    done = run([*words, sys.executable, "-c", script])

    (tree / "a").chmod(0o700)
    assert f"{tree}/a: Permission denied" in done.stdout, done.stderr


def test_many_places_that_were_not_seen_are_counted():
    made = Walk(scope())
    for number in range(60):
        made.miss(str(number))

    assert 51 == len(made.unseen)
    assert "10 further places" == made.unseen[-1]


def test_the_clock_is_asked_on_the_way(tree):
    ticks = itertools.count()
    made = Walk(scope(tree)._replace(clock=lambda: float(next(ticks)), limits=Limits(seconds=3)))

    assert 5 > len(list(made.through(str(tree))))
