"""An app of Intune for Windows: scripts to install, detect and remove a policy, to be packed."""

import json

from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.powershell_text import installation, removal, render_installed
from tipstaff_rollout.artefacts.registry_text import describe_registry, list_kept, list_places
from tipstaff_rollout.channels.script_payloads import read_payloads
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import either, with_places

INSTALL, UNINSTALL, DETECT = "install.ps1", "uninstall.ps1", "detect.ps1"
MANIFEST = "app.json"
SHELL = (
    r"%SystemRoot%\sysnative\WindowsPowerShell\v1.0\powershell.exe"
    " -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "
)
"""The client of Intune runs commands as a 32-bit process; `sysnative` leads out of it."""


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the scripts, what the app is called, and how to pack it."""
    files = {
        README: _readme(compiled),
        MANIFEST: json.dumps(_manifest(compiled), indent=2, ensure_ascii=False) + "\n",
        DETECT: render_installed(compiled),
        INSTALL: installation(compiled),
        UNINSTALL: removal(compiled),
    }
    return tuple(File(name, text.encode()) for name, text in files.items())


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the installation would install."""
    named = {file.path: file.data for file in files}
    if set(named) != {README, MANIFEST, DETECT, INSTALL, UNINSTALL}:
        return None
    return read_payloads(named[INSTALL], INSTALL)


def _manifest(compiled: Compiled) -> dict[str, str]:
    return {
        "name": f"Tipstaff policy {compiled.id}",
        "description": f"Who may sign in to the coding client. Fingerprint {compiled.fingerprint}.",
        "publisher": compiled.owner or compiled.id,
        "appVersion": compiled.version,
        "installCommand": SHELL + INSTALL,
        "uninstallCommand": SHELL + UNINSTALL,
        "installBehavior": "system",
        "deviceRestartBehavior": "suppress",
        "detectionScript": DETECT,
    }


def _readme(compiled: Compiled) -> str:
    places, kept = list_places(compiled), list_kept(compiled)
    return f"""# {compiled.id} {compiled.version} as a Windows app of Intune
Fingerprint: {compiled.fingerprint}
{effect_section(compiled, "windows")}
1. Pack this folder with Microsoft's Win32 Content Prep Tool; `{INSTALL}` is the setup file.
2. Apps > Windows > Add > Windows app (Win32). `{MANIFEST}` holds name, version and both commands.
3. Install behaviour System, restart behaviour none, 64-bit.
4. Detection rules: a custom script, `{DETECT}`, in a 64-bit process.
5. For the next version: add it as an app of its own that supersedes this one, without uninstalling.

`{DETECT}` prints something only if every file is in place and no user can change it.
`{UNINSTALL}` removes only files that have not changed since this version installed them.

An existing {either(places)} that does not begin with Tipstaff's stamp belongs to another
administrator. Then nothing is changed, and `{INSTALL}` lists its keys with their lines and ends
with 3. Take those keys into the policy (`tipstaff policy render --merge-into FILE`), or use
`-Replace`, or rename it to {either(kept)}; an uninstallation restores it.
{describe_registry(compiled)}"""


def steps(_: Compiled) -> Steps:
    """Return what becomes an app of Intune."""
    return Steps(
        (
            (
                f"The folder, packed by the Win32 Content Prep Tool, `{INSTALL}` as the setup "
                "file: Apps > Windows > Add > Windows app (Win32)."
            ),
            f"`{MANIFEST}`: name, version and both commands of the app.",
            f"`{DETECT}`: Detection rules > Use a custom detection script.",
            "Assign it to one computer first, then to all.",
        ),
        (
            f"The app is shown as installed; `{DETECT}` run there prints a line and ends with 0.",
            "`tipstaff audit` on that computer shows this policy's id, version and fingerprint.",
        ),
        (
            "Assign the app of the version before again, and let it supersede this one.",
            (
                f"To remove it: assign it as Uninstall, which runs `{UNINSTALL}` and restores "
                "earlier files."
            ),
        ),
    )


CHANNEL = Channel(
    "intune-win32",
    "an app of Intune for Windows: scripts to install, detect and remove",
    "windows",
    lambda: with_places("windows"),
    render,
    read,
    steps,
)
