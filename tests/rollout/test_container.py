"""A layer with a policy: what tar makes of it, and what is found in an edited one."""

import hashlib
import io
import json
import re
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artefacts.package_judges import NEEDS_ROOT, needs, run
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy
from tipstaff_rollout.channels import channel
from tipstaff_rollout.model import ArtefactError, File
from tipstaff_rollout.proving import prove

KEYS = Path(__file__).parents[2] / "examples/policies/every-field/jwks.json"
POLICY = r"""
schema = 1
id = "example-corp"
version = '2026 "$HOME" \'
login_methods = ["chatgpt"]
stores = ["keyring"]
trusted_keys = "/etc/tipstaff/keys/jwks.json"
"""
PLACES = {
    "/etc/codex/managed_config.toml": "managed_config",
    "/etc/codex/requirements.toml": "requirements",
    "/etc/tipstaff/keys/jwks.json": "keys",
    "/etc/tipstaff/policy.toml": "policy",
}


def made(policy=POLICY):
    return compile_policy(Draft(policy.encode(), KEYS.read_bytes()))


def rendered(policy=POLICY):
    return channel("container").render(made(policy))


def test_the_layer_is_one_that_tarfile_reads():
    payloads = {payload.name: payload.data for payload in made().payloads}
    _, layer = rendered()

    with tarfile.open(fileobj=io.BytesIO(layer.data)) as archive:
        found = {member.name[1:]: member for member in archive}
        contents = {
            path: archive.extractfile(member).read()
            for path, member in found.items()
            if member.isfile()
        }

    assert {path: payloads[name] for path, name in PLACES.items()} == contents
    assert {"/etc/codex", "/etc/tipstaff", *PLACES} == set(found)
    assert {(0, 0, "root", "root", 946684800)} == {
        (member.uid, member.gid, member.uname, member.gname, member.mtime)
        for member in found.values()
    }
    assert {0o755, 0o644} == {member.mode for member in found.values()}


@needs("tar")
def test_the_layer_is_one_that_tar_unpacks(tmp_path):
    _, layer = rendered()
    (tmp_path / layer.path).write_bytes(layer.data)

    assert "" == run("tar", "-x", "-C", tmp_path, "-f", tmp_path / layer.path)

    assert made().data("policy") == (tmp_path / "etc/tipstaff/policy.toml").read_bytes()
    assert 0o644 == stat.S_IMODE((tmp_path / "etc/tipstaff/policy.toml").stat().st_mode)


def test_the_recipe_tells_the_policy_with_no_meaning_in_its_marks():
    recipe, layer = rendered()

    layer_lines = [
        "ADD layer.tar /",
        'LABEL tipstaff.policy="example-corp"',
        r'LABEL tipstaff.version="2026 \"\$HOME\" \\"',
        f'LABEL tipstaff.fingerprint="{made().fingerprint}"',
        f'LABEL tipstaff.layer="sha256:{hashlib.sha256(layer.data).hexdigest()}"',
    ]
    lines = recipe.data.decode().splitlines()
    assert ["ARG BASE=scratch", lines[1], "FROM $BASE AS unchecked", *layer_lines] == lines[:8]
    assert "FROM $BASE" == lines[8]
    assert layer_lines == lines[-5:]


BASES = {
    "nothing there": ("", 0),
    "ours": ("cp ours etc/codex/requirements.toml", 0),
    "another administrator's": ("echo 'x = 1' >etc/codex/requirements.toml", 3),
    "another's without an end": ("printf x >etc/codex/managed_config.toml", 3),
}


@pytest.mark.parametrize(("before", "code"), BASES.values(), ids=BASES)
def test_a_build_stops_where_the_base_has_a_file_of_another_administrator(tmp_path, before, code):
    recipe, _ = rendered()
    (tmp_path / "etc/codex").mkdir(parents=True)
    (tmp_path / "ours").write_bytes(made().data("requirements"))
    run_lines = re.search(r"^RUN (.*?)^ADD", recipe.data.decode(), re.DOTALL | re.MULTILINE)[1]

    done = subprocess.run(
        ["sh", "-c", f"{before}\n{run_lines.replace('/etc/', 'etc/')}"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert code == done.returncode, done.stderr
    assert ("not Tipstaff's own" in done.stderr) == bool(code)


@NEEDS_ROOT
@needs("buildah")
def test_the_recipe_is_one_that_buildah_follows(tmp_path):
    for file in rendered():
        (tmp_path / file.path).write_bytes(file.data)
    state = ("--storage-driver", "vfs", "--root", tmp_path / "root", "--runroot", tmp_path / "run")

    options = ("--isolation", "chroot", "--target", "unchecked", "-t", "policy")
    run("buildah", *state, "bud", *options, tmp_path)

    labels = json.loads(run("buildah", *state, "inspect", "policy"))["OCIv1"]["config"]["Labels"]
    assert made().version == labels["tipstaff.version"]
    assert made().fingerprint == labels["tipstaff.fingerprint"]


@given(cut=st.integers(min_value=0))
def test_a_layer_that_was_cut_off_is_an_error_with_its_place(cut):
    recipe, layer = rendered()
    shorter = layer._replace(data=layer.data[: cut % len(layer.data)])

    with pytest.raises(ArtefactError, match=r"cut off|does not end"):
        channel("container").read((recipe, shorter))


@given(at=st.integers(min_value=0), mask=st.integers(1, 255))
def test_an_edited_byte_of_a_layer_is_an_error_or_stands_in_a_file(at, mask):
    recipe, layer = rendered()
    data = bytearray(layer.data)
    data[at % len(data)] ^= mask

    try:
        found = channel("container").read((recipe, layer._replace(data=bytes(data))))
    except ArtefactError:
        return
    assert {payload.name: len(payload.data) for payload in made().payloads} == {
        entry.name: len(entry.data) for entry in found
    }


def test_a_recipe_without_its_layer_is_an_error():
    with pytest.raises(ArtefactError, match=r"layer\.tar: is missing"):
        channel("container").read(rendered()[:1])


def test_other_files_are_somebody_else_s():
    assert channel("container").read((File("policy.toml", b""),)) is None


def test_keys_that_cannot_lie_where_the_policy_says_are_refused():
    with pytest.raises(ArtefactError, match=re.escape("/etc/./keys")):
        rendered(POLICY.replace("/etc/tipstaff/keys/jwks.json", "/etc/./keys"))


def test_another_key_in_the_layer_is_seen():
    """No digest of the policy is one of its keys."""
    recipe, layer = rendered()
    edited = layer._replace(data=layer.data.replace(b'"kid": "example"', b'"kid": "Example"', 1))
    assert edited != layer

    with pytest.raises(ArtefactError, match="was edited"):
        prove((recipe, edited))
