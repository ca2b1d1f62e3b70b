"""Intune for Macs: a custom profile, and shell scripts for Tipstaff's own document."""

from tipstaff_rollout.artefacts.macos_folder import (
    PROFILE,
    heading,
    itself,
    profile_files,
    read_folder,
    script_file,
    text_file,
)
from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.preferences import domains_of, title_of
from tipstaff_rollout.model import ArtefactError, Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import every_payload, preferences_of

INSTALL, CHECK, REMOVE = "intune-install.sh", "intune-check.sh", "intune-remove.sh"
PACKAGE = """\
Apps > macOS > Create > macOS app (PKG): `tipstaff-VERSION.pkg`, signed by a Developer ID Installer
certificate; detection by the package's identifier `tipstaff`; assignment Required."""
SIZE_LIMIT = 200 * 1024
"""Of one script, as Intune takes it."""


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return profile, scripts, and what to choose in the console."""
    scripts = (
        script_file(compiled, INSTALL, "install"),
        script_file(compiled, CHECK, "check"),
        script_file(compiled, REMOVE, "remove"),
    )
    for script in scripts:
        if len(script.data) > SIZE_LIMIT:
            raise ArtefactError(
                f"would have {len(script.data)} bytes",
                where=script.path,
                expected=f"at most {SIZE_LIMIT}, which is what Intune takes",
                remedy="shorten the policy",
            )
    return (text_file(README, _readme(compiled)), *profile_files(compiled), *scripts)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what profile and script bring."""
    signs = frozenset({README, INSTALL, CHECK, REMOVE})
    return read_folder(files, signs=signs, script_name=INSTALL)


def _readme(compiled: Compiled) -> str:
    effect = effect_section(compiled, "macos")
    return f"""{heading(compiled, "Intune for macOS")}{effect}{_own_rules(compiled)}
{itself(PACKAGE)}
## Tipstaff's own document
Devices > macOS > Scripts > Add, then:

| field | value |
| --- | --- |
| Upload script | `{INSTALL}` |
| Run script as signed-in user | No |
| Hide script notifications on devices | Yes |
| Script frequency | Every 1 day |
| Max number of times to retry if script fails | 3 times |

It writes each file as root:wheel, 0644 (`fleet.key` 0600), into a folder of 0755, and changes
nothing if all files are in place. `{CHECK}` only checks; as a custom attribute (Devices > macOS >
Custom attributes, data type String) it shows one line for each Mac. To remove the policy, first
remove the assignment of `{INSTALL}`, then assign `{REMOVE}`.
"""


def _own_rules(compiled: Compiled) -> str:
    """Return how the profile is uploaded; nothing where there is none."""
    if not domains_of(compiled):
        return ""
    return f"""
## The client's own rules
Devices > macOS > Configuration > Create > New policy > Templates > Custom, then:

| field | value |
| --- | --- |
| Custom configuration profile name | `{title_of(preferences_of(compiled))}: {compiled.id}` |
| Deployment channel | Device channel |
| Configuration profile file | `{PROFILE}` |

Upload a new version into the same policy: its identifier stays, so it replaces the old one.
"""


def steps(compiled: Compiled) -> Steps:
    """Return what to upload to Intune for Macs."""
    profile = (
        f"`{PROFILE}`: Devices > macOS > Configuration > Create > New policy > Templates > Custom, "
        "device channel."
    )
    return Steps(
        (
            (
                f"`{INSTALL}`: Devices > macOS > Scripts, not as the signed-in user, daily; first "
                "assigned to one Mac."
            ),
            *([profile] if domains_of(compiled) else []),
            f"`{CHECK}`: Devices > macOS > Custom attributes, data type String.",
        ),
        (
            f"The custom attribute shows `in place` for a Mac; `{CHECK}` run there ends with 0.",
            "`tipstaff audit` on that Mac shows this policy's id, version and fingerprint.",
        ),
        (
            "Upload the files of the version before in the same places.",
            (f"To remove it: remove the assignments of both, then assign `{REMOVE}`."),
        ),
    )


CHANNEL = Channel(
    "intune-macos",
    "Intune for Macs: a custom profile, and shell scripts",
    "macos",
    every_payload,
    render,
    read,
    steps,
)
