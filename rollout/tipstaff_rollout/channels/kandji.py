"""Iru, once called Kandji: a custom profile, and a custom script that audits and remediates."""

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
from tipstaff_rollout.artefacts.preferences import domains_of
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import every_payload

PACKAGE = """\
Library > Add library item > Custom App: Installer Package `tipstaff-VERSION.pkg`, Audit and
Enforce, audit script `test -x /opt/tipstaff/bin/tipstaff`."""
AUDIT, REMEDIATE, REMOVE = "audit.sh", "remediate.sh", "remove.sh"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return profile, scripts, and what to choose in the console."""
    return (
        text_file(README, _readme(compiled)),
        *profile_files(compiled),
        script_file(compiled, AUDIT, "check"),
        script_file(compiled, REMEDIATE, "install"),
        script_file(compiled, REMOVE, "remove"),
    )


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what profile and script bring."""
    signs = frozenset({README, AUDIT, REMEDIATE, REMOVE})
    return read_folder(files, signs=signs, script_name=REMEDIATE)


def _readme(compiled: Compiled) -> str:
    effect = effect_section(compiled, "macos")
    return f"""{heading(compiled, "Iru (Kandji)")}{effect}{_own_rules(compiled)}
{itself(PACKAGE)}
## Tipstaff's own document
Library > Add library item > Custom Script, then:

| field | value |
| --- | --- |
| Execution frequency | Run every 15 minutes |
| Audit script | the text of `{AUDIT}` |
| Remediation script | the text of `{REMEDIATE}` |

The audit ends with 0 if all files are in place, otherwise with 1, which starts the remediation. To
remove the policy, remove the item, then run `{REMOVE}` once with another item.
"""


def _own_rules(compiled: Compiled) -> str:
    """Return how the profile is uploaded; nothing where there is none."""
    if not domains_of(compiled):
        return ""
    return f"""
## The client's own rules
Library > Add library item > Custom Profile: device family Mac, file `{PROFILE}`. Put a new version
into the same library item.
"""


def steps(compiled: Compiled) -> Steps:
    """Return what to upload to Iru."""
    profile = f"`{PROFILE}`: Library > Add library item > Custom Profile, device family Mac."
    return Steps(
        (
            (
                f"`{AUDIT}` and `{REMEDIATE}`: Library > Add library item > Custom Script, audit "
                "and remediation script; first for one Mac."
            ),
            *([profile] if domains_of(compiled) else []),
        ),
        (
            f"The item passes on a Mac; `{AUDIT}` run there ends with 0.",
            "`tipstaff audit` on that Mac shows this policy's id, version and fingerprint.",
        ),
        (
            "Put the files of the version before into the same library items.",
            f"To remove it: remove the items, then run `{REMOVE}` once with another item.",
        ),
    )


CHANNEL = Channel(
    "kandji",
    "Iru (Kandji): a custom profile, and a script that audits and remediates",
    "macos",
    every_payload,
    render,
    read,
    steps,
)
