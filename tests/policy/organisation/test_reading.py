"""The organisation's policy is refused where others could change it: exit 3, nothing removed."""

import os
import shutil
import sys

import pytest

from policy.system.test_windows_ownership import DRIVE, PROGRAM_DATA, SAFE
from support.clients.logins import API_KEY
from support.machines.hosts import BIN, VERSION, audit, credential, make_host, run, run_guard
from tipstaff_policy import guard

USER = 12345
NEEDS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
FOLDER = "etc/tipstaff"
POLICY, FRAGMENTS = f"{FOLDER}/policy.toml", f"{FOLDER}/policy.d"
FRAGMENT, KEYS = f"{FRAGMENTS}/10-more.toml", f"{FOLDER}/keys.json"
STATED = """schema = 1
id = "example"
version = "1"
login_methods = ["chatgpt"]
trusted_keys = "/etc/tipstaff/keys.json"
"""
JWKS = '{"keys": [{"kty": "RSA", "alg": "RS256", "e": "AQAB", "n": "%s"}]}' % ("w" + "A" * 341)


@pytest.fixture
def root(tmp_path):
    """A host whose policy would log its user out."""
    root = make_host(tmp_path / "host")
    (root / FRAGMENTS).mkdir(parents=True)
    (root / POLICY).write_text(STATED)
    (root / FRAGMENT).write_text("schema = 1\n")
    (root / KEYS).write_text(JWKS)
    for place in (POLICY, FRAGMENT, KEYS):
        (root / place).chmod(0o644)
    for place in ("", "etc", FOLDER, FRAGMENTS):
        (root / place).chmod(0o755)
    return root


def give(root, place):
    os.chown(root / place, USER, USER, follow_symlinks=False)


def behind(root, place, target):
    """Put a link in a file's place; root's own."""
    (root / place).unlink()
    (root / place).symlink_to(target)


def through_a_users_folder(root):
    shutil.copy(root / POLICY, root / "home/dev/policy.toml")
    give(root, "home/dev")
    behind(root, POLICY, "/home/dev/policy.toml")


def a_fifo(root):
    (root / POLICY).unlink()
    os.mkfifo(root / POLICY)


def a_directory(root):
    (root / POLICY).unlink()
    (root / POLICY).mkdir()


def too_large(root):
    os.truncate(root / POLICY, (64 << 20) + 1)


def an_emptied_folder_of_fragments(root):
    (root / FRAGMENT).unlink()
    (root / FRAGMENTS).chmod(0o777)


def fragments_behind_a_link_to_nowhere(root):
    shutil.rmtree(root / FRAGMENTS)
    (root / FRAGMENTS).symlink_to("/none")


REFUSED = {
    "a user's policy": (lambda root: give(root, POLICY), POLICY, "belongs to user 12345"),
    "writable by everybody": (lambda root: (root / POLICY).chmod(0o666), POLICY, "mode 0666"),
    "writable by a group": (lambda root: (root / POLICY).chmod(0o664), POLICY, "mode 0664"),
    "through a link into a user's folder": (through_a_users_folder, "home/dev", "belongs to user"),
    "a user's link": (
        lambda root: (behind(root, POLICY, "keys.json"), give(root, POLICY)),
        POLICY,
        "belongs to user",
    ),
    "in a writable folder": (lambda root: (root / FOLDER).chmod(0o777), FOLDER, "mode 0777"),
    "in a user's folder": (lambda root: give(root, "etc"), "etc", "belongs to user"),
    "a writable policy.d": (lambda root: (root / FRAGMENTS).chmod(0o775), FRAGMENTS, "mode 0775"),
    "a writable policy.d without files": (an_emptied_folder_of_fragments, FRAGMENTS, "mode 0777"),
    "a writable fragment": (lambda root: (root / FRAGMENT).chmod(0o666), FRAGMENT, "mode 0666"),
    "a user's fragment": (lambda root: give(root, FRAGMENT), FRAGMENT, "belongs to user"),
    "writable keys": (lambda root: (root / KEYS).chmod(0o666), KEYS, "mode 0666"),
    "a user's keys": (lambda root: give(root, KEYS), KEYS, "belongs to user"),
    "no keys": (lambda root: (root / KEYS).unlink(), KEYS, "No such file"),
    "a fifo": (a_fifo, POLICY, "is a fifo"),
    "a directory": (a_directory, POLICY, "is a directory"),
    "too large": (too_large, POLICY, "larger than 67108864 bytes"),
    "a link to nowhere": (lambda root: behind(root, POLICY, "/none.toml"), POLICY, "No such file"),
    "a link to itself": (lambda root: behind(root, POLICY, "policy.toml"), POLICY, "Too many levels"),
    "a fragment that is a link to nowhere": (
        lambda root: behind(root, FRAGMENT, "/none.toml"),
        FRAGMENT,
        "No such file",
    ),
    "a policy.d that is a link to nowhere": (
        fragments_behind_a_link_to_nowhere,
        FRAGMENTS,
        "No such file",
    ),
}  # fmt: skip


def test_what_the_administrators_alone_can_write_is_in_force(root):
    assert 1 == audit(root).returncode
    assert 10 == run_guard(root).returncode
    assert not credential(root).exists()


@NEEDS_ROOT
@pytest.mark.parametrize(("change", "place", "why"), REFUSED.values(), ids=REFUSED)
def test_what_others_can_change_is_refused_and_removes_nothing(change, place, why, root):
    change(root)

    message, guarded = audit(root), run_guard(root, "--", "echo", "started")

    assert 3 == message.returncode
    assert 3 == guarded.returncode
    assert "" == guarded.stdout
    assert API_KEY == credential(root).read_text()
    for said in (message.stdout, guarded.stderr):
        assert f"/{place}" in said
        assert why in said


@NEEDS_ROOT
@pytest.mark.parametrize("place", [POLICY, FRAGMENT, KEYS])
def test_what_cannot_be_read_is_refused(place, root):
    """Root without its power over modes is bound by them like an ordinary user."""
    (root / place).chmod(0o000)
    powers = "-dac_override,-dac_read_search"
    bound = ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"]

    message = run([*bound, BIN / "tipstaff", "audit", *VERSION, "--system-root", root])
    guarded = run([*bound, sys.executable, "-IS", guard.__file__, *VERSION, "--system-root", root])

    assert 3 == message.returncode
    assert 3 == guarded.returncode
    for said in (message.stdout, guarded.stderr):
        assert f"/{place}: cannot be read: Permission denied" in said
    assert API_KEY == credential(root).read_text()


def windows_host(folder, descriptors):
    root = make_host(folder)
    (root / "ProgramData/Tipstaff").mkdir(parents=True)
    (root / "Users/dev").mkdir(parents=True)
    (root / "home/dev/.codex").rename(root / "Users/dev/.codex")
    policy = root / "ProgramData/Tipstaff/policy.toml"
    policy.write_text('schema = 1\nid = "example"\nversion = "1"\nlogin_methods = ["chatgpt"]\n')
    if descriptors:
        lines = [f"{path}\t{text}\n" for path, text in descriptors.items()]
        (root / "security-descriptors.tsv").write_text("".join(lines))
    return root


DESCRIBED = {
    "C:\\": DRIVE,
    "C:\\ProgramData": PROGRAM_DATA,
    "C:\\ProgramData\\Tipstaff": SAFE,
    "C:\\ProgramData\\Tipstaff\\policy.toml": SAFE,
}
WINDOWS = {
    "no descriptors": ({}, 1),
    "the administrators' own": (DESCRIBED, 1),
    "the users' own": ({**DESCRIBED, "C:\\ProgramData\\Tipstaff": SAFE.replace("0x1200a9", "FA")}, 3),
    "one is missing": (dict(list(DESCRIBED.items())[:3]), 3),
}  # fmt: skip


@pytest.mark.parametrize(("descriptors", "code"), WINDOWS.values(), ids=WINDOWS)
def test_an_image_of_windows_goes_by_its_descriptors(descriptors, code, tmp_path):
    root = windows_host(tmp_path / "host", descriptors)
    words = ["--platform", "windows", "--codex-home", root / "Users/dev/.codex"]

    assert code == audit(root, *words).returncode
    assert (10 if code == 1 else 3) == run_guard(root, *words).returncode
    assert (code == 3) == (root / "Users/dev/.codex/auth.json").exists()
