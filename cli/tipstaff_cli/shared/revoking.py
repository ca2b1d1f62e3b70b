"""Ask the issuer to revoke logins that a user names by their stores."""

from tipstaff_policy.assessment.policy_loading import Organisation, read_organisation
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.stores import RESIDUE, StoreContent
from tipstaff_policy.logins.revocation import Revocation, Revoker
from tipstaff_policy.model.request import Request
from tipstaff_policy.organisation.paths import is_there


class Revoking:
    """Collects logins store by store, and sends the requests when the log-out is done."""

    def __init__(self, adapter: Adapter, request: Request) -> None:
        self._revoker = Revoker(adapter, request)
        self._request = request

    def take(self, home: str, place: StoreContent) -> None:
        """Keep what revokes the login of a store; never fails. Residue is not revoked."""
        if place.store != RESIDUE:
            self._revoker.take_from(self._request, home, place.store, place.path)

    def finish(self, *, dry_run: bool, time_limit_s: float) -> list[Revocation]:
        """Ask the issuer; in a dry run only name it."""
        organisation = _organisation(self._request)
        if dry_run:
            return list(self._revoker.plan(organisation))
        return list(self._revoker.revoke(organisation, time_limit_s=time_limit_s))


def _organisation(request: Request) -> Organisation | None:
    """Return the organisation's policy, which can name another issuer."""
    if not is_there(request.platform, request.system_root):
        return None
    found = read_organisation(request)
    return found if isinstance(found, Organisation) else None
