"""TIP105: the parts of one login name different workspaces."""

from tipstaff_policy.checks.active import find_allowed_owners, names_of
from tipstaff_policy.checks.model import Check, Host, Outcome, Severity, not_applicable, place_of
from tipstaff_policy.model.state import Credential, HeldCredential
from tipstaff_policy.model.wording import add_names

CHECK = Check(
    id="TIP105",
    title="Claims disagree",
    severity="medium",
    since="0.1.0",
    fails_when="id token, access token and account id of a login name different workspaces "
    "(low, unless one of them is outside the allowed ones)",
    rationale="The client judges one of them and sends another: an edited file, or a refresh into "
    "another workspace, passes its check.",
    remedy="Sign in again, so that all three are written together.",
    source="tests/conformance/cases_credentials.py",
    fails_on="examples/hosts/claims-disagree",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Compare the three places of each stored login that may name a workspace."""
    outcomes = tuple(
        _judge(host, credential, credential.content)
        for credential in host.state.credentials
        if isinstance(credential.content, HeldCredential) and any(credential.content.claims[:3])
    )
    return outcomes or not_applicable("no login that names a workspace")


def _judge(host: Host, credential: Credential, content: HeldCredential) -> Outcome:
    allowed = find_allowed_owners(host, "workspace")
    names = ("id token", "access token", "account id")
    claimed = [
        (name, value)
        for name, value in zip(names, content.claims[:3], strict=True)
        if isinstance(value, str)
    ]
    shown = add_names((value for _, value in claimed), names_of(host))
    observed = ", ".join(
        f"{name}: {value}" for (name, _), value in zip(claimed, shown, strict=True)
    )
    places = place_of(credential)
    values = {value for _, value in claimed}
    if len(values) == 1:
        return Outcome("pass", credential.source, observed, "one workspace", places)
    grave = allowed is not None and not values <= set(allowed)
    severity: Severity = "medium" if grave else "low"
    return Outcome("fail", credential.source, observed, "one workspace", places, severity)
