"""Payloads read back from the text of a PowerShell script that would install them."""

import base64
import binascii
import re

from tipstaff_rollout.artefacts.registry_text import read_text
from tipstaff_rollout.model import AT_FIXED_PLACES, NAMES, ArtefactError, Payload, PayloadName
from tipstaff_rollout.payloads import client_payloads

ROW = re.compile(
    r"@\{ (?:Path = '([^']*)'|Key = '([^']*)'; Name = '([^']*)'); Sha256 = '[0-9A-F]{64}'"
    r"(?:; Stamp = '[^']*'; Keys = '[^']*')?(?:; Private = \$true)?; Base64 = \(([^)]*)\) \}"
)
PROGRAM_DATA = "%ProgramData%\\"


def names_by_place() -> dict[str, PayloadName]:
    """Return what each place below ProgramData holds; any other is that of the public keys."""
    own = {f"Tipstaff\\{NAMES[name]}": name for name in AT_FIXED_PLACES}
    clients = {
        kind.place("windows").removeprefix(PROGRAM_DATA): name
        for name, kind in client_payloads().items()
        if kind.place("windows")
    }
    return own | clients


def read_payloads(script: bytes, name: str) -> tuple[Payload, ...]:
    """Return the payloads in a script.

    Raises:
        ArtefactError: There are none, or one cannot be decoded.
    """
    found, names = [], names_by_place()
    for row in ROW.finditer(script.decode("utf-8", "replace")):
        line = script[: row.start()].count(b"\n") + 1
        try:
            data = base64.b64decode("".join(re.findall("'([^']*)'", row[4])), validate=True)
        except binascii.Error as error:
            raise ArtefactError("holds no base64", where=f"{name}:{line}") from error
        if row[2]:
            found.append(
                read_text(row[2], row[3], data.decode("utf-8", "replace"), f"{name}:{line}")
            )
        else:
            found.append(Payload(names.get(row[1], "keys"), data))
    if not found:
        raise ArtefactError("holds no policy", where=name, remedy="render it again")
    return tuple(found)
