"""The sign-in settings that the client's version really uses on a state."""

from tipstaff_policy.clients.claude.config.effective import effective_policy
from tipstaff_policy.clients.claude.versions import NEWEST_BEHAVIOUR, behaviours_of
from tipstaff_policy.model.layers import EffectivePolicy
from tipstaff_policy.model.state import HostState


def settings_in_force(state: HostState) -> EffectivePolicy:
    """Return the settings in force; those of the newest version where the client's was never seen.

    Where several readings are left open, they are those of the likeliest one.
    """
    behaviours = behaviours_of(state.client.version)
    return effective_policy(state.layers, behaviours[0] if behaviours else NEWEST_BEHAVIOUR)
