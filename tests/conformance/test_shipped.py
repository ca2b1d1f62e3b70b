"""The real client behind what a channel brought onto a host, by the channel's own means."""

import os

import pytest

from conformance.client import Case
from rollout.drafts import draft
from support.clients.logins import API_KEY, chatgpt
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.channels import channel
from tipstaff_rollout.proving import render_artefact

POLICY = """\
schema = 1
id = "p"
version = "1"
login_methods = ["chatgpt"]
workspaces = [{ id = "ws-a" }]
"""
INSTALLED = {
    "shell": "sh $HOME/policy.sh install >/dev/null",
    "container": "tar -x -C / -f $HOME/layer.tar",
}
LOGINS = {"key": (API_KEY, 1), "its own": (chatgpt("ws-a"), 0), "another's": (chatgpt("ws-z"), 1)}


@pytest.mark.skipif(os.geteuid() != 0, reason="what is installed belongs to root")
@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize("login", LOGINS)
def test_the_client_obeys_what_was_installed(name, login, namespace, client):
    auth, code = LOGINS[login]
    files = render_artefact(compile_policy(draft(POLICY)), channel(name))
    home = {f"../{file.path}": {"hex": file.data.hex()} for file in files}
    script = f"{INSTALLED[name]} && exec {client} login status"

    found = namespace.run(["sh", "-c", script], Case(home={"auth.json": auth, **home}))
    started = namespace.run(
        ["sh", "-c", f"{INSTALLED[name]} && exec {client} exec --skip-git-repo-check hi"],
        Case(home={"auth.json": auth, **home}),
        until_banner=True,
    )

    assert code == found["code"], found
    assert (code == 0) == started["started"], started
    assert (code == 1) == ("Logging out" in started["out"]), started
