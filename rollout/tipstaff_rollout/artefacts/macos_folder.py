"""Install Tipstaff's own files on a Mac, and read back a folder with them and preferences.

The client takes its files from preferences, which device management forces. Tipstaff reads no
document from preferences, so its own goes by a script, which every device manager can run as root.
"""

import base64

from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.preferences import (
    domains_of,
    read_profile,
    read_property_list,
    write_profile,
)
from tipstaff_rollout.artefacts.shell_text import Action, ForcedValue, read_script, script
from tipstaff_rollout.model import ArtefactError, Compiled, Deployed, File, Payload, PayloadName
from tipstaff_rollout.payloads import (
    client_payloads,
    has_drop_in,
    in_preferences,
    list_carried_keys,
)

PROFILE = "tipstaff-policy.mobileconfig"
BY_SCRIPT: tuple[PayloadName, ...] = ("keys", "fleet_key", "knowledge", "policy")


def places_of(compiled: Compiled) -> tuple[Deployed, ...]:
    """Return what a script brings to a Mac, and where; the policy last, which names the keys.

    A client's file that preferences cannot stand for goes by the script too.
    """
    places = {place.payload.name: place for place in place_payloads(compiled, "macos")}
    others = [name for name in places if name not in (*BY_SCRIPT, *in_preferences())]
    return tuple(places[name] for name in (*others, *BY_SCRIPT) if name in places)


def script_file(compiled: Compiled, path: str, action: Action) -> File:
    """Return one of a folder's scripts about Tipstaff's own files."""
    return File(
        path,
        script(compiled, places_of(compiled), action, values=_values_of(compiled)),
        executable=True,
    )


def _values_of(compiled: Compiled) -> tuple[ForcedValue, ...]:
    """Return the values that stand for a client's file as a whole, in base64."""
    known, keys = client_payloads(), list_carried_keys(compiled)
    return tuple(
        ForcedValue(
            domain.preferences.domain,
            name,
            known[payload.name].start.decode(),
            " ".join(keys[payload.name]),
        )
        for domain in domains_of(compiled)
        for payload in compiled.payloads
        for name, value in domain.values.items()
        if value == base64.b64encode(payload.data).decode()
    )


def profile_files(compiled: Compiled) -> tuple[File, ...]:
    """Return the profile; none where the client's files are not of this policy."""
    return (File(PROFILE, write_profile(compiled)),) if domains_of(compiled) else ()


def text_file(path: str, text: str) -> File:
    """Return a page or another text."""
    return File(path, text.encode())


def read_folder(
    files: tuple[File, ...], *, signs: frozenset[str], script_name: str
) -> tuple[Payload, ...] | None:
    """Return the payloads in the script and in the preferences of a folder.

    Args:
        signs: The files by which a channel knows its folder.
        script_name: The one that installs.

    Raises:
        ArtefactError: It is such a folder, and cannot be read to its end.
    """
    named = {file.path: file for file in files}
    if not signs <= set(named):
        return None
    found = list(read_script(named[script_name].data, script_name))
    for file in files:
        if file.path.endswith(".mobileconfig"):
            found += _find_known(file, read_profile(file))
        elif file.path.endswith(".plist"):
            found += _find_known(file, read_property_list(file))
    return tuple(found)


def _find_known(file: File, payloads: tuple[Payload, ...] | None) -> tuple[Payload, ...]:
    if payloads is None:
        raise ArtefactError("does not set the client's preferences", where=file.path)
    return payloads


def heading(compiled: Compiled, by: str) -> str:
    """Return the first lines of a folder's page."""
    first = f"# {compiled.id} {compiled.version} by {by}\nFingerprint: {compiled.fingerprint}\n"
    return first + _about_drop_in(compiled)


def _about_drop_in(compiled: Compiled) -> str:
    """Return what a page says where a drop-in goes in place of a profile."""
    if domains_of(compiled) or not has_drop_in(compiled.payloads):
        return ""
    return (
        "\n**There is no profile here**: the script installs the client's file as a drop-in,\n"
        "next to the file that is there. A profile would take the place of both.\n"
    )


def itself(where: str) -> str:
    """Return what a page says of Tipstaff's own package, which this folder does not hold.

    Args:
        where: What to choose in the console, as whole lines.
    """
    return (
        "## Tipstaff itself\n"
        f"{where}\n"
        "`make mac` of Tipstaff's source makes it, one for each processor (docs/macos.md).\n"
        "It goes to the Macs first: without it nothing reads Tipstaff's own document, and a start\n"
        "that is soft has no effect. Try one Mac first (docs/try-one-first.md).\n"
    )
