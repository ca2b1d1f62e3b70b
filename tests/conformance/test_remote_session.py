"""A client that works through another one goes past every rule of its own host."""

import pytest

from conformance.client import VERSION, Case
from support.clients.logins import API_KEY
from tipstaff_policy.clients.codex.versions import version_number

KNOWS = (0, 171, 0)
EXEC = ("exec", "--skip-git-repo-check", "--remote", "ws://127.0.0.1:9", "hi")


def test_no_rule_of_the_host_stops_or_signs_out_what_works_elsewhere(namespace, client, unfit):
    if version_number(VERSION) < KNOWS:
        unfit("a remote session", "it has no such option")
    case = Case(
        etc={"managed_config.toml": 'forced_login_method = "chatgpt"\n'},
        home={"auth.json": API_KEY},
    )

    found = namespace.run([client, *EXEC], case)

    assert "failed to connect to remote app server" in found["err"]
    assert "auth.json" in found["left"]


@pytest.mark.parametrize("line", [EXEC, ("--remote", "ws://127.0.0.1:9", *EXEC[:2], "hi")])
def test_the_address_is_read_where_the_client_reads_it(line, namespace, client, unfit):
    from tipstaff_policy.clients.codex.facts.remote import address_of

    if version_number(VERSION) < KNOWS:
        unfit("a remote session", "it has no such option")

    found = namespace.run([client, *line], Case())

    assert "ws://127.0.0.1:9" in found["err"]
    assert "ws://127.0.0.1:9" == address_of(("codex", *line))
