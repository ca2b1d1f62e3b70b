"""docs/stopped.md shows what the client itself says, without Tipstaff."""

import pytest

from conformance.account import IS_NEWEST_OR_LATER
from conformance.client import Case
from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT
from support.machines.stopped_people import blocks, check_block

START = ("exec", "--skip-git-repo-check", "hi")
HIDDEN = 'allowed_login_methods = ["chatgpt"]\n'
CASES = {
    "The client logs you out": ({"managed_config.toml": FORCED_CHATGPT}, START),
    "The client says that you are not logged in": (
        {"requirements.toml": HIDDEN},
        ("login", "status"),
    ),
    "The client cannot read a file": ({"managed_config.toml": "# rules\nx = ["}, START),
}


@pytest.mark.skipif(
    not IS_NEWEST_OR_LATER, reason="the page shows the words of the newest proven client"
)
@pytest.mark.parametrize("name", CASES)
def test_the_page_shows_what_the_client_says(name, namespace, client):
    etc, words = CASES[name]

    done = namespace.run([client, *words], Case(etc=etc, home={"auth.json": API_KEY}))

    check_block(name, f"{done['err'].rstrip()}\nexit {done['code']}")


def test_every_such_case_of_the_page_is_run():
    assert [*CASES] == [*blocks()][-len(CASES) :]
