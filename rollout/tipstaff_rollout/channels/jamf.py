"""Jamf Pro: property list, form, extension attributes, and scripts for Tipstaff's own document.

Source: Jamf's JSON Schema manifests (title, description, property_order, type); four extension
attributes after those of the macOS Security Compliance Project.
"""

import json
from typing import Any

from tipstaff_policy.clients.interface.deployment import FormField
from tipstaff_rollout.artefacts.macos_folder import (
    heading,
    itself,
    read_folder,
    script_file,
    text_file,
)
from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.preferences import Domain, domains_of, name_policy, title_of
from tipstaff_rollout.artefacts.shell_text import comments, read_part
from tipstaff_rollout.channels import plist
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import every_payload

INSTALL, CHECK, REMOVE = "jamf-install.sh", "jamf-check.sh", "jamf-remove.sh"
PACKAGE = """\
Settings > Computer Management > Packages: `tipstaff-VERSION.pkg`. Then Computers > Policies > New >
Packages, Install, at Recurring Check-in, Once per computer. Smart groups find it by the receipt
`tipstaff`."""
ATTRIBUTES = {
    "policy-version": ('result "$(versions)"', "Tipstaff is not installed"),
    "failed-count": (
        'if judged; then result "$(findings number)"; else result -1; fi',
        "-1",
    ),
    "failed-list": ('result "$(findings failed; unjudged)"', "Tipstaff is not installed"),
    "waivers": ('result "$(findings waived)"', "Tipstaff is not installed"),
}
"""What each does after an audit, and what it shows on a Mac without Tipstaff."""


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the folder."""
    forms = (_form(compiled, domain) for domain in domains_of(compiled))
    preferences = (*plist.render(compiled), *forms)
    return (
        text_file(README, _readme(compiled)),
        *preferences,
        *(_attribute(compiled, attribute) for attribute in ATTRIBUTES),
        script_file(compiled, INSTALL, "install"),
        script_file(compiled, CHECK, "check"),
        script_file(compiled, REMOVE, "remove"),
    )


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what property list and script bring."""
    signs = frozenset({README, INSTALL, CHECK, REMOVE})
    return read_folder(files, signs=signs, script_name=INSTALL)


def _form(compiled: Compiled, given: Domain) -> File:
    domain, policy = given.preferences.domain, name_policy(compiled)
    manifest = {
        "title": f"{title_of([given.preferences])} ({domain})",
        "description": policy,
        "__preferencedomain": domain,
        "type": "object",
        "properties": {
            key: _property(given.preferences.form(key, value), policy, order, value)
            for order, (key, value) in enumerate(given.values.items(), start=1)
        },
    }
    return text_file(f"{domain}.json", json.dumps(manifest, indent=2) + "\n")


def _property(field: FormField, policy: str, order: int, value: Any) -> dict[str, Any]:
    return {
        "title": field.title,
        "description": f"{field.description} {policy}",
        "type": field.type,
        "property_order": order,
        **({"pattern": field.pattern} if field.pattern else {}),
        "default": value,
    }


def _attribute(compiled: Compiled, name: str) -> File:
    then, without = ATTRIBUTES[name]
    lines = [
        "#!/bin/sh",
        *comments(compiled),
        read_part("trusting"),
        read_part("reporting"),
        "if audit_all; then",
        f"    {then}",
        "else",
        f"    result '{without}'",
        "fi",
    ]
    text = "\n".join(lines) + "\n"
    return File(f"extension-attributes/{name}.sh", text.encode(), executable=True)


def _readme(compiled: Compiled) -> str:
    effect = effect_section(compiled, "macos")
    return f"""{heading(compiled, "Jamf Pro")}{effect}{_own_rules(compiled)}
{itself(PACKAGE)}
## Tipstaff's own document
Settings > Computer Management > Scripts: `{INSTALL}`, `{CHECK}`, `{REMOVE}`; they need no
parameters. Then Computers > Policies: `{INSTALL}` at Recurring Check-in, Ongoing. It changes
nothing if all files are in place. `{CHECK}` only checks, and ends with 1 if something differs. To
remove the policy, disable the policy that installs it, then run `{REMOVE}` once.

## Extension attributes
Settings > Computer Management > Extension Attributes > New, input type Script:

| script in `extension-attributes` | data type | shows |
| --- | --- | --- |
| `policy-version.sh` | String | version of the policy in force |
| `failed-count.sh` | Integer | failed findings without a waiver; -1: not all could be judged |
| `failed-list.sh` | String | check and user, one per line |
| `waivers.sh` | String | check and user of each waived finding |

They run `/opt/tipstaff/bin/tipstaff audit --all-users` if only root can change it, print nothing
on standard error, and end with 0.
"""


def _own_rules(compiled: Compiled) -> str:
    """Return how the preferences are uploaded; nothing where there are none."""
    if not domains_of(compiled):
        return ""
    return f"""
## The client's own rules
Computers > Configuration Profiles > New, level Computer Level, then Application & Custom Settings,
**one** of:

{chr(10).join(_ways(domain.preferences.domain) for domain in domains_of(compiled))}
(Or upload the whole profile of `tipstaff policy render --to mobileconfig` at the list of profiles.)
No other profile may set this domain: which one wins is not defined. While one does, `{INSTALL}`
names its keys that the policy does not have, changes nothing and ends with 3; the parameter
`--replace` installs Tipstaff's own document all the same.
"""


def _ways(domain: str) -> str:
    return f"""\
- Upload: preference domain `{domain}`, file `{domain}.plist`;
- External Applications > Add > Custom Schema: preference domain `{domain}`, the text of
  `{domain}.json`, which fills the form.
"""


def steps(compiled: Compiled) -> Steps:
    """Return what to upload to Jamf Pro."""
    lists = [
        f"`{domain.preferences.domain}.plist`: Computers > Configuration Profiles > New > "
        f"Application & Custom Settings > Upload, preference domain `{domain.preferences.domain}`."
        for domain in domains_of(compiled)
    ]
    return Steps(
        (
            f"`{INSTALL}`, `{CHECK}`, `{REMOVE}`: Settings > Computer Management > Scripts.",
            f"A policy that runs `{INSTALL}` at Recurring Check-in, Ongoing; first on one Mac.",
            *lists,
            "`extension-attributes/*.sh`: Settings > Computer Management > Extension Attributes.",
        ),
        (
            f"`{CHECK}` on a Mac ends with 0, and names what is not in place.",
            "`tipstaff audit` on that Mac shows this policy's id, version and fingerprint.",
        ),
        (
            "Upload the files of the version before in the same places.",
            (
                f"To remove it: disable the policy of `{INSTALL}`, "
                f"{'remove the profile, ' if lists else ''}then run `{REMOVE}` once."
            ),
        ),
    )


CHANNEL = Channel(
    "jamf",
    "Jamf Pro: property list, form, extension attributes, scripts",
    "macos",
    every_payload,
    render,
    read,
    steps,
)
