"""What was rendered for a host makes the real client behave as the policy says."""

import io
import tarfile

import pytest

from conformance_claude.credentials import (
    BASE,
    BEDROCK,
    DROP_INS,
    KEY,
    LOGIN,
    LOGIN_OF_OTHER,
    OTHER,
    OWN,
)
from conformance_claude.oracle import Host, start
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy
from tipstaff_rollout.artefacts.places import place_texts
from tipstaff_rollout.channels import channel
from tipstaff_rollout.proving import render_artefact

pytestmark = pytest.mark.rest
FOLDER = "./etc/claude-code/"
POLICY = """\
schema = 1
id = "example-corp"
version = "1"
[clients.claude]
login_methods = ["claudeai"]
organisations = [{}]
[clients.claude.settings.env]
NOTE = "100 %"
"""


def compiled(*organisations, drop_ins=False):
    named = ", ".join(f'"{organisation}"' for organisation in organisations)
    return compile_policy(Draft(POLICY.format(named).encode()), drop_ins=drop_ins)


def laid_out(made):
    """Return what the layer of an image holds below /etc/claude-code."""
    files = {file.path: file.data for file in render_artefact(made, channel("container"))}
    with tarfile.open(fileobj=io.BytesIO(files["layer.tar"])) as archive:
        return {
            member.name.removeprefix(FOLDER): archive.extractfile(member).read().decode()
            for member in archive
            if member.isfile() and member.name.startswith(FOLDER)
        }


def as_registry_text(made):
    """Return the text of the registry in the place of the file, whose grammar is the same."""
    (registered,) = place_texts(made)
    return {BASE: registered.text}


LISTED = '{"forceLoginOrgUUID": ["' + OTHER + '"], "model": "opus"}'
WHOLE = laid_out(compiled(OWN))
TEXT = as_registry_text(compiled(OWN))
DROP_IN = {BASE: LISTED} | laid_out(compiled(OWN, drop_ins=True))
UNITED = {BASE: LISTED} | laid_out(compiled(OWN, "org-c", drop_ins=True))
HOSTS = {
    "whole: a login of the organisation": (WHOLE, LOGIN, {}, "started"),
    "whole: a login of another": (WHOLE, LOGIN_OF_OTHER, {}, "refused: other organisation"),
    "whole: a key": (WHOLE, LOGIN, KEY, "refused: sign-in"),
    "whole: a cloud": (WHOLE, LOGIN, BEDROCK, "refused: sign-in"),
    "text of the registry: a login of the organisation": (TEXT, LOGIN, {}, "started"),
    "text of the registry: a login of another": (TEXT, LOGIN_OF_OTHER, {}, "refused: other organisation"),
    "drop-in: a login of the organisation": (DROP_IN, LOGIN, {}, "started"),
    "drop-in: a login that the other file lists": (DROP_IN, LOGIN_OF_OTHER, {}, "refused: other organisation"),
    "drop-in: a key": (DROP_IN, LOGIN, KEY, "refused: sign-in"),
    "drop-in of a list, which lint names: a login that the other file lists": (UNITED, LOGIN_OF_OTHER, {}, "started"),
}  # fmt: skip


def test_a_drop_in_is_next_to_the_file_of_another_administrator():
    assert {BASE, f"{DROP_INS}/50-tipstaff.json"} == {*DROP_IN}


@pytest.mark.parametrize(("managed", "home", "env", "ending"), HOSTS.values(), ids=HOSTS)
def test_the_client_does_what_the_policy_says(namespace, client, managed, home, env, ending):
    found = start(namespace, client, Host(managed=managed, home=home, env=env))

    assert ending == found.ending, found.text
