"""PowerShell that checks, installs and removes payloads on Windows: one text, several channels.

Plain users may create folders under ProgramData, so a user may have created ours first. Links are
removed, and a folder of policies that users could change is renamed with all in it, because
their files must not become an administrator's. What a client reads from the registry is a value of
a key below that of all policies. Accounts are named by identifiers, as their names
differ by language. Windows PowerShell 5.1 runs it; nothing goes to the error stream, which Intune
takes for a failure.
"""

import base64
import hashlib
import json
import re
from importlib.resources import files

from tipstaff_rollout.artefacts.places import Registered, place_payloads, place_texts
from tipstaff_rollout.model import PRIVATE, ArtefactError, Compiled, Deployed, PayloadName
from tipstaff_rollout.payloads import client_payloads, list_carried_keys

Keys = dict[PayloadName, tuple[str, ...]]
"""The keys in each client file."""
PROGRAM_DATA = "%ProgramData%\\"
PLAIN = re.compile(r"\w[\w@+ -]*(?:[.\\][\w@+ -]+)*", re.ASCII)
"""No dot next to a dot or a separator, so no part of it leads back up."""
WIDTH = 120
WITH_REGISTRY = {
    "looking": ("looking", "registry"),
    "changing": ("changing", "registry_changing"),
    "uninstall": ("registry_removing", "uninstall"),
}
"""What takes the place of a part where a policy has texts of the registry."""
TAKES = "param([switch]$Replace)\n"
"""Options of the installation: replace a file of another administrator."""


def detection(compiled: Compiled) -> str:
    """Return the script that ends with 0 where nothing differs from the policy, else with 1."""
    return _render_script(compiled, "looking", "detect")


def render_installed(compiled: Compiled) -> str:
    """Return the script that ends with 0 always, and says something only where all is in place."""
    return _render_script(compiled, "looking", "installed")


def installation(compiled: Compiled) -> str:
    """Return the script that puts everything in place and checks it."""
    return _render_script(
        compiled, "looking", "changing", "install", with_content=True, takes=TAKES
    )


def removal(compiled: Compiled) -> str:
    """Return the script that removes what is still as this policy put it there."""
    return _render_script(compiled, "looking", "uninstall")


def _render_script(
    compiled: Compiled, *parts: str, with_content: bool = False, takes: str = ""
) -> str:
    folder = files("tipstaff_rollout.artefacts").joinpath("powershell")
    if place_texts(compiled):
        parts = tuple(name for part in parts for name in WITH_REGISTRY.get(part, (part,)))
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
    keys = list_carried_keys(compiled)
    rows = [
        _row(place, keys, with_content=with_content)
        for place in place_payloads(compiled, "windows")
    ]
    rows += [_value_row(value, keys, with_content=with_content) for value in place_texts(compiled)]
    lines.append(",\n".join(rows))
    return "\n".join([*lines, ")"]) + "\n"


def _row(place: Deployed, keys: Keys, *, with_content: bool) -> str:
    name, data = place.payload.name, place.payload.data
    fields = [f"Path = {_quote(relative(place))}", _digest(data)]
    if name in client_payloads():
        fields += _stamp(name, keys)
    if name in PRIVATE:
        fields.append("Private = $true")
    return _table([*fields, _content(data)] if with_content else fields)


def _value_row(value: Registered, keys: Keys, *, with_content: bool) -> str:
    registry, data = value.registry, value.text.encode()
    fields = [
        f"Key = {_quote(registry.key)}",
        f"Name = {_quote(registry.value)}",
        _digest(data),
        *_stamp(value.payload.name, keys),
    ]
    return _table([*fields, _content(data)] if with_content else fields)


def _table(fields: list[str]) -> str:
    return f"    @{{ {'; '.join(fields)} }}"


def _digest(data: bytes) -> str:
    return f"Sha256 = '{hashlib.sha256(data).hexdigest().upper()}'"


def _stamp(name: PayloadName, keys: Keys) -> tuple[str, str]:
    """Return what a client's file begins with, and the keys that are kept when it is replaced."""
    start = client_payloads()[name].start.decode()
    return f"Stamp = {_quote(start)}", f"Keys = {_quote(' '.join(keys[name]))}"


def _content(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    parts = [f"'{text[at : at + WIDTH]}'" for at in range(0, len(text), WIDTH)]
    return "Base64 = (" + " +\n        ".join(parts or ["''"]) + ")"


def _ascii(text: str) -> str:
    """Return text as a comment may hold it; Windows PowerShell reads a plain file by code page."""
    return json.dumps(text)


def _quote(text: str) -> str:
    """Return text as a single-quoted literal, only to be shown: what is not ASCII is replaced."""
    plain = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return "'" + plain.replace("'", "''") + "'"
