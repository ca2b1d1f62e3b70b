"""Fleet: a team's YAML that names profile and script, and policies that osquery answers."""

import hashlib
import posixpath
from collections.abc import Iterable

from tipstaff_rollout.artefacts.macos_folder import (
    PROFILE,
    heading,
    itself,
    places_of,
    profile_files,
    read_folder,
    script_file,
    text_file,
)
from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.preferences import Domain, domains_of
from tipstaff_rollout.artefacts.shell_text import comments
from tipstaff_rollout.artefacts.yaml_text import quote
from tipstaff_rollout.model import (
    Channel,
    Compiled,
    Deployed,
    File,
    Payload,
    Steps,
    mode_of,
)
from tipstaff_rollout.payloads import every_payload

CONTROLS, POLICIES = "tipstaff.controls.yml", "tipstaff.policies.yml"
PACKAGE = """\
`software:` > `packages:` in the YAML, with the address of `tipstaff-VERSION.pkg`; hosts have it
where `select 1 from package_receipts where package_id = 'tipstaff'` gives a row."""
INSTALL, REMOVE = "tipstaff-install.sh", "tipstaff-remove.sh"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return both YAML files, what they name, and how to include them."""
    return (
        text_file(README, _readme(compiled)),
        text_file(CONTROLS, _controls(compiled)),
        text_file(POLICIES, _policies(compiled)),
        *profile_files(compiled),
        script_file(compiled, INSTALL, "install"),
        script_file(compiled, REMOVE, "remove"),
    )


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what profile and script bring."""
    signs = frozenset({README, CONTROLS, POLICIES, INSTALL, REMOVE})
    return read_folder(files, signs=signs, script_name=INSTALL)


def _head(compiled: Compiled) -> str:
    # Fleet replaces variables in comments too.
    return "\n".join(comments(compiled)).replace("$", "\\x24") + "\n"


def _controls(compiled: Compiled) -> str:
    text = _head(compiled)
    if domains_of(compiled):
        text += f"apple_settings:\n  configuration_profiles:\n    - path: ./{PROFILE}\n"
    return text + f"scripts:\n  - path: ./{INSTALL}\n  - path: ./{REMOVE}\n"


def _policies(compiled: Compiled) -> str:
    message = f"version {compiled.version}, {compiled.fingerprint}"
    rows = []
    domains = domains_of(compiled)
    for domain in domains:
        of = "the client" if len(domains) == 1 else domain.preferences.display_name
        name = f"Tipstaff {compiled.id}: preferences of {of}"
        remedy = f"Send the profile {PROFILE} again; see that no other sets the same domain."
        rows.append(_row(name, _preferences_query(domain), message, remedy))
    for place in places_of(compiled):
        name = f"Tipstaff {compiled.id}: {place.payload.name} in place"
        remedy = f"Run the script {INSTALL} on this host."
        rows.append(_row(name, _file_query(place), message, remedy))
    return _head(compiled) + "".join(rows)


def _row(name: str, query: str, description: str, resolution: str) -> str:
    # A policy of Fleet is known by its name, which therefore has no version in it.
    return (
        f"- name: {quote(name)}\n"
        f"  description: {quote(description)}\n"
        f"  resolution: {quote(resolution)}\n"
        "  platform: darwin\n"
        "  critical: false\n"
        f"  query: {quote(query)}\n"
    )


def _preferences_query(given: Domain) -> str:
    """Return what fails where a value is not forced; osquery shows only texts as they are."""
    domain = given.preferences.domain
    texts = {key: {"value": value} for key, value in given.values.items() if isinstance(value, str)}
    return _all(
        _exists("managed_policies", domain=domain, name=key, **texts.get(key, {}), username="")
        for key in sorted(given.values)
    )


def _file_query(place: Deployed) -> str:
    path, folder = place.path, posixpath.dirname(place.path)
    digest = hashlib.sha256(place.payload.data).hexdigest()
    roots = {"uid": 0, "symlink": 0}
    return _all(
        (
            _exists("hash", path=path, sha256=digest),
            _exists(
                "file",
                path=path,
                type="regular",
                gid=0,
                mode=f"{mode_of(place.payload.name):04o}",
                **roots,
            ),
            _exists("file", path=folder, type="directory", mode="0755", **roots),
        )
    )


def _all(conditions: Iterable[str]) -> str:
    return f"SELECT 1 WHERE {' AND '.join(conditions)};"


def _exists(table: str, **columns: str | int) -> str:
    wanted = " AND ".join(f"{name} = {_literal(value)}" for name, value in columns.items())
    return f"EXISTS (SELECT 1 FROM {table} WHERE {wanted})"  # noqa: S608 - quoted by _literal


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _readme(compiled: Compiled) -> str:
    return f"""{heading(compiled, "Fleet")}{effect_section(compiled, "macos")}
Put this folder next to the YAML of your fleet (in older releases of Fleet: team), say as
`lib/tipstaff`, and name it there:

```yaml
controls:
  path: ../lib/tipstaff/{CONTROLS}
policies:
  - path: ../lib/tipstaff/{POLICIES}
```

Where your fleet has other `controls`, take the lines of `{CONTROLS}` into them, with paths that
begin at that file. Releases of Fleet that do not know `apple_settings` call the list
`macos_settings` > `custom_settings`. Then `fleetctl gitops --dry-run -f FILE`.

{itself(PACKAGE)}
## Profile and script
{_sends_profile(compiled)}`{INSTALL}` installs Tipstaff's own document: run it on the
hosts, or name it as `run_script` of the policies, which needs Fleet Premium. The policies fail
if the forced preferences, or the content, owner or mode of a file differ.
"""


def _sends_profile(compiled: Compiled) -> str:
    return "Fleet sends the profile by itself. " if domains_of(compiled) else ""


def steps(compiled: Compiled) -> Steps:
    """Return what to put into the repository of a fleet."""
    profile = f"`{PROFILE}` stays in the folder: `{CONTROLS}` names it, and Fleet sends it."
    return Steps(
        (
            "The whole folder, next to the YAML of your fleet, say as `lib/tipstaff`.",
            f"`{CONTROLS}` and `{POLICIES}`: name them in the file of the fleet.",
            *([profile] if domains_of(compiled) else []),
            "`fleetctl gitops --dry-run -f FILE`, then without `--dry-run`; first for one host.",
            f"`{INSTALL}`: run it on the hosts.",
        ),
        (
            "The policies of Fleet pass for a host.",
            "`tipstaff audit` on that host shows this policy's id, version and fingerprint.",
        ),
        (
            "Revert the commit; run the script of the version before on the hosts.",
            f"To remove it: take both names out of the file of the fleet, then run `{REMOVE}`.",
        ),
    )


CHANNEL = Channel(
    "fleet",
    "Fleet: GitOps YAML, a profile, a script, and policies for osquery",
    "macos",
    every_payload,
    render,
    read,
    steps,
)
