"""Which file of an artefact was touched, and what is no edit: the block of a signature."""

import pytest

from rollout.drafts import DOCUMENT, draft, example
from tipstaff_policy.errors import PolicyError
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.channels import channel
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.proving import prove, render_artefact

LATER = compile_policy(draft(DOCUMENT + "warn_from = 2026-01-01\n"))
"""A policy of which nothing else is carried that vouches for itself."""
FOLDERS = {"ansible": "linux", "gpo": "windows"}


def edited(files, path):
    more = b"\n" if path.endswith(".json") else b"\n# x\n"
    return tuple(
        file._replace(data=file.data + more) if file.path.endswith(path) else file for file in files
    )


@pytest.mark.parametrize("made", [None, LATER], ids=["whole", "later"])
@pytest.mark.parametrize("name", FOLDERS)
def test_the_policy_that_was_touched_is_named_and_no_other_file(name, made):
    by = channel(name)
    files = edited(render_artefact(made or example(by.platform), by), "files/policy.toml")

    with pytest.raises(ArtefactError) as caught:
        prove(files)

    assert caught.value.where.endswith("files/policy.toml")


@pytest.mark.parametrize("touched", ["files/keys.json", "files/requirements.toml", "README.md"])
@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_is_judged_on_its_own_bytes(name, touched):
    by = channel(name)

    with pytest.raises(PolicyError) as caught:
        prove(edited(render_artefact(example(by.platform), by), touched))

    assert caught.value.where.split(":")[0].endswith(touched)


def test_a_layer_that_was_touched_is_named_and_not_its_recipe():
    files = render_artefact(example(), channel("container"))
    layer = next(file for file in files if file.path == "layer.tar")
    changed = layer._replace(data=layer.data.replace(b"Example Corp", b"example corp"))
    named = tuple(changed if file == layer else file for file in files)

    with pytest.raises(ArtefactError) as caught:
        prove(named)

    assert caught.value.where in ("layer.tar", "policy.toml")


BLOCK = b"\r\n# SIG # Begin signature block\r\n# MIIFq/x+==\r\n# SIG # End signature block\r\n"
SIGNED = {
    "intune-windows": ("detect.ps1", "remediate.ps1"),
    "intune-win32": ("detect.ps1", "install.ps1", "uninstall.ps1"),
}


def signed(name, block=BLOCK):
    files = render_artefact(example("windows"), channel(name))
    return tuple(
        file._replace(data=file.data + block) if file.path in SIGNED[name] else file
        for file in files
    )


@pytest.mark.parametrize("name", SIGNED)
def test_a_script_that_was_signed_afterwards_is_whole_and_said_to_be_signed(name):
    proof = prove(signed(name))

    assert name == proof.channel
    assert {*SIGNED[name]} == {*proof.signed}


@pytest.mark.parametrize(
    "block",
    [
        BLOCK + b"Remove-Item x\r\n",
        BLOCK.replace(b"# MIIFq", b"MIIFq"),
        BLOCK.replace(b"# SIG # End signature block\r\n", b""),
        b"\r\nRemove-Item x" + BLOCK,
        BLOCK + BLOCK,
    ],
    ids=["text behind it", "a line of code in it", "without an end", "an edit before it", "twice"],
)
def test_an_edit_is_not_taken_for_a_signature(block):
    with pytest.raises(ArtefactError, match="was edited"):
        prove(signed("intune-win32", block))
