"""Intune Remediations: a detection and a remediation script, for computers with Windows."""

from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.powershell_text import detection, installation
from tipstaff_rollout.artefacts.registry_text import describe_registry, list_kept, list_places
from tipstaff_rollout.channels.script_payloads import read_payloads
from tipstaff_rollout.model import ArtefactError, Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import either, with_places

DETECT, REMEDIATE = "detect.ps1", "remediate.ps1"
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
{effect_section(compiled, "windows")}
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


def steps(_: Compiled) -> Steps:
    """Return what becomes a remediation of Intune."""
    return Steps(
        (
            (
                f"`{DETECT}` and `{REMEDIATE}`: Devices > Scripts and remediations > Create, as "
                "detection and remediation script, 64-bit, not with the logged-on credentials."
            ),
            "Assign it to one computer first, then to all, hourly.",
        ),
        (
            f"The console shows `Without issues`; `{DETECT}` run on a computer ends with 0.",
            "`tipstaff audit` on that computer shows this policy's id, version and fingerprint.",
        ),
        (
            "Put both scripts of the version before into the same remediation.",
            (
                "To remove it: remove the assignment, then run `uninstall.ps1` of `tipstaff policy "
                "render --to intune-win32`, which restores earlier files."
            ),
        ),
    )


CHANNEL = Channel(
    "intune-windows",
    "Intune Remediations for Windows: detect and remediate scripts",
    "windows",
    lambda: with_places("windows"),
    render,
    read,
    steps,
)
