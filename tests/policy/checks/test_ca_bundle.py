"""TIP402: a bundle that the client cannot use, or that has expired, fails. There is no error: what cannot be read fails."""

import pytest

from support.machines.check_hosts import around, state, statuses
from tipstaff_policy.checks.ca_bundle import evaluate
from tipstaff_policy.model.host_facts import CaBundle

BUNDLE = CaBundle("SSL_CERT_FILE", "/ca.pem", certificates=2)


CASES = {
    "pass": around(ca_bundle=BUNDLE),
    "fail": around(ca_bundle=BUNDLE._replace(fault="holds no certificate")),
    "pass: an old root has expired beside a valid one": around(
        ca_bundle=BUNDLE._replace(expired=(2,))
    ),
    "fail: a private one has expired": around(
        ca_bundle=BUNDLE._replace(certificates=1, expired=(1,))
    ),
    "fail: all have expired": around(ca_bundle=BUNDLE._replace(expired=(1, 2))),
    "not_applicable": around(),
    "not_applicable: an image": around(of=state(environment="not_seen"), ca_bundle=BUNDLE),
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP402", host)


@pytest.mark.parametrize("variable", ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"])
def test_the_remedy_names_the_variable(variable):
    bundle = BUNDLE._replace(variable=variable, fault="holds no certificate")

    (outcome,) = evaluate(around(ca_bundle=bundle))

    assert outcome.remedy.startswith(f"Let {variable} name ")
