"""An Ansible role for hosts with Linux: files, folders, and what the files are validated by."""

import base64
import hashlib
import json
import posixpath
import re
from typing import NamedTuple

from tipstaff_policy.organisation.paths import FOLDERS
from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.yaml_text import quote
from tipstaff_rollout.model import (
    BEFORE,
    NAMES,
    PRIVATE,
    ArtefactError,
    Channel,
    Compiled,
    File,
    Payload,
    PayloadName,
    Steps,
    mode_of,
)
from tipstaff_rollout.payloads import (
    ClientPayload,
    client_payloads,
    every_payload,
    file_names,
    files_of,
    list_carried_keys,
)

ROLE = "tipstaff_policy"
TASKS, DEFAULTS, META = (
    f"{ROLE}/tasks/main.yml",
    f"{ROLE}/defaults/main.yml",
    f"{ROLE}/meta/main.yml",
)
OWN = f"{FOLDERS['linux']}/"
"""Everything in this folder is Tipstaff's own."""
PLAYBOOK = "site.yml"
PLAIN = re.compile(r"/[A-Za-z0-9._@+/-]+")
PRESENT, ABSENT = 'tipstaff_policy_state == "present"', 'tipstaff_policy_state == "absent"'
DEFAULT_VALUES = """\
---
tipstaff_policy_state: present
# Path of tipstaff on the hosts, which then lints each file before it replaces the old one.
tipstaff_policy_program: ""
# Whether a file of the client that is not Tipstaff's own may be replaced; it is kept as a copy.
tipstaff_policy_replace: false
"""
KEYS_IN = """\
      {%- set found = namespace(table="", kept=0, lost=0) -%}
      {%- if item.endswith(".json") -%}
      {%- for key in tipstaff_policy_content | b64decode | regex_findall('"([^"]+)" *:') | unique
      if key not in (tipstaff_policy_carried[item] | join(".")).split(".") -%}
      {{ " contains " ~ key ~ ", which would be lost;" }}
      {%- endfor -%}
      {%- else -%}
      {%- for line in (tipstaff_policy_content | b64decode).splitlines() -%}
      {%- if line is match('^ *[[]{1,2}[^=,]+[]]{1,2} *(#.*)?$') -%}
      {%- set found.table = line.split("]")[0].strip("[ ") ~ "." -%}
      {%- elif line is match('^ *[A-Za-z0-9_."-]+ *= *[^ =]') -%}
      {%- set key = found.table ~ line.split("=")[0].strip() -%}
      {%- if key in tipstaff_policy_carried[item] -%}
      {%- set found.kept = found.kept + 1 -%}
      {%- else -%}
      {%- set found.lost = found.lost + 1 -%}
      {{ " contains " ~ key ~ " at :" ~ loop.index ~ ", which would be lost;" }}
      {%- endif -%}
      {%- endif -%}
      {%- endfor -%}
      {%- endif -%}
      {{ " each of its keys is in the file of the policy too;" if found.kept and not found.lost }}
"""
"""Names the keys of a file with their lines, as far as lines show them; never a value."""


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the role, a playbook that runs it, and a page about it."""
    texts = {
        README: _readme(compiled),
        PLAYBOOK: _playbook(compiled),
        DEFAULTS: _head(compiled) + DEFAULT_VALUES,
        META: _meta(compiled),
        TASKS: _tasks(compiled),
    }
    files = [File(path, text.encode()) for path, text in texts.items()]
    carried = (File(_place(payload.name), payload.data) for payload in compiled.payloads)
    return (*files, *carried)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return the files that the role copies."""
    named = {file.path: file.data for file in files}
    if not {TASKS, PLAYBOOK} <= set(named):
        return None
    found = [
        Payload(name, named[_place(name)]) for name in every_payload() if _place(name) in named
    ]
    if not found:
        raise ArtefactError("holds no policy", where=f"{ROLE}/files", remedy="render it again")
    return tuple(found)


def _place(name: PayloadName) -> str:
    return f"{ROLE}/files/{file_names()[name]}"


def _tasks(compiled: Compiled) -> str:
    places = place_payloads(compiled, "linux")
    for place in places:
        _require_plain(place.path)
    folders = sorted({posixpath.dirname(place.path) for place in places})
    known = client_payloads()
    owned = [place.path for place in places if place.payload.name in known]
    another = _Another(files_of(compiled, "linux"))
    keys = list_carried_keys(compiled)
    carried = {place.path: keys[place.payload.name] for place in places if place.path in owned}
    tasks = _render_looking_tasks(carried, another) if owned else []
    tasks += [_folder_task(folder) for folder in folders]
    removals: list[str] = []
    for place in places:
        digest = hashlib.sha256(place.payload.data).hexdigest()
        is_elsewhere = place.payload.name == "keys" and not place.path.startswith(OWN)
        tasks += [
            _file_task(place.path, place.payload.name, backup=is_elsewhere),
            _proof_task(place.path, digest),
        ]
        if is_elsewhere:
            removals.append(_render_measured_removal(place.path, digest))
        elif place.path in owned:
            condition = another.at(str(owned.index(place.path)))
            removals += [_careful_removal(place.path, condition), _return(place.path)]
        else:
            removals.append(_removal_task(place.path))
    tasks += removals
    return _head(compiled) + "---\n" + "\n".join(tasks)


class _Another(NamedTuple):
    """Whether a file that is there is another administrator's."""

    kinds: tuple[ClientPayload, ...]

    def at(self, number: str) -> str:
        """Return the condition that a client's file is there, and is not Tipstaff's own."""
        content = f"tipstaff_policy_there.results[{number}].content"
        # Three bytes are four letters, so that a whole number of such groups can be compared.
        starts = [kind.start[: len(kind.start) // 3 * 3] for kind in self.kinds]
        known = "|".join(re.escape(base64.b64encode(start).decode()) for start in starts)
        return f'{content} is defined and {content} is not match("{known}")'


def _render_looking_tasks(carried: dict[str, tuple[str, ...]], condition: _Another) -> list[str]:
    paths = list(carried)
    keys = "\n".join(f"      {path}: {json.dumps(names)}" for path, names in carried.items())
    listed = "\n".join(f"    - {path}" for path in paths)
    another, kept = condition.at("tipstaff_policy_number"), "tipstaff_policy_kept.results"
    return [
        f"""\
- name: Look at the client's files
  ansible.builtin.slurp:
    src: "{{{{ item }}}}"
  loop:
{listed}
  register: tipstaff_policy_there
  failed_when: false
  no_log: true
""",
        f"""\
- name: Look for copies of earlier files
  ansible.builtin.stat:
    path: "{{{{ item }}}}{BEFORE}"
  loop:
{listed}
  register: tipstaff_policy_kept
""",
        f"""\
- name: Leave files that are not Tipstaff's own
  ansible.builtin.fail:
    msg: >-
      nothing was changed: {{{{ item }}}} is not Tipstaff's own;
{KEYS_IN}\
      take them into the policy (tipstaff policy render --merge-into FILE), or set
      tipstaff_policy_replace=true, which keeps the file as {{{{ item }}}}{BEFORE},
      unless such a copy exists
  loop:
{listed}
  loop_control:
    index_var: tipstaff_policy_number
  vars:
    tipstaff_policy_carried:
{keys}
    tipstaff_policy_content: >-
      {{{{ tipstaff_policy_there.results[tipstaff_policy_number].content }}}}
  when:
    - {PRESENT}
    - {another}
    - >-
      not (tipstaff_policy_replace | bool)
      or {kept}[tipstaff_policy_number].stat.exists
""",
        f"""\
- name: Keep what is replaced
  ansible.builtin.copy:
    src: "{{{{ item }}}}"
    dest: "{{{{ item }}}}{BEFORE}"
    remote_src: true
    mode: preserve
    force: false
  loop:
{listed}
  loop_control:
    index_var: tipstaff_policy_number
  when:
    - {PRESENT}
    - {another}
""",
    ]


def _careful_removal(path: str, another: str) -> str:
    return f"""\
- name: Remove {path}
  ansible.builtin.file:
    path: {path}
    state: absent
  when:
    - {ABSENT}
    - not ({another})
"""


def _return(path: str) -> str:
    return f"""\
- name: Give back {path}
  ansible.builtin.command:
    argv: [mv, -n, {path}{BEFORE}, {path}]
    creates: {path}
    removes: {path}{BEFORE}
  when: {ABSENT}
"""


def _render_measured_removal(path: str, digest: str) -> str:
    return f"""\
- name: Look at {path}
  ansible.builtin.stat:
    path: {path}
    checksum_algorithm: sha256
  register: tipstaff_policy_keys
  when: {ABSENT}
- name: Remove {path}
  ansible.builtin.file:
    path: {path}
    state: absent
  when: {ABSENT} and tipstaff_policy_keys.stat.checksum | default("") == "{digest}"
"""


def _require_plain(path: str) -> None:
    """Refuse a place that YAML or a template would read as something else.

    Raises:
        ArtefactError: It has other than plain letters in it; only the keys' place can.
    """
    if not PLAIN.fullmatch(path):
        raise ArtefactError(
            f"{path!r} is no plain path", where="policy.toml", remedy="choose another trusted_keys"
        )


def _folder_task(path: str) -> str:
    return f"""\
- name: Make folder {path}
  ansible.builtin.file:
    path: {path}
    state: directory
    owner: root
    group: root
    mode: "0755"
    follow: false
  when: {PRESENT}
"""


def _file_task(path: str, name: PayloadName, *, backup: bool) -> str:
    # A warning does not stop a role: only what the client or Tipstaff would refuse does.
    lint = f"tipstaff_policy_program ~ ' policy lint --fail-on error --kind {name} %s'"
    rule = f"(tipstaff_policy_program | length > 0) | ternary({lint}, omit)"
    # Keys are no document of their own: lint reads them with their policy.
    is_document = name == "policy" or name not in NAMES
    validated = f'    validate: "{{{{ {rule} }}}}"\n' if is_document else ""
    unseen = "  no_log: true\n  diff: false\n" if name in PRIVATE else ""
    return f"""\
- name: Write {path}
  ansible.builtin.copy:
    src: {file_names()[name]}
    dest: {path}
    owner: root
    group: root
    mode: "{mode_of(name):04o}"
    follow: false
{"    backup: true" + chr(10) if backup else ""}{validated}{unseen}  when: {PRESENT}
"""


def _proof_task(path: str, digest: str) -> str:
    return f"""\
- name: Read back {path}
  ansible.builtin.stat:
    path: {path}
    checksum_algorithm: sha256
  register: tipstaff_policy_found
  failed_when: >-
    tipstaff_policy_found.stat.checksum | default("") != "{digest}"
    or tipstaff_policy_found.stat.uid != 0
  when: {PRESENT} and not ansible_check_mode
"""


def _removal_task(path: str) -> str:
    return f"""\
- name: Remove {path}
  ansible.builtin.file:
    path: {path}
    state: absent
  when: {ABSENT}
"""


def _head(compiled: Compiled) -> str:
    # Quoted in the comment too: YAML has more line breaks than one.
    return (
        "# Written by Tipstaff; do not edit: `tipstaff policy verify` finds it.\n"
        f"# policy {compiled.id}, version {quote(compiled.version)}\n"
        f"# fingerprint {compiled.fingerprint}\n"
    )


def _meta(compiled: Compiled) -> str:
    message = f"Tipstaff policy {compiled.id}, version {compiled.version}, {compiled.fingerprint}"
    return f"""\
{_head(compiled)}---
galaxy_info:
  role_name: {ROLE}
  author: {quote(compiled.owner or compiled.id)}
  description: {quote(message)}
  license: LicenseRef-Internal
  min_ansible_version: "2.14"
  platforms:
    - name: GenericLinux
      versions:
        - all
dependencies: []
"""


def _playbook(compiled: Compiled) -> str:
    return f"""\
{_head(compiled)}---
- name: Who may sign in to the coding client
  hosts: all
  become: true
  gather_facts: false
  roles:
    - role: {ROLE}
"""


def _readme(compiled: Compiled) -> str:
    return f"""# {compiled.id} {compiled.version} by Ansible
Fingerprint: {compiled.fingerprint}
{effect_section(compiled, "linux")}
```sh
ansible-playbook -i INVENTORY site.yml --check --diff   # what would change, and where
ansible-playbook -i INVENTORY site.yml
```

- `tipstaff_policy_state`: `present` (default), or `absent`, which removes the files.
- `tipstaff_policy_program`: path of `tipstaff` on the hosts. Every file is then linted there
  before it replaces the old one; an error stops the play, a warning does not; empty
  (default) does without.
- `tipstaff_policy_replace`: a file of the client that is not Tipstaff's own stops the play before
  anything is changed, and the message lists its keys. `true` replaces it; a copy is kept with the
  ending `{BEFORE}`, and `absent` restores it.

Hosts with Linux. Each file is read back: a different content or owner fails the play.
"""


def steps(_: Compiled) -> Steps:
    """Return how the role runs."""
    return Steps(
        (
            f"`{ROLE}/`: next to your other roles. `{PLAYBOOK}` runs it on its own.",
            f"`ansible-playbook -i INVENTORY {PLAYBOOK} --check --diff`: what would change.",
            (
                f"`ansible-playbook -i INVENTORY {PLAYBOOK} --limit HOST`: first on one host, then "
                "without `--limit`."
            ),
        ),
        (
            "The play reads every file back; a second run changes nothing (`changed=0`).",
            "`tipstaff audit` on a host shows this policy's id, version and fingerprint.",
        ),
        (
            "Run the playbook of the version before.",
            (
                f"To remove it: `ansible-playbook -i INVENTORY {PLAYBOOK} -e "
                "tipstaff_policy_state=absent`, which restores earlier files."
            ),
        ),
    )


CHANNEL = Channel(
    "ansible",
    "an Ansible role for hosts with Linux, with check mode and validation",
    "linux",
    every_payload,
    render,
    read,
    steps,
)
