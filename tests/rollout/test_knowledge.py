"""Every channel that puts files onto hosts carries signed knowledge, and reads it back."""

import os
import subprocess

import pytest

from rollout.drafts import DOCUMENT, OF_CLAUDE, draft
from support.artefacts.knowledge import NOW, public, signed, signing_keys
from support.machines.hosts import tipstaff
from support.machines.private_etc import in_private_etc
from tipstaff_policy.assessment.knowledge.making import make_content
from tipstaff_policy.errors import BadSignatureError
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.proving import list_left_out, prove, render_artefact

__all__ = ["signing_keys"]

CARRY = {
    "policy", "intune-windows", "intune-win32", "gpo", "deb", "rpm", "container", "ansible",
    "shell", "jamf", "intune-macos", "kandji", "fleet",
}  # fmt: skip
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the scripts are for root")


@pytest.fixture(scope="module")
def knowledge(signing_keys):
    return signed(signing_keys, make_content(3, NOW, newest=1))


def made(keys, knowledge, *, drop_ins=False):
    text = DOCUMENT + f'knowledge_keys = ["{public(keys)}"]\n' + OF_CLAUDE
    return compile_policy(draft(text)._replace(knowledge=knowledge), drop_ins=drop_ins)


def test_every_other_channel_says_that_it_does_not_carry_it(signing_keys, knowledge):
    compiled = made(signing_keys, knowledge)

    assert CARRY == {
        name
        for name in channel_names()
        if "knowledge" not in list_left_out(compiled, channel(name))
    }


@pytest.mark.parametrize("name", sorted(CARRY))
def test_a_channel_gives_back_what_it_carries(name, signing_keys, knowledge):
    proof = prove(render_artefact(made(signing_keys, knowledge), channel(name)))

    assert knowledge == proof.compiled.data("knowledge")


@pytest.mark.parametrize("name", ["policy", "ansible", "container"])
def test_knowledge_that_no_key_of_the_policy_signed_proves_no_artefact(
    name, signing_keys, knowledge
):
    stranger = signed(signing_keys, make_content(3, NOW, newest=1), name="stranger")
    compiled = made(signing_keys, knowledge)
    swapped = [
        payload._replace(data=stranger) if payload.name == "knowledge" else payload
        for payload in compiled.payloads
    ]
    files = render_artefact(compiled._replace(payloads=tuple(swapped)), channel(name))

    with pytest.raises(BadSignatureError):
        prove(files)


@as_root
def test_the_script_puts_it_where_tipstaff_looks(tmp_path, signing_keys, knowledge):
    script = tmp_path / "policy.sh"
    (file,) = render_artefact(made(signing_keys, knowledge), channel("shell"))
    script.write_bytes(file.data)
    etc, before = in_private_etc(tmp_path)
    subprocess.run([*before, "sh", script, "install"], check=True, capture_output=True)

    assert knowledge == (etc / "tipstaff/knowledge.json").read_bytes()


def write_policy(folder, keys):
    path = folder / "policy.toml"
    path.write_text(
        f'schema = 1\nid = "x"\nversion = "1"\nknowledge_keys = ["{public(keys)}"]\n'
        'login_methods = ["chatgpt"]\n'
    )
    return path


def test_render_takes_a_document_and_verify_compares_with_the_policy(
    tmp_path, signing_keys, knowledge
):
    policy, given = write_policy(tmp_path, signing_keys), tmp_path / "given.json"
    given.write_bytes(knowledge)
    words = ("--to", "shell", "--out", tmp_path / "policy.sh", "--knowledge", given)
    rendered = tipstaff("policy", "render", policy, *words)
    verified = tipstaff("policy", "verify", tmp_path / "policy.sh", "--against", policy)

    assert (0, 0) == (rendered.returncode, verified.returncode), verified.stdout


def test_render_refuses_a_document_of_another_key_with_6(tmp_path, signing_keys):
    policy, given = write_policy(tmp_path, signing_keys), tmp_path / "given.json"
    given.write_bytes(signed(signing_keys, name="stranger"))
    words = ("--to", "shell", "--out", tmp_path / "policy.sh", "--knowledge", given)
    done = tipstaff("policy", "render", policy, *words)

    assert (6, False) == (done.returncode, (tmp_path / "policy.sh").exists())


def test_a_document_of_every_version_is_too_large_for_one_channel_which_says_so(
    tmp_path, signing_keys
):
    policy, given = write_policy(tmp_path, signing_keys), tmp_path / "given.json"
    given.write_bytes(signed(signing_keys))
    words = ("--to", "intune-windows", "--out", tmp_path / "out", "--knowledge", given)
    done = tipstaff("policy", "render", policy, *words)

    assert (3, True) == (done.returncode, "which is what Intune takes" in done.stderr)
