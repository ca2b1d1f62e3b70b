"""TIP202 sees the plain file that outlives the move to another store, and says how it stands."""

import pytest

from support.machines.check_hosts import (
    IN_A,
    LOGIN,
    REFUSED,
    around,
    decided,
    ordered,
    state,
    statuses,
    stored,
)
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.host_facts import StoreUse
from tipstaff_policy.model.state import HeldCredential, NoCredential, UnreadableCredential
from tipstaff_policy.organisation.model import Allowed

KEYRING, MEMORY = StoreUse("keyring", ()), StoreUse("ephemeral", ())
EMPTY = state(stored(NoCredential(), None))
KEY = state(stored(HeldCredential("apikey", "api")))
CASES = {
    "beside a keyring": (around(store=KEYRING), "fail"),
    "beside the memory store": (around(store=MEMORY), "fail"),
    "beside a keyring that is preferred": (around(store=StoreUse("auto", ())), "fail"),
    "unreadable": (
        around(of=state(stored(UnreadableCredential("x", "refuse"))), store=MEMORY),
        "fail",
    ),
    "none": (around(of=EMPTY, store=KEYRING), "pass"),
    "the file is the store": (around(store=StoreUse("file", ())), "not_applicable"),
    "the file stands in": (around(store=StoreUse("auto", (), "is gone")), "not_applicable"),
    "nobody looked": (around(), "not_applicable"),
    "keyring not seen": (around(store=StoreUse("auto", (), unclear="is elsewhere")), "error"),
    "rules not read": (around(REFUSED), "error"),
}


@pytest.mark.parametrize(("host", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_found(host, status):
    assert [status] == statuses("TIP202", host)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        (around(store=MEMORY), "it violates no rule"),
        (around(of=KEY, store=MEMORY), "it violates the client's rules (login method)"),
        (
            around(of=KEY, store=MEMORY, orders=ordered(login_methods=Allowed(("chatgpt",), ()))),
            "it violates the organisation's policy (login method)",
        ),
        (
            around(
                decided(**IN_A),
                of=state(stored(LOGIN._replace(claims=LOGIN.claims._replace(access_token="ws-z")))),
                store=MEMORY,
            ),
            "it violates the client's rules (workspace)",
        ),
        (
            around(of=state(stored(UnreadableCredential("x", "refuse"))), store=MEMORY),
            "it cannot be read, so whether it violates is not known",
        ),
    ],
)
def test_it_says_whether_the_residue_violates(host, words):
    (outcome,) = load_check("TIP202")[1](host)

    assert f"a plain credential file; {words}" == outcome.observed
