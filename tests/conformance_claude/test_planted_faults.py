"""Each wrong row that is planted in the adapter's data is found by replaying the record.

A comparison that finds nothing could be one that looks at nothing.
"""

import pytest

from conformance_claude import install
from conformance_claude.record import corpus_of, read_corpus
from conformance_claude.replay import replay
from tipstaff_policy.clients.claude import methods, versions
from tipstaff_policy.clients.claude.config import layer_stack, rules
from tipstaff_policy.clients.claude.credentials import members
from tipstaff_policy.clients.claude.decision import decision, session

NEWEST = install.NEWEST


def row(**changed):
    """Plant other values in the row of the version that is replayed."""

    def plant(patch, version):
        (own,) = versions.behaviours_of(version)
        patch.setattr(versions, "SPANS", (versions.Span((0, 0, 0), (own._replace(**changed),)),))

    return plant


def value(name, planted, *modules):
    """Plant another value under a name, wherever it was imported."""

    def plant(patch, _):
        for module in modules:
            patch.setattr(module, name, planted)

    return plant


LOGIN_FIRST = ("login", *(role for role in session.ORDER if role != "login"))
FAULTS = {
    "organisations are not enforced": (NEWEST, row(enforces_organisation=False)),
    "keys pass a pin": (NEWEST, row(refuses_keys=False)),
    "clouds are refused under a pin": (NEWEST, row(refuses_clouds=True)),
    "profiles are refused under a pin": (NEWEST, row(refuses_profiles=True)),
    "a host's provider is refused under a pin": (NEWEST, row(refuses_host_managed=True)),
    "the sign-in rule is not known": (NEWEST, row(enforces_sign_in=False)),
    "providers are not read": (NEWEST, row(reads_providers=False)),
    "a given policy is not read": (NEWEST, row(reads_given=False)),
    "a gateway is not known": (NEWEST, row(knows_gateway=False)),
    "drop-ins are not read": (NEWEST, row(reads_drop_ins=False)),
    "broken documents do not stop": (NEWEST, row(stops_on_broken=False, stops_alone=())),
    "one wrong value costs the whole file": (NEWEST, row(takes_other_kinds=False)),
    "the service's policy stands alone": (NEWEST, row(server_alone=True)),
    "an empty list binds in 2.1.84": (
        "2.1.84",
        row(empty_list_binds=True, takes_lists=True),
    ),
    "2.1.84 knows profiles": ("2.1.84", row(profiles="last")),
    "blanks are no key in 2.1.84": ("2.1.84", row(blank_variables="unset")),
    "2.1.84 sends no empty bearer": ("2.1.84", row(sends_empty_bearer=False)),
    "2.1.84 checks a policy of the service": ("2.1.84", row(checks_server=True)),
    "2.1.146 checks no policy of the service": ("2.1.146", row(checks_server=False)),
    "2.1.84 limits the size": ("2.1.84", row(limits_size=True)),
    "2.1.84 knows the secure folder": ("2.1.84", row(knows_secure_folder=True)),
    "2.1.84 lets a host's provider pass": ("2.1.84", row(refuses_host_managed=False)),
    "2.1.146 limits the size": ("2.1.146", row(limits_size=True)),
    "2.1.146 knows no secure folder": ("2.1.146", row(knows_secure_folder=False)),
    "blanks are no key in 2.1.146": ("2.1.146", row(blank_variables="unset")),
    "blanks are a key in 2.1.212": ("2.1.212", row(blank_variables="set")),
    "2.1.212 sends no bearer of blanks": ("2.1.212", row(blank_variables="unset")),
    "blanks are a key": (NEWEST, row(blank_variables="set")),
    "2.1.146 passes the word gateway": ("2.1.146", row(takes_other_kinds=True)),
    "2.1.146 passes profiles": ("2.1.146", row(refuses_profiles=False)),
    "2.1.146 passes a host's provider": ("2.1.146", row(refuses_host_managed=False)),
    "2.1.212 reads providers": ("2.1.212", row(reads_providers=True)),
    "2.1.212 lets keys pass the word gateway": ("2.1.212", row(gateway_pins=False)),
    "2.1.212 knows a gateway": ("2.1.212", row(knows_gateway=True)),
    "2.1.330 has no sign-in rule": ("2.1.330", row(enforces_sign_in=False)),
    "a login comes before all else": (NEWEST, value("ORDER", LOGIN_FIRST, session)),
    "a token is no sign-in": (NEWEST, value("SIGN_INS", ("login",), session, decision)),
    "helpers pass a pin": (NEWEST, value("FIRST_PARTY_KEYS", ("bearer", "key"), decision, methods)),
    "bedrock is no provider": (NEWEST, value("KNOWN_PROVIDERS", ("anthropic",), rules)),
    "a project sets no variable": (NEWEST, value("PROJECT_VARIABLES", (), layer_stack)),
    "another scope is asked for": (NEWEST, value("SCOPE", "user:profile", members)),
}  # fmt: skip


@pytest.mark.parametrize(("version", "plant"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(known, monkeypatch, tmp_path, version, plant):
    plant(monkeypatch, version)

    found = replay(read_corpus(corpus_of(version)), tmp_path / "host", version)

    assert any(disagreement.difference for disagreement in found)
