"""Payloads read back from the text of a PowerShell script that would install them."""

import base64
import binascii
import re

from tipstaff_rollout.model import ArtefactError, Payload, PayloadName

ROW = re.compile(
    r"@\{ Path = '([^']*)'; Sha256 = '[0-9A-F]{64}'(?:; Stamp = '[^']*')?(?:; Private = \$true)?"
    r"; Base64 = \(([^)]*)\) \}"
)
NAMES: dict[str, PayloadName] = {
    r"Tipstaff\policy.toml": "policy",
    r"Tipstaff\fleet.key": "fleet_key",
    r"OpenAI\Codex\requirements.toml": "requirements",
}
"""What each place below ProgramData holds; any other is that of the public keys."""


def read_payloads(script: bytes, name: str) -> tuple[Payload, ...]:
    """Return the payloads in a script.

    Raises:
        ArtefactError: There are none, or one cannot be decoded.
    """
    found = []
    for row in ROW.finditer(script.decode("utf-8", "replace")):
        try:
            data = base64.b64decode("".join(re.findall("'([^']*)'", row[2])), validate=True)
        except binascii.Error as error:
            line = script[: row.start()].count(b"\n") + 1
            raise ArtefactError("holds no base64", where=f"{name}:{line}") from error
        found.append(Payload(NAMES.get(row[1], "keys"), data))
    if not found:
        raise ArtefactError("holds no policy", where=name, remedy="render it anew")
    return tuple(found)
