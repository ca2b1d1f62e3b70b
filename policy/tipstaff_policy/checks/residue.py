"""What the checks of residue share: whether a credential that is not in use breaks a rule."""

from tipstaff_policy.checks.active import find_allowed_methods, find_allowed_owners
from tipstaff_policy.checks.model import Host
from tipstaff_policy.model.state import OWNERS, Credential, HeldCredential
from tipstaff_policy.organisation.model import Allowed
from tipstaff_policy.organisation.violations import Restrictions, breaks, violations_of


def describe_standing(host: Host, credential: Credential) -> str:
    """Return in words whether a credential violates by its own claims, and by whose rule."""
    content = credential.content
    if not isinstance(content, HeldCredential):
        return "it cannot be read, so whether it violates is not known"
    orders = host.orders
    broken = violations_of(credential, orders.make_ordered(), orders.now) if orders else ()
    whose = "the organisation's policy"
    if not broken:
        owners = (find_allowed_owners(host, attribute) for attribute in OWNERS)
        left = Restrictions(
            Allowed(find_allowed_methods(host), ()),
            *(None if allowed is None else Allowed(allowed, ()) for allowed in owners),
        )
        broken, whose = breaks(credential.source, content, left), "the client's rules"
    if not broken:
        return "it violates no rule"
    names = dict.fromkeys(violation.attribute.replace("_", " ") for violation in broken)
    return f"it violates {whose} ({', '.join(names)})"
