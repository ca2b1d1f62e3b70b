"""TIP402: a bundle that the client cannot use, or that has expired, fails. There is no error: what cannot be read fails."""

import pytest

from check_hosts import around, state, statuses
from tipstaff_policy.surroundings import CaBundle

BUNDLE = CaBundle("SSL_CERT_FILE", "/ca.pem", certificates=2)


CASES = {
    "pass": around(ca_bundle=BUNDLE),
    "fail": around(ca_bundle=BUNDLE._replace(fault="holds no certificate")),
    "fail: expired": around(ca_bundle=BUNDLE._replace(expired=(2,))),
    "not_applicable": around(),
    "not_applicable: an image": around(of=state(environment="not_seen"), ca_bundle=BUNDLE),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP402", host)
