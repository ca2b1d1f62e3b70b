"""Intune Remediations: a detection and a remediation script, for computers with Windows."""

from tipstaff_rollout.artefacts.powershell_text import detection, installation
from tipstaff_rollout.artefacts.registry_text import describe_registry, list_kept, list_places
from tipstaff_rollout.channels.script_payloads import read_payloads
from tipstaff_rollout.model import ArtefactError, Channel, Compiled, File, Payload
from tipstaff_rollout.payloads import either, with_places

DETECT, REMEDIATE, README = "detect.ps1", "remediate.ps1", "README.md"
SIZE_LIMIT = 200 * 1024
"""Of one script, as Intune takes it."""


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return both scripts, and what to choose in the console."""
    scripts = {DETECT: detection(compiled), REMEDIATE: installation(compiled)}
    for name, text in scripts.items():
        if len(text) > SIZE_LIMIT:
            raise ArtefactError(
                f"would have {len(text)} bytes",
                where=name,
                expected=f"at most {SIZE_LIMIT}, which is what Intune takes",
                remedy="ship it as an app (intune-win32), or shorten the policy",
            )
    files = {README: _readme(compiled), **scripts}
    return tuple(File(name, text.encode()) for name, text in files.items())


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the remediation would install."""
    named = {file.path: file.data for file in files}
    if set(named) != {DETECT, REMEDIATE, README}:
        return None
    return read_payloads(named[REMEDIATE], REMEDIATE)


def _readme(compiled: Compiled) -> str:
    places, kept = list_places(compiled), list_kept(compiled)
    return f"""# {compiled.id} {compiled.version} by Intune Remediations
Fingerprint: {compiled.fingerprint}

Devices > Scripts and remediations > Create, then:

| field | value |
| --- | --- |
| Detection script file | `{DETECT}` |
| Remediation script file | `{REMEDIATE}` |
| Run this script using the logged-on credentials | No |
| Enforce script signature check | No, or sign both scripts first |
| Run script in 64-bit PowerShell | Yes |
| Schedule | hourly |

Detection ends with 1 if a file is missing or edited, or if users can change it. Remediation then
restores the file and the rights on its folders.

An existing {either(places)} that does not begin with Tipstaff's stamp belongs to another
administrator. Then nothing is changed, and `{REMEDIATE}` lists its keys with their lines and ends
with 3. Take those keys into the policy (`tipstaff policy render --merge-into FILE`), or use
`-Replace`, or rename it to {either(kept)}.
{describe_registry(compiled)}"""


CHANNEL = Channel(
    "intune-windows",
    "Intune Remediations for Windows: detect and remediate scripts",
    "windows",
    lambda: with_places("windows"),
    render,
    read,
)
