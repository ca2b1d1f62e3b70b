"""TIP204: the credential file is a link, has further names, or is no regular file."""

from tipstaff_policy.checks.model import (
    Check,
    Host,
    Outcome,
    not_applicable,
    pass_or_fail,
    place_of,
)

CHECK = Check(
    id="TIP204",
    title="Credential file is a link or no regular file",
    severity="medium",
    since="0.1.0",
    fails_when="the credential file is a symbolic link, has further hard links, or is no regular "
    "file",
    rationale="A log-out removes one name only; the content stays under the other.",
    remedy="Remove the link, then sign in again, so that the file has one name.",
    source="tests/conformance/cases_credentials.py",
    fails_on="examples/hosts/credential-behind-link",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the kind of file in the credential's place."""
    state = host.state
    for credential in state.credentials:
        facts = credential.file
        if facts is None:
            continue
        observed = f"a {facts.type} with {facts.links} name(s)"
        if facts.type == "link":
            observed = f"a link to {facts.target}"
        status = pass_or_fail(facts.type == "file" and facts.links == 1)
        expected = "a file with one name"
        return (Outcome(status, credential.source, observed, expected, place_of(credential)),)
    return not_applicable("no credential file", "file")
