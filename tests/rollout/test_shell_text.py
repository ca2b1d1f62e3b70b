"""Scripts that check, install and remove a policy, judged by shellcheck and run by real shells."""

import base64
import hashlib
import json
import os
import shlex
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings

from rollout.drafts import DOCUMENT, draft, drafts, example
from support.machines.private_etc import in_private_etc
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.shell_text import PARTS, read_part, read_script, script
from tipstaff_rollout.model import ArtefactError

MADE = example()
PLACES = place_payloads(MADE, "linux")
PATHS = [place.path for place in PLACES]
POLICY = "/etc/tipstaff/policy.toml"
SHELLS = [shell for shell in ("sh", "bash", "zsh") if shutil.which(shell)]
SEVERAL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the scripts are for root")


@pytest.fixture
def machine(tmp_path):
    """Give what runs shell on a machine with an /etc of its own; $install, $check, $remove are ours."""
    _, before = in_private_etc(tmp_path)
    for action in PARTS:
        (tmp_path / action).write_bytes(script(MADE, PLACES, action))
    names = "".join(f"{action}={tmp_path / action} " for action in PARTS)
    (tmp_path / "shared").mkdir()

    def run(text, shell="sh"):
        words = [*before, "sh", "-c", f"{names} shell={shell} aside={tmp_path}/shared\n{text}"]
        return subprocess.run(
            list(map(str, words)), capture_output=True, text=True, check=False, timeout=60
        )

    return run


def right(text):
    """Return shell that fails unless all files lie there as the policy has them."""
    listing = "".join(
        f"{hashlib.sha256(place.payload.data).hexdigest()}  {place.path}\n" for place in PLACES
    )
    owners = "\n".join(f"644 0 0 1 {path}" for path in PATHS)
    return (
        f"set -e\n{text}\nsha256sum --quiet -c <<'X'\n{listing}X\n"
        f'test "$(stat -c "%a %u %g %h %n" {" ".join(PATHS)})" = "{owners}"\n'
        'test "$(find /etc/tipstaff /etc/codex -maxdepth 0 -perm 755 -user 0 -group 0 | wc -l)" = 2\n'
        'test -z "$(find /etc/codex /etc/tipstaff -name "*.tipstaff-new")"'
    )


@as_root
@pytest.mark.parametrize("shell", SHELLS)
def test_an_installation_is_whole_changes_nothing_when_repeated_and_can_be_taken_away(
    machine, shell
):
    marks = f"stat -c '%n %y %i' {' '.join(PATHS)}"
    text = f"""
! $shell $check >/dev/null
$shell $install
{right("")}
before=$({marks})
test "$($shell $install)" = "in place: example-corp 2026-11"
test "$before" = "$({marks})"
$shell $check >/dev/null
$shell $choose check >/dev/null
$shell $remove
test "$(echo /etc/tipstaff* /etc/codex*)" = "/etc/tipstaff* /etc/codex*"
$shell $remove
"""

    done = machine(f"set -e\n{text}", shell)

    assert 0 == done.returncode, done.stdout
    assert "" == done.stderr, done.stdout
    assert len(PATHS) == done.stdout.count("written: ") == done.stdout.count("removed: ")


STATES = {
    "an edited file": f"sh $install; echo x >>{POLICY}",
    "a file that others may write": f"sh $install; chmod 666 {POLICY}",
    "a file of somebody else's": f"sh $install; chown 1234 {POLICY}",
    "a folder that only root reads": "sh $install; chmod 700 /etc/tipstaff",
    "a folder of another group": "sh $install; chgrp 5 /etc/tipstaff",
    "a left over of a run that was killed": f"sh $install; echo x >{POLICY}.tipstaff-new",
    "a left over that is a link": f"mkdir /etc/tipstaff; ln -s $aside/victim {POLICY}.tipstaff-new",
    "a folder that is a link": "ln -s $aside /etc/tipstaff",
    "a folder that is a link into nowhere": "ln -s $aside/none /etc/tipstaff",
    "a file in the folder's place": "echo x >/etc/tipstaff",
    "a file that is a link": f"mkdir /etc/tipstaff; ln -s $aside/victim {POLICY}",
    "a file that is a link to a folder": f"mkdir /etc/tipstaff; ln -s $aside {POLICY}",
    "a folder in a file's place": f"mkdir -p {POLICY}/x",
    "a further hard link": f"sh $install; ln {POLICY} /etc/other",
}


@as_root
@pytest.mark.parametrize("before", STATES.values(), ids=STATES)
def test_whatever_was_there_the_policy_lies_there_and_no_link_was_followed(machine, before):
    done = machine(
        f"mount -t tmpfs none $aside; echo kept >$aside/victim; ({before}) >/dev/null\n"
        "! sh $check >/dev/null || test -f /etc/tipstaff/policy.toml.tipstaff-new || exit 3\n"
        + right("sh $install; sh $check")
        + '\ntest "$(ls -A $aside) $(cat $aside/victim)" = "victim kept"'
    )

    assert 0 == done.returncode, done.stdout
    assert "" == done.stderr, done.stdout


FOREIGN = {
    "of a user's": "mkdir -p /etc/tipstaff/policy.d; echo x >/etc/tipstaff/policy.d/1.toml; chown -R 1234 /etc/tipstaff",
    "that a group may write to": "mkdir -p /etc/tipstaff/policy.d; echo x >/etc/tipstaff/policy.d/1.toml; chmod 775 /etc/tipstaff",
    "that everybody may write to": "mkdir -p /etc/tipstaff/policy.d; echo x >/etc/tipstaff/policy.d/1.toml; chmod 1777 /etc/tipstaff",
}


@as_root
@pytest.mark.parametrize("before", FOREIGN.values(), ids=FOREIGN)
def test_a_folder_that_others_could_change_is_put_aside_with_all_in_it(machine, before):
    twice = f"rm -rf /etc/tipstaff; {before}"

    done = machine(
        right(f"{before}\nsh $install\n{twice}\nsh $install") + "\ntest ! -e /etc/tipstaff/policy.d"
        "\ncat /etc/tipstaff.untrusted-1/policy.d/1.toml /etc/tipstaff.untrusted-2/policy.d/1.toml"
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert done.stdout.endswith("\nx\nx\n")


KEYS = "/etc/tipstaff/jwks.json"
TMPFS = "mount -t tmpfs -o mode=755,size={} none /etc/tipstaff; echo old >{{policy}}; "
FAULTS = {
    "a full disk": (
        TMPFS.format("8k") + "cat /dev/zero >/etc/tipstaff/full 2>/dev/null",
        f"cannot be written: {KEYS}",
    ),
    "a disk that is full after the first of two files": (
        TMPFS.format("12k") + "head -c 4096 /dev/zero >/etc/tipstaff/full",
        f"cannot be written: {POLICY}",
    ),
    "a disk that cannot be written": (
        TMPFS.format("1m") + "mount -o remount,ro /etc/tipstaff",
        f"cannot be written: {KEYS}",
    ),
    "a folder above that others could change": (
        "echo old >{policy}; chmod 777 /etc",
        "others than root can change it: /etc",
    ),
}


@as_root
@pytest.mark.parametrize("before", FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_written_is_said_and_leaves_the_old_files(machine, before):
    done = machine(
        f"mkdir /etc/tipstaff; {before[0].format(policy=POLICY)}; sh $install; code=$?\n"
        f"cat {POLICY}; find /etc/tipstaff /etc/codex -name '*new*' -o -name '*.toml'; exit $code"
    )

    assert 1 == done.returncode, done.stdout
    assert "" == done.stderr, done.stdout
    assert f"{before[1]}\nold\n{POLICY}\n" == done.stdout


@as_root
def test_a_folder_of_keys_elsewhere_that_is_not_roots_is_refused_and_stays(tmp_path, machine):
    policy, keys = (
        next(place for place in PLACES if place.payload.name == n) for n in ("policy", "keys")
    )
    places = (policy, keys._replace(path="/etc/others/here/keys.json"))
    (tmp_path / "other").write_bytes(script(MADE, places, "choose"))

    done = machine(
        f"other={tmp_path}/other; mkdir /etc/others; chown 1234 /etc/others\n"
        "sh $other install; echo $? $(ls -A /etc/others) /etc/tipstaff/*\n"
        "chown 0 /etc/others; sh $other install >/dev/null; echo $?\n"
        "sh $other remove >/dev/null; echo $? $(ls /etc/others) /etc/tipstaff*"
    )

    assert [
        "others than root can change it: /etc/others",
        "1 /etc/tipstaff/*",
        "0",
        "0 here /etc/tipstaff*",
    ] == done.stdout.splitlines()


@as_root
def test_only_root_installs_and_what_is_not_of_this_policy_stays(machine):
    done = machine(
        "setpriv --reuid=1234 --clear-groups sh <$install; echo $?\n"
        f"sh $install >/dev/null; echo newer >{POLICY}; sh $remove; echo $?; cat {POLICY}; ls /etc/codex"
    )

    assert "must be run by root; nothing was changed\n1\n" == done.stdout[:43], done.stderr
    assert f"left, as it is not of this policy: {POLICY}\n0\nnewer\n" in done.stdout
    assert "cannot access" in done.stderr


DARWIN = {
    "uname": "echo Darwin",
    "sha256sum": "exit 127",
    "chmod": 'test "$1" = -N && { rm -f "$2.list"; exit; }; exec $aside/real/chmod "$@"',
    "ls": 'test "$1" = -lde || exec $aside/real/ls "$@"; echo "$2"; test "$(cat "$2.list" 2>/dev/null)" != "$(stat -c %i "$2")" || echo " 0: group:staff allow write"',
}
"""What macOS has otherwise, as far as the scripts ask for it."""


@as_root
def test_on_macos_an_access_list_that_lets_others_write_is_found_and_taken_away(tmp_path, machine):
    places = tuple(place._replace(path=place.path.replace("/etc/", "/srv/")) for place in PLACES)
    (tmp_path / "mac").write_bytes(script(MADE, places, "choose"))
    fakes = "".join(
        f"printf '%s\\n' '#!/bin/sh' {shlex.quote(text)} >$aside/{name}; $aside/real/chmod 755 $aside/{name}\n"
        f"cp $(command -v {name}) $aside/real/; mount --bind $aside/{name} $(command -v {name})\n"
        for name, text in DARWIN.items()
    )

    done = machine(
        f"export aside; mkdir $aside/real; cp $(command -v chmod) $aside/real/\n{fakes}"
        f"mount -t tmpfs -o mode=755 none /srv; uname; mac={tmp_path}/mac; sh $mac install; echo $?\n"
        "stat -c %i /srv/tipstaff/policy.toml >/srv/tipstaff/policy.toml.list; sh $mac check; echo $?; sh $mac install; echo $?\n"
        "stat -c %i /srv/codex >/srv/codex.list; sh $mac check; echo $?; sh $mac install"
    )

    assert "" == done.stderr
    assert done.stdout.startswith("Darwin\n")
    assert [
        "in place: example-corp 2026-11",
        "0",
        "differs from the policy: /srv/tipstaff/policy.toml",
        "1",
        "written: /srv/tipstaff/policy.toml",
        "in place: example-corp 2026-11",
        "0",
        "others than root can change it, or it is missing: /srv/codex",
        "others than root can change it, or it is missing: /srv/codex",
        "1",
        "set aside: /srv/codex.untrusted-1",
    ] == done.stdout.splitlines()[5:16]
    assert done.stdout.endswith("in place: example-corp 2026-11\n")


@pytest.mark.parametrize(
    ("system", "path", "expected"),
    [
        ("Darwin", "/etc/codex/x", "/private/etc/codex/x"),
        ("Darwin", "/Library/x y", "/Library/x y"),
        ("Linux", "/etc/codex/x", "/etc/codex/x"),
    ],
)
def test_etc_is_where_macos_really_has_it(system, path, expected):
    text = f"{read_part('trusting')}\nSystem={system}\nreal {shlex.quote(path)}"

    assert expected == subprocess.check_output(["sh", "-c", text], text=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("action", PARTS)
def test_shellcheck_finds_nothing(tmp_path, action):
    named = DOCUMENT.replace('"2026-11"', json.dumps("it's $(x) `y` %s \u2028 é"))
    (tmp_path / "script").write_bytes(
        script(made := compile_policy(draft(named)), place_payloads(made, "linux"), action)
    )

    done = subprocess.run(
        ["shellcheck", "-s", "sh", tmp_path / "script"], capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode
    assert "" == done.stdout


@given(drafts())
@SEVERAL
def test_payloads_are_read_back_whatever_the_policy_is_called(draft):
    made = compile_policy(draft, at_once=True)

    data = script(made, place_payloads(made, "linux"))

    assert {*made.payloads} == {*read_script(data, "x")}
    assert data.isascii()
    checked = subprocess.run(["sh", "-n"], input=data, capture_output=True, check=False)
    assert 0 == checked.returncode
    assert b"" == checked.stderr


@pytest.mark.parametrize("path", ["/etc/x/../keys", "/etc/a\nb", "/etc//keys"])
def test_a_path_that_is_not_plain_is_refused(path):
    places = tuple(place._replace(path=path) for place in PLACES)

    with pytest.raises(ArtefactError, match="no plain path"):
        script(MADE, places)


@as_root
def test_content_that_is_not_what_was_rendered_takes_no_place(tmp_path, machine):
    content = base64.b64encode(MADE.data("policy")).decode()[:40]
    edited = script(MADE, PLACES, "install").decode().replace(content, "x" * 40)
    assert "x" * 40 in edited
    (tmp_path / "edited").write_text(edited)

    done = machine(
        f"sh $install >/dev/null; echo old >{POLICY}; sh {tmp_path}/edited; cat {POLICY}"
    )

    assert f"cannot be written: {POLICY}\nold\n" == done.stdout


REQUIRED, MANAGED = "/etc/codex/requirements.toml", "/etc/codex/managed_config.toml"
ANOTHERS = """mkdir -p /etc/codex; cat >/etc/codex/requirements.toml <<'X'
# ours
allowed_sandbox_modes = ["read-only"]
note = \"\"\"
hidden = 1
\"\"\"
[rules]
prefix_rules = [{ pattern = [{ token = "rm" }], decision = "forbidden" }]
[mcp_servers."a b"]
env.TOKEN = 'hush'
X
cp /etc/codex/requirements.toml $aside/mine
"""
NAMED = [
    f"not Tipstaff's own: {REQUIRED}",
    f"  contains allowed_sandbox_modes at {REQUIRED}:2, which would be lost",
    f"  contains note at {REQUIRED}:3, which would be lost",
    f"  contains rules.prefix_rules at {REQUIRED}:7, which would be lost",
    f'  contains mcp_servers."a b".env.TOKEN at {REQUIRED}:9, which would be lost',
]


@as_root
@pytest.mark.parametrize("shell", SHELLS)
def test_a_file_of_another_administrator_is_left_and_what_would_be_lost_is_named(machine, shell):
    done = machine(
        f"{ANOTHERS}$shell $install; echo $?; $shell $check; echo $?; $shell $remove; echo $?\n"
        f"cmp {REQUIRED} $aside/mine && ls /etc/codex; ls /etc/tipstaff",
        shell,
    )

    lines = done.stdout.splitlines()
    assert NAMED == lines[:5]
    assert ["3", "3", "0"] == [line for line in lines if len(line) == 1]
    assert {2} == {lines.count(name) for name in NAMED}
    assert "requirements.toml" == lines[-1]
    assert "hush" not in done.stdout


@as_root
@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_replaced_is_kept_once_and_given_back(machine, shell):
    done = machine(
        f"{ANOTHERS}chmod 640 {REQUIRED}; $shell $install --replace >/dev/null || exit 1\n"
        + right(f"$shell $install >/dev/null; cmp {REQUIRED}.before-tipstaff $aside/mine")
        + f"\n$shell $remove; cmp {REQUIRED} $aside/mine; stat -c %a {REQUIRED}; ls /etc/codex",
        shell,
    )

    assert 0 == done.returncode, done.stdout
    assert "" == done.stderr, done.stdout
    assert f"restored: {REQUIRED}" in done.stdout
    assert done.stdout.endswith("640\nrequirements.toml\n")


@as_root
def test_a_second_file_of_another_administrator_is_not_lost_either(machine):
    done = machine(
        f"{ANOTHERS}sh $install --replace >/dev/null; echo 'x = 1' >{REQUIRED}; sh $install --replace\n"
        f"echo $?; cat {REQUIRED}; cmp {REQUIRED}.before-tipstaff $aside/mine"
    )

    assert f"a copy of an earlier file exists already: {REQUIRED}.before-tipstaff" in done.stdout
    assert done.stdout.endswith("1\nx = 1\n")


@as_root
@pytest.mark.parametrize("what", ["ln -s $aside/mine", "mkdir"])
def test_a_link_or_folder_of_another_administrator_is_left_too(machine, what):
    done = machine(
        f"mkdir -p /etc/codex; echo 'x = 1' >$aside/mine; {what} {MANAGED}; sh $install; echo $?\n"
        f"sh $install --replace >/dev/null; echo $?; cat $aside/mine; head -c 10 {MANAGED}"
    )

    assert f"not Tipstaff's own: {MANAGED}\n" in done.stdout
    assert done.stdout.endswith("\n3\n0\nx = 1\n# Tipstaff")


@as_root
def test_keys_elsewhere_that_no_policy_here_names_are_another_administrators(tmp_path, machine):
    policy, keys = (
        next(place for place in PLACES if place.payload.name == n) for n in ("policy", "keys")
    )
    places = (policy, keys._replace(path="/etc/pki/jwks.json"))
    (tmp_path / "other").write_bytes(script(MADE, places, "choose"))

    done = machine(
        f"other={tmp_path}/other; mkdir /etc/pki; echo mine >/etc/pki/jwks.json; sh $other install; echo $?\n"
        "mkdir /etc/tipstaff; echo 'trusted_keys = \"/etc/pki/jwks.json\"' >/etc/tipstaff/policy.toml\n"
        "sh $other install; echo $?"
    )

    lines = done.stdout.splitlines()
    assert "not Tipstaff's own: /etc/pki/jwks.json" == lines[0]
    assert ["3", "0"] == [line for line in lines if len(line) == 1]
