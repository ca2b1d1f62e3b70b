"""TIP106: a login whose tokens none of the trusted keys signed."""

from tipstaff_policy.checks.active import with_other_violations
from tipstaff_policy.checks.model import (
    Check,
    Host,
    Outcome,
    at,
    not_applicable,
    pass_or_fail,
    place_of,
)
from tipstaff_policy.model.state import Credential, HeldCredential
from tipstaff_policy.organisation.model import Allowed

SEEN = {
    "trusted": "signed by a trusted key",
    "unsigned": "not signed at all",
    "untrusted": "not the signature of the key that it names",
    "unknown key": "signed by none of the trusted keys",
    "not verified": "not verified: the library or a usable key is missing",
}
CHECK = Check(
    id="TIP106",
    title="Token not signed by a trusted key",
    severity="high",
    since="0.1.0",
    fails_when="a login's id token, or its access token where that is a JWT, is signed by none of "
    "the keys that the policy trusts",
    rationale="The client checks no signature: a process that can write the file can write any "
    "workspace into it.",
    remedy="Run `tipstaff enforce` to log out, then sign in again. If many hosts fail, compare the "
    "JWKS file with the issuer's keys first.",
    source="tests/policy/clients/test_signatures.py",
    fails_on="examples/hosts/unsigned-token",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each login that was found, in any store; its tokens were verified at reading."""
    keys = host.orders.policy.trusted_keys if host.orders else None
    if keys is None:
        return not_applicable("the policy names no trusted keys")
    outcomes = tuple(
        _judge(credential, credential.content.signature, keys)
        for credential in host.state.credentials
        if isinstance(credential.content, HeldCredential) and credential.content.signature
    )
    return with_other_violations(
        host,
        CHECK.id,
        outcomes or not_applicable("no login with tokens"),
        seen=lambda violation: SEEN.get(str(violation.observed), str(violation.observed)),
        expected=lambda _violation: SEEN["trusted"],
    )


def _judge(credential: Credential, signature: str, keys: Allowed) -> Outcome:
    places = place_of(credential) + at(*keys.origins)
    status = "error" if signature == "not verified" else pass_or_fail(signature == "trusted")
    return Outcome(status, credential.source, SEEN[signature], SEEN["trusted"], places)
