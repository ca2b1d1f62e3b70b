"""An Ansible role for hosts with Linux: files, folders, and what the files are validated by."""

import hashlib
import posixpath
import re

from tipstaff_rollout.model import (
    EVERYTHING,
    NAMES,
    ArtefactError,
    Channel,
    Compiled,
    File,
    Payload,
    PayloadName,
)
from tipstaff_rollout.places import deployed
from tipstaff_rollout.yaml_text import quoted

ROLE = "tipstaff_policy"
TASKS, DEFAULTS, META = (
    f"{ROLE}/tasks/main.yml",
    f"{ROLE}/defaults/main.yml",
    f"{ROLE}/meta/main.yml",
)
PLAYBOOK, README = "site.yml", "README.md"
PLAIN = re.compile(r"/[A-Za-z0-9._@+/-]+")
PRESENT, ABSENT = 'tipstaff_policy_state == "present"', 'tipstaff_policy_state == "absent"'
DEFAULT_VALUES = """\
---
tipstaff_policy_state: present
# Path of tipstaff on the hosts, which then lints each file before it takes the old one's place.
tipstaff_policy_program: ""
"""


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
    carried = (File(_place(each.name), each.data) for each in compiled.payloads)
    return (*files, *carried)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return the files that the role copies."""
    named = {each.path: each.data for each in files}
    if not {TASKS, PLAYBOOK} <= set(named):
        return None
    found = [Payload(name, named[_place(name)]) for name in NAMES if _place(name) in named]
    if not found:
        raise ArtefactError("holds no policy", where=f"{ROLE}/files", remedy="render it anew")
    return tuple(found)


def _place(name: PayloadName) -> str:
    return f"{ROLE}/files/{NAMES[name]}"


def _tasks(compiled: Compiled) -> str:
    places = deployed(compiled, "linux")
    for each in places:
        _require_plain(each.path)
    folders = sorted({posixpath.dirname(each.path) for each in places})
    tasks = [_folder_task(each) for each in folders]
    for each in places:
        digest = hashlib.sha256(each.payload.data).hexdigest()
        tasks += [_file_task(each.path, each.payload.name), _proof_task(each.path, digest)]
    tasks += [_removal_task(each.path) for each in places]
    return _head(compiled) + "---\n" + "\n".join(tasks)


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


def _file_task(path: str, name: PayloadName) -> str:
    lint = f"tipstaff_policy_program ~ ' policy lint --kind {name} %s'"
    rule = f"(tipstaff_policy_program | length > 0) | ternary({lint}, omit)"
    # Keys are no document of their own: lint reads them with their policy.
    validated = f'    validate: "{{{{ {rule} }}}}"\n' if name != "keys" else ""
    return f"""\
- name: Write {path}
  ansible.builtin.copy:
    src: {NAMES[name]}
    dest: {path}
    owner: root
    group: root
    mode: "0644"
    follow: false
{validated}  when: {PRESENT}
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
        f"# policy {compiled.id}, version {quoted(compiled.version)}\n"
        f"# fingerprint {compiled.fingerprint}\n"
    )


def _meta(compiled: Compiled) -> str:
    told = f"Tipstaff policy {compiled.id}, version {compiled.version}, {compiled.fingerprint}"
    return f"""\
{_head(compiled)}---
galaxy_info:
  role_name: {ROLE}
  author: {quoted(compiled.owner or compiled.id)}
  description: {quoted(told)}
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

```sh
ansible-playbook -i INVENTORY site.yml --check --diff   # what would change, and where
ansible-playbook -i INVENTORY site.yml
```

- `tipstaff_policy_state`: `present` (default), or `absent`, which removes the files.
- `tipstaff_policy_program`: path of `tipstaff` on the hosts. Every file is then linted there
  before it takes the old one's place; empty (default) does without.

Hosts with Linux. Each file is read back: another content or owner fails the play.
"""


CHANNEL = Channel(
    "ansible",
    "an Ansible role for hosts with Linux, with check mode and validation",
    "linux",
    EVERYTHING,
    render,
    read,
)
