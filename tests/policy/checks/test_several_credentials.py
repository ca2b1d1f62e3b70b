"""TIP108 counts the credentials that are present and says which one wins."""

import pytest

from support.machines.check_hosts import decided, host_of, state, statuses, stored, variable
from tipstaff_policy.checks import load_check
from tipstaff_policy.model.state import Credential, NoCredential, UnreadableCredential

BROKEN = stored(UnreadableCredential("is not JSON", "refuse"))
OUT_OF_REACH = Credential(
    "keyring", "entry", UnreadableCredential("no session", "refuse", present=False)
)
# Never an error: what cannot be looked at is one for TIP205. Always applicable: none is a number.
CASES = {
    "none": (state(stored(NoCredential(), None)), "pass"),
    "one": (state(stored()), "pass"),
    "two": (state(variable(), stored()), "fail"),
    "one that cannot be decoded": (state(variable(), BROKEN), "fail"),
    "a keyring out of reach": (state(OUT_OF_REACH, stored()), "pass"),
}


@pytest.mark.parametrize(("host", "status"), CASES.values(), ids=CASES)
def test_the_status_follows_what_is_present(host, status):
    assert [status] == statuses("TIP108", host_of(host, decided()))


@pytest.mark.parametrize(
    ("active", "said"),
    [
        ("CODEX_API_KEY", "the client goes by CODEX_API_KEY"),
        (None, "the client uses none of them"),
    ],
)
def test_a_failure_says_which_one_wins(active, said):
    host = host_of(state(variable(), stored()), decided(active=active))

    (outcome,) = load_check("TIP108")[1](host)

    assert f"CODEX_API_KEY, file; {said}" == outcome.observed
