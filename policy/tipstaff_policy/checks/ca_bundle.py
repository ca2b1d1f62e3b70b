"""TIP402: the client cannot use the certificate authorities that the environment names."""

from tipstaff_policy.checks.model import (
    ENVIRONMENT_NOT_SEEN,
    Check,
    Evidence,
    Host,
    Outcome,
    not_applicable,
    pass_or_fail,
)

CHECK = Check(
    id="TIP402",
    title="CA bundle unusable or expired",
    severity="low",
    since="0.1.0",
    fails_when="the file of certificate authorities that a variable names is missing, unreadable, "
    "without a certificate or malformed, or every certificate in it has expired",
    rationale="The client still starts, and sign-in, refresh and revocation fail behind the proxy. "
    "Expired roots next to valid ones in a bundle have no effect, and pass.",
    remedy="Let the variable name a PEM file with valid certificates, or unset it.",
    source="tests/conformance/test_ca_bundle.py",
    fails_on="examples/hosts/unmanaged, live, with a variable that names a missing bundle",
    passes_on="examples/hosts/unmanaged, live, with a valid bundle",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the bundle that the client would load."""
    if host.state.environment == "not_seen":
        return not_applicable(ENVIRONMENT_NOT_SEEN, "CA bundle")
    bundle = host.surroundings.ca_bundle
    if bundle is None:
        return not_applicable("no variable names a bundle", "CA bundle")
    places, expected = (Evidence(bundle.path),), "a PEM file with valid certificates"
    observed = bundle.fault or f"{bundle.certificates} certificate(s)"
    if bundle.expired:
        numbers = ", ".join(map(str, bundle.expired))
        observed = f"expired: certificate {numbers} of {bundle.certificates}"
    # The bundles of distributions carry roots that have expired; a private one holds few, or one.
    all_expired = len(bundle.expired) == bundle.certificates
    status = pass_or_fail(not bundle.fault and not all_expired)
    remedy = f"Let {bundle.variable} name a PEM file with valid certificates, or unset it."
    return (Outcome(status, bundle.variable, observed, expected, places, remedy=remedy),)
