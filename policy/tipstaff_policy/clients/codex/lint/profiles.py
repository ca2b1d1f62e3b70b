"""What a configuration profile or bare preferences hold for this client.

Source: docs/clients/codex.md (layers).
"""

from collections.abc import Iterator

from tipstaff_policy.clients.codex.config.device_management import (
    CONFIG,
    DOMAIN,
    REQUIREMENTS,
    decode,
)
from tipstaff_policy.clients.interface.lint import Profile, Setting

OWN_KEYS = (CONFIG, REQUIREMENTS)
KINDS = {REQUIREMENTS: "requirements", CONFIG: "managed_config"}
"""What each value holds; the configuration beats the user's, as the managed file does."""


def read_carried(profile: Profile) -> Iterator[tuple[Setting, str, bytes]]:
    """Return the client's files that a profile carries, as far as they can be decoded."""
    for setting in profile.settings:
        data = decode(setting.value) if setting.key in KINDS else None
        if data is not None:
            yield setting, KINDS[setting.key], data


def is_ours(setting: Setting) -> bool:
    """Return whether a value is meant for the client, by its domain or by its key."""
    return setting.domain == DOMAIN or setting.key in OWN_KEYS
