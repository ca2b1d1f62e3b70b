"""What the checks of residue share: whether a credential that is not in use breaks a rule."""

from tipstaff_policy.checks.active import allowed_methods, allowed_workspaces
from tipstaff_policy.checks.model import Host
from tipstaff_policy.model.state import Credential, HeldCredential
from tipstaff_policy.organisation.model import Allowed
from tipstaff_policy.organisation.violations import Restrictions, breaks, violations_of


def standing(host: Host, credential: Credential) -> str:
    """Return in words whether a credential violates by its own claims, and by whose rule."""
    content = credential.content
    if not isinstance(content, HeldCredential):
        return "it cannot be read, so whether it violates is not known"
    orders = host.orders
    broken = violations_of(credential, orders.ordered(), orders.now) if orders else ()
    whose = "the organisation's policy"
    if not broken:
        workspaces = allowed_workspaces(host)
        left = Restrictions(
            Allowed(allowed_methods(host), ()),
            None if workspaces is None else Allowed(workspaces, ()),
        )
        broken, whose = breaks(credential.source, content, left), "the client's rules"
    if not broken:
        return "it violates no rule"
    names = dict.fromkeys(each.attribute.replace("_", " ") for each in broken)
    return f"it violates {whose} ({', '.join(names)})"
