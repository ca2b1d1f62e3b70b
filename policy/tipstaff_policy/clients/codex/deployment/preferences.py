"""The client's files as values of its macOS domain: each is one line of base64."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from tipstaff_policy.clients.codex.config import device_management
from tipstaff_policy.clients.interface.deployment import FormField, Preferences

KEYS = {
    "requirements": device_management.REQUIREMENTS,
    "managed_config": device_management.CONFIG,
}
"""By the name of a file, the key that holds it."""


def values_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the values of the domain."""
    return {
        key: base64.b64encode(files[name]).decode() for name, key in KEYS.items() if name in files
    }


def files_in(values: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files in the values of the domain.

    Raises:
        ValueError: One is no base64 text.
    """
    found = {}
    for name, key in KEYS.items():
        value = values.get(key)
        if value is None:
            continue
        try:
            found[name] = base64.b64decode(value if isinstance(value, str) else "-", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"{key} is no base64 text") from error
    return found


def _field(key: str, value: str) -> FormField:
    del value  # every key holds a file
    name = next(name for name, known in KEYS.items() if known == key)
    return FormField(
        f"{name}.toml", "The file as one line of base64.", "string", "^[A-Za-z0-9+/]+={0,2}$"
    )


PREFERENCES = Preferences(
    device_management.DOMAIN, "Codex", tuple(KEYS), values_of, files_in, _field
)
