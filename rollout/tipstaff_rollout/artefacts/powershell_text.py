"""PowerShell that checks, installs and removes payloads on Windows: one text, several channels.

Plain users may create folders under ProgramData, so a user may have created ours first. Links are
removed, and a folder of policies that users could change is renamed with all in it, because
their files must not become an administrator's. Accounts are named by identifiers, as their names
differ by language. Windows PowerShell 5.1 runs it; nothing goes to the error stream, which Intune
takes for a failure.
"""

import base64
import hashlib
import json
import re
from importlib.resources import files

from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.model import PRIVATE, ArtefactError, Compiled, Deployed, PayloadName
from tipstaff_rollout.payloads import carried_keys, client_payloads

PROGRAM_DATA = "%ProgramData%\\"
PLAIN = re.compile(r"\w[\w@+ -]*(?:[.\\][\w@+ -]+)*", re.ASCII)
"""No dot next to a dot or a separator, so no part of it leads back up."""
WIDTH = 120
TAKES = "param([switch]$Replace)\n"
"""Options of the installation: replace a file of another administrator."""


def detection(compiled: Compiled) -> str:
    """Return the script that ends with 0 where nothing differs from the policy, else with 1."""
    return _script(compiled, "looking", "detect")


def installed(compiled: Compiled) -> str:
    """Return the script that ends with 0 always, and says something only where all is in place."""
    return _script(compiled, "looking", "installed")


def installation(compiled: Compiled) -> str:
    """Return the script that puts everything in place and checks it."""
    return _script(compiled, "looking", "changing", "install", with_content=True, takes=TAKES)


def removal(compiled: Compiled) -> str:
    """Return the script that removes what is still as this policy put it there."""
    return _script(compiled, "looking", "uninstall")


def _script(compiled: Compiled, *parts: str, with_content: bool = False, takes: str = "") -> str:
    folder = files("tipstaff_rollout.artefacts").joinpath("powershell")
    texts = [folder.joinpath(f"{part}.ps1").read_text("utf-8") for part in parts]
    return takes + "\n".join([_head(compiled, with_content=with_content), *texts])


def relative(place: Deployed) -> str:
    """Return a place below ProgramData.

    Raises:
        ArtefactError: It is elsewhere, or contains other than plain letters.
    """
    folder = PROGRAM_DATA.casefold()
    for known in (folder, "c:\\programdata\\"):
        below = place.path[len(known) :]
        if place.path.casefold().startswith(known) and PLAIN.fullmatch(below):
            return below
    raise ArtefactError(
        f"{place.path!r} is outside of ProgramData, or is not a plain path",
        where="policy.toml",
        expected=r"C:\ProgramData\…, where the scripts keep it from users",
        remedy="choose another trusted_keys",
    )


def _head(compiled: Compiled, *, with_content: bool) -> str:
    name = f"{compiled.id} {compiled.version}"
    lines = [
        "# Written by Tipstaff; do not edit: `tipstaff policy verify` finds it.",
        f"# policy {compiled.id}, version {_ascii(compiled.version)}",
        f"# owner {_ascii(compiled.owner)}",
        f"# fingerprint {compiled.fingerprint}",
        f"$Policy = {_quote(name)}",
        "$Files = @(",
    ]
    places = place_payloads(compiled, "windows")
    keys = carried_keys(compiled)
    lines.append(",\n".join(_row(place, keys, with_content=with_content) for place in places))
    return "\n".join([*lines, ")"]) + "\n"


def _row(place: Deployed, keys: dict[PayloadName, tuple[str, ...]], *, with_content: bool) -> str:
    digest = hashlib.sha256(place.payload.data).hexdigest().upper()
    fields = f"Path = {_quote(relative(place))}; Sha256 = '{digest}'"
    kind = client_payloads().get(place.payload.name)
    if kind:
        fields += f"; Stamp = {_quote(kind.start.decode())}"
        fields += f"; Keys = {_quote(' '.join(keys[place.payload.name]))}"
    if place.payload.name in PRIVATE:
        fields += "; Private = $true"
    if with_content:
        text = base64.b64encode(place.payload.data).decode()
        parts = [f"'{text[at : at + WIDTH]}'" for at in range(0, len(text), WIDTH)]
        fields += "; Base64 = (" + " +\n        ".join(parts or ["''"]) + ")"
    return f"    @{{ {fields} }}"


def _ascii(text: str) -> str:
    """Return text as a comment may hold it; Windows PowerShell reads a plain file by code page."""
    return json.dumps(text)


def _quote(text: str) -> str:
    """Return text as a single-quoted literal, only to be shown: what is not ASCII is replaced."""
    plain = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return "'" + plain.replace("'", "''") + "'"
