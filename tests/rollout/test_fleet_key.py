"""The fleet's key goes to endpoints in a file of its own, which root alone can read there."""

import base64
import io
import os
import re
import stat
import subprocess
import tarfile

import pytest

from rollout.drafts import DOCUMENT, KEYS_PATHS, OF_CLAUDE, draft
from support.machines.private_etc import in_private_etc
from support.services.signing import issuer, jwks
from tipstaff_policy.system.owners.sddl import parse_sddl
from tipstaff_rollout.artefacts.compiling import MOVED, compile_policy
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.model import ArtefactError, Channel
from tipstaff_rollout.packages import deb, rpm
from tipstaff_rollout.proving import differences, list_left_out, prove, render_artefact
from tipstaff_rollout.storing import write_artefact

KEY = "a-made-up-key-of-a-fleet"
INLINE = DOCUMENT + f'fleet_key = "{KEY}"  # the fleet\'s own\ncontact = "x"\n'
CARRY = {
    "policy", "intune-windows", "intune-win32", "deb", "rpm", "container", "ansible", "shell",
    "jamf", "intune-macos", "kandji", "fleet",
}  # fmt: skip
NO_SECRET = {
    "gpo", "reg", "requirements", "managed-config", "claude", "claude-drop-in", "mobileconfig", "mobileconfig-mcx",
    "plist",
}  # fmt: skip
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the scripts are for root")


def made(platform="linux", text=INLINE, *, drop_ins=False):
    more = f"trusted_keys = '{KEYS_PATHS[platform]}'\n"
    author = draft(text + more + OF_CLAUDE, jwks(issuer("k").jwk()).encode())
    return compile_policy(author, drop_ins=drop_ins)


def artefact(name):
    to: Channel = channel(name)
    compiled = made(to.platform, drop_ins="drop-in" in name)
    return to, render_artefact(compiled, to)


def test_every_channel_either_carries_the_key_or_says_that_it_does_not():
    assert {*channel_names()} == CARRY | NO_SECRET
    assert {
        name for name in NO_SECRET if "fleet_key" in list_left_out(made(), channel(name))
    } == NO_SECRET


@pytest.mark.parametrize("name", channel_names())
def test_what_users_read_holds_no_key_and_the_artefact_is_proved_with_it(name):
    to, files = artefact(name)

    proof = prove(files)

    payloads = {payload.name: payload.data for payload in proof.compiled.payloads}
    assert (f"{KEY}\n".encode() if name in CARRY else None) == payloads.pop("fleet_key", None)
    assert not any(KEY.encode() in payload for payload in payloads.values())
    assert () == differences(proof, made(to.platform, drop_ins="drop-in" in name))


@pytest.mark.parametrize("name", sorted(NO_SECRET))
def test_an_artefact_of_other_channels_holds_no_form_of_the_key(name):
    _, files = artefact(name)

    forms = (KEY.encode(), base64.b64encode(KEY.encode())[:-4])
    assert not any(form in file.data for file in files for form in forms)


def test_an_artefact_with_another_key_is_none_of_the_policy():
    other = compile_policy(draft(INLINE.replace(KEY, KEY[::-1])))

    assert ("fleet_key: differs from line 1 on",) == differences(
        prove(render_artefact(compile_policy(draft(INLINE)), channel("shell"))), other
    )


STATED = {
    "in one line": f'fleet_key = "{KEY}"\n',
    "literal": f"fleet_key = '{KEY}'\n",
    "by a quoted name": f'"fleet_key" = "{KEY}"\n',
    "in several lines": f'fleet_key = """\\\n  {KEY[:9]}\\\n  {KEY[9:]}"""\n',
    "without a line's end": f'fleet_key = "{KEY}"',
}


@pytest.mark.parametrize("stated", STATED.values(), ids=STATED)
def test_every_other_line_of_the_document_stays_and_keeps_its_number(stated):
    found = compile_policy(draft(DOCUMENT + stated))

    document = found.data("policy")
    assert DOCUMENT.encode() + MOVED == document[: len(DOCUMENT.encode() + MOVED)]
    assert stated.count("\n") <= document.count(b"\n") - DOCUMENT.count("\n")
    assert f"{KEY}\n".encode() == found.data("fleet_key")
    assert found == compile_policy(draft(DOCUMENT + f'fleet_key = "{KEY}"\n')) or "\\\n" in stated


def test_a_key_in_its_own_file_is_the_same_policy_as_one_in_a_document_that_lacks_it():
    of_document = compile_policy(draft(DOCUMENT + f'fleet_key = "{KEY}"\n'))

    again = compile_policy(
        draft((DOCUMENT.encode() + MOVED).decode())._replace(fleet_key=KEY.encode())
    )

    assert of_document == again


@pytest.mark.parametrize("content", [b"", b"short", b"a b c d e f g h i j", b"\xff" * 20])
def test_a_file_without_a_key_is_no_policy_and_shows_nothing_of_it(content):
    with pytest.raises(ArtefactError) as caught:
        compile_policy(draft()._replace(fleet_key=content))

    assert re.search(r"fleet\.key: holds no key\n.*16 to 200 printable", str(caught.value))


def test_two_keys_are_refused():
    with pytest.raises(ArtefactError, match=r"policy\.toml:8: fleet_key differs"):
        compile_policy(draft(INLINE)._replace(fleet_key=b"another-made-up-key"))


@pytest.mark.parametrize("form", [deb, rpm])
def test_a_package_gives_the_key_to_root_alone(form):
    ((file,), name) = artefact(form.__name__.rpartition(".")[2])[1], "/etc/tipstaff/fleet.key"

    modes = {entry.path: stat.S_IMODE(entry.mode) for entry in form.read(file.data, file.path)}

    assert 0o600 == modes[name]
    assert 0o644 == modes["/etc/tipstaff/policy.toml"]


def test_a_layer_of_an_image_gives_the_key_to_root_alone():
    _, (_, layer, *_) = artefact("container")

    with tarfile.open(fileobj=io.BytesIO(layer.data)) as archive:
        found = {member.name: (member.mode, member.uid) for member in archive}

    assert (0o600, 0) == found["./etc/tipstaff/fleet.key"]


def test_a_role_writes_the_key_for_root_alone_and_shows_no_difference_of_it():
    _, files = artefact("ansible")
    tasks = next(file.data.decode() for file in files if file.path.endswith("tasks/main.yml"))

    (task,) = [
        part for part in tasks.split("- name: ") if part.startswith("Write /etc/tipstaff/fleet")
    ]

    assert 'mode: "0600"' in task
    assert "no_log: true" in task
    assert "validate" not in task


@pytest.mark.parametrize("name", ["intune-windows", "intune-win32"])
def test_a_script_for_windows_gives_users_no_right_on_the_key(name):
    _, files = artefact(name)
    installer = next(file.data.decode() for file in files if b"function Set-Access" in file.data)

    row = re.search(
        r"@\{ Path = 'Tipstaff\\fleet\.key'; Sha256 = '\w+'; Private = \$true;", installer
    )
    (private,) = [
        sddl for sddl in re.findall(r"'(O:BAG:BAD:[^']+)'", installer) if "BU)" not in sddl
    ]

    assert row is not None
    assert {"S-1-5-18", "S-1-5-32-544"} == {ace.sid for ace in parse_sddl(private).aces}


@as_root
def test_a_script_writes_the_key_for_root_alone_and_users_can_check_the_host(tmp_path):
    etc, before = in_private_etc(tmp_path)
    script = write_artefact(artefact("shell")[1], tmp_path / "policy.sh")

    def run(*words, prefix=()):
        words = [*before, *prefix, "sh", "-s", *words]
        text = script.read_text()
        return subprocess.run(words, input=text, capture_output=True, text=True, check=False)

    first, again = run("install"), run("install")
    secret = (etc / "tipstaff/fleet.key").lstat()
    modes = (stat.S_IMODE(secret.st_mode), (etc / "tipstaff/policy.toml").stat().st_mode & 0o777)
    users = run("check", prefix=("setpriv", "--reuid=61009", "--regid=61009", "--clear-groups"))
    (etc / "tipstaff/fleet.key").chmod(0o640)
    loose = run("check")

    assert 0 == first.returncode
    assert 0 == again.returncode
    assert "in place: example-corp 2026-11\n" == again.stdout
    assert (0o600, 0o644) == modes, users.stdout
    assert 0 == users.returncode, users.stdout
    assert 1 == loose.returncode
    assert "fleet.key" in loose.stdout
    assert 0 == run("remove").returncode
    assert not (etc / "tipstaff").exists()


@as_root
def test_at_no_instant_can_others_read_the_key_that_a_script_writes(tmp_path):
    _, before = in_private_etc(tmp_path)
    script = write_artefact(artefact("shell")[1], tmp_path / "policy.sh")
    # In place of chmod, which would only come after the content: is the file closed already?
    spy = tmp_path / "bin/chmod"
    spy.parent.mkdir()
    seen = tmp_path / "seen"
    spy.write_text(f'#!/bin/sh\nstat -c "%a %n" "$2" >>{seen}\nexec /usr/bin/chmod "$@"\n')
    spy.chmod(0o755)
    text = script.read_text().replace("PATH=/usr/bin", f"PATH={spy.parent}:/usr/bin", 1)
    script.write_text(text)

    done = subprocess.run([*before, "sh", script, "install"], check=False, capture_output=True)

    assert 0 == done.returncode
    rows = [line for line in seen.read_text().splitlines() if "fleet.key" in line]
    assert ["600 /etc/tipstaff/fleet.key.tipstaff-new"] == rows
