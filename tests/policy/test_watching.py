"""What is watched, when it is looked at, and what is said: as values, without waiting."""

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.watch import (
    Announced,
    Rhythm,
    Watch,
    folders_of,
    in_a_line,
    needs_keyring,
    one_line,
    places_of,
    take_snapshot,
)

CODEX = load_client("codex")
RHYTHM = Rhythm()
STEP = 0.25

moments = st.lists(st.floats(0, 600, allow_nan=False), max_size=200).map(sorted)


def looks(changes, until=700.0, took=0.1):
    """Return when a home is looked at, by a loop that hears of a change at the next step."""
    watch, now, pending, found = Watch(), 0.0, list(changes), []
    while now < until:
        while pending and pending[0] <= now:
            watch = watch.notice(now)
            pending.pop(0)
        if now >= watch.due(RHYTHM):
            found.append(now)
            now += took
            watch = watch.look(now)
        now += STEP
    return found


@given(moments)
def test_two_looks_are_never_nearer_than_the_pause(changes):
    found = looks(changes)

    assert all(after - before >= RHYTHM.pause for before, after in pairwise(found))


@given(moments)
def test_every_change_is_followed_by_a_look_within_the_pause(changes):
    found = looks(changes)
    limit = RHYTHM.pause + RHYTHM.settle + 3 * STEP

    assert all(any(change <= look <= change + limit for look in found) for change in changes)


@given(moments)
def test_without_a_change_the_next_look_comes_with_the_recheck(changes):
    found = looks(changes)

    assert 0.0 == found[0]
    assert all(after - before <= RHYTHM.recheck + 3 * STEP for before, after in pairwise(found))


def test_a_host_at_rest_is_looked_at_once_a_minute():
    assert 12 == len(looks([]))


def test_changes_without_end_put_no_look_off():
    found = looks([number / 10 for number in range(6000)], until=600.0)

    assert 600 / (RHYTHM.pause + 0.5) <= len(found)


def request(root, **more):
    return Request(
        {},
        "/",
        0,
        "0.169.0",
        str(root),
        **more,
        options=ReadOptions(unasked=True, personal_rules=False),
    )


def snapshot(root):
    asked = request(root)
    return take_snapshot(places_of(CODEX, asked, enforce_all(CODEX, asked, dry_run=True).state))


def write(path, text="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


HOME, ETC = "home/dev/.codex", "etc/codex"
COUNTS = {
    "a login": lambda root: write(root / HOME / "auth.json"),
    "an encrypted login": lambda root: write(root / HOME / "secrets/codex_auth.age"),
    "the service's policy": lambda root: write(root / HOME / "cloud-config-bundle-cache.json"),
    "the user's file": lambda root: write(root / HOME / "config.toml"),
    "the system's file": lambda root: write(root / ETC / "config.toml"),
    "the requirements": lambda root: write(root / ETC / "requirements.toml"),
    "the managed file": lambda root: (root / ETC / "managed_config.toml").unlink(),
    "its mode": lambda root: (root / ETC / "managed_config.toml").chmod(0o640),
    "its content with the time set back": lambda root: rewritten(
        root / ETC / "managed_config.toml"
    ),
    "its folder for another one": lambda root: swapped(root / ETC),
    "the organisation's policy": lambda root: write(root / "etc/tipstaff/policy.toml"),
    "a fragment of it": lambda root: write(root / "etc/tipstaff/policy.d/10-a.toml"),
    "its keys": lambda root: write(root / "etc/tipstaff/keys.json"),
    "the last good copy": lambda root: write(root / "var/lib/tipstaff/last-good/policy.toml"),
    "pasted waivers": lambda root: write(root / "home/dev/.local/state/tipstaff/waivers"),
    "the home itself": lambda root: swapped(root / HOME),
    "its mode alone": lambda root: (root / HOME).chmod(0o711),
}
DOES_NOT_COUNT = {
    "a lock": lambda root: write(root / HOME / "auth.lock"),
    "a log": lambda root: write(root / HOME / "log/codex-tui.log"),
    "something in the home": lambda root: write(root / "home/dev/notes"),
    "a profile": lambda root: write(root / HOME / "work.config.toml"),
    "reading": lambda root: (root / ETC / "managed_config.toml").read_text(),
}


def rewritten(path):
    before = path.stat()
    path.write_text(path.read_text().replace("chatgpt", "xhatgpt"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def swapped(folder):
    folder.rename(folder.with_name("before"))
    folder.mkdir()


@pytest.mark.parametrize("change", COUNTS.values(), ids=COUNTS)
def test_a_change_of_what_a_decision_reads_is_seen_and_told_by_a_watched_folder(change, tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    before = snapshot(root)
    watched = {path for path, _ in folders_of(before)}

    change(root)

    after = snapshot(root)
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert changed
    # What is new below a new folder is seen with the folder.
    assert any(path in watched or os.path.dirname(path) in watched for path in changed)


@pytest.mark.parametrize("change", DOES_NOT_COUNT.values(), ids=DOES_NOT_COUNT)
def test_what_no_decision_reads_is_no_change(change, tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    before = snapshot(root)

    change(root)

    assert before == snapshot(root)


def test_links_are_watched_where_they_lie_and_where_they_lead(tmp_path):
    root = make_host(tmp_path / "host")
    real = root / "opt/rules/managed.toml"
    write(real, FORCED_CHATGPT)
    (root / "srv").mkdir()
    (root / "srv/link").symlink_to("/opt/rules")
    (root / ETC / "managed_config.toml").symlink_to("/srv/link/managed.toml")
    before = snapshot(root)
    watched = {path for path, _ in folders_of(before)}

    real.write_text("")

    assert before != snapshot(root)
    assert {str(root / path) for path in (ETC, "srv", "opt/rules")} <= watched


@pytest.mark.parametrize("named", [False, True])
def test_a_home_that_does_not_exist_is_awaited_from_above(named, tmp_path):
    client_home = str(tmp_path / ".codex") if named else None
    asked = Request({"HOME": str(tmp_path)}, "/", 0, "0.169.0", client_home=client_home)
    before = take_snapshot(places_of(CODEX, asked, CODEX.read_state(asked)))

    watched = {path for path, _ in folders_of(before)}

    assert {"/", str(tmp_path)} <= watched
    assert str(tmp_path / ".codex") not in watched
    assert before[str(tmp_path / ".codex")] is None


def test_links_in_circles_do_no_harm(tmp_path):
    root = make_host(tmp_path / "host")
    (root / ETC / "managed_config.toml").symlink_to("managed_config.toml")

    assert str(root / ETC) in {path for path, _ in folders_of(snapshot(root))}


@pytest.mark.parametrize(("store", "needed"), [("file", False), ("keyring", True), ("auto", True)])
def test_the_keyring_is_listened_to_where_a_login_could_lie_in_it(store, needed, tmp_path):
    rules = f'cli_auth_credentials_store = "{store}"\n{FORCED_CHATGPT}'
    root = make_host(tmp_path / "host", managed=rules)

    assert needed == needs_keyring(CODEX, CODEX.read_state(request(root)))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from((0, 1, 3, 4, 10, 11)))))
def test_every_log_out_is_told_and_what_stays_the_same_once(results):
    message, before = Announced(), ("", 0)
    for line, code in results:
        message, words = message.announce(line, code)
        if code == 10:
            assert line == words
        elif code == 0:
            assert bool(words) == (before[1] not in (0, 10))
        else:
            assert bool(words) == (before[1] in (0, 10) or before[0] != line)
        before = line, code


def test_an_enforcement_is_one_line_with_its_place(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    line = in_a_line(enforce_all(CODEX, request(root)))

    assert line.startswith("logged out: ")
    assert f"removed {credential(root)}" in line
    assert "" == in_a_line(enforce_all(CODEX, request(root)))


@given(st.text())
def test_a_line_has_no_breaks_and_nothing_that_steers_a_terminal(text):
    line = one_line(text)

    assert 1 >= len(line.splitlines())
    assert line == "" or line.isprintable()
