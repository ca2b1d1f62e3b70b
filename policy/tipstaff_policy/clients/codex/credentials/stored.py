"""A credential as it was read from a store, and what the organisation's keys say of it."""

from typing import TYPE_CHECKING

from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HeldCredential
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.clients.codex.credentials.fingerprints import Keys


class Stored(Record):
    """A place of a credential, and the owner of the login, for comparing users."""

    credential: Credential
    user: str | None = None


def keys_of(request: Request) -> "Keys | None":
    """Return the keys of the organisation's policy that show more of a credential."""
    if request.policy_inputs.trusted_keys is None and request.policy_inputs.fleet_key is None:
        return None
    from tipstaff_policy.clients.codex.credentials.fingerprints import (  # noqa: PLC0415 - only with a policy
        Keys,
    )

    return Keys(request.policy_inputs.trusted_keys, request.policy_inputs.fleet_key)


def _with_key_facts(held: HeldCredential, secret: str, keys: "Keys | None") -> HeldCredential:
    if keys is None:
        return held
    from tipstaff_policy.clients.codex.credentials.fingerprints import (  # noqa: PLC0415 - only with a policy
        add_key_facts,
    )

    return add_key_facts(held, secret, keys)
