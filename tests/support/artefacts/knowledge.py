"""Documents of knowledge, keys that sign them, and a release of Tipstaff that is older than this."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.artefacts.signers import ssh_key
from tipstaff_policy.assessment.knowledge.making import make_content, write_document

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("policy", "schemas", "reports", "rollout", "fleet", "cli")
NOW = 1_796_000_000
OLD, NEW = "0.169.0", "0.171.0"
CODEX = "policy/tipstaff_policy/clients/codex"
NEWER = "0.999.0"
"""A version that no release of Tipstaff knows."""


@pytest.fixture(scope="module")
def signing_keys(tmp_path_factory):
    """Return a folder with two key pairs made by ssh-keygen."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("maintainer", "stranger"):
        ssh_key(folder, name)
    return folder


def public(keys, name="maintainer"):
    return (keys / f"{name}.pub").read_text().strip()


def sign_by(key, purpose="tipstaff-knowledge"):
    """Return what signs bytes by OpenSSH's own program."""
    words = ["ssh-keygen", "-q", "-Y", "sign", "-n", purpose, "-f", str(key)]
    return lambda data: subprocess.run(words, input=data, check=True, capture_output=True).stdout


def signed(keys, content=None, *, name="maintainer", purpose="tipstaff-knowledge"):
    """Return the bytes of a document with a signature."""
    return write_document(content or make_content(1, NOW), sign_by(keys / name, purpose))


def content_with_newer(version=NEWER, counter=1, **changed):
    """Return a document that proves a version which this release does not know.

    Args:
        changed: Fields in which it behaves otherwise than the newest known one.
    """
    content = copy.deepcopy(make_content(counter, NOW))
    section = content["clients"]["codex"]
    newest, row = [*section["proven"]][-1], [*section["rows"]][-1]
    section["proven"][version] = "2026-12-24"
    section["rows"][version] = {"like": row, **changed}
    section["spans"].append({"since": version, "rows": [version]})
    for data in ("command_lines", "accepted"):
        section[data][version] = copy.deepcopy(section[data][newest])
    return content


def trusting(root, keys, more=""):
    """Give a host a policy that trusts the first key for knowledge."""
    folder = root / "etc/tipstaff"
    folder.mkdir(exist_ok=True)
    policy = f'schema = 1\nid = "example"\nversion = "1"\nknowledge_keys = ["{public(keys)}"]\n'
    (folder / "policy.toml").write_text(policy + more)
    return folder / "knowledge.json"


class OlderRelease:
    """A copy of this Tipstaff whose data ends at an earlier version of the client."""

    def __init__(self, folder):
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__")
        for room in (*ROOMS, "docs"):
            shutil.copytree(ROOT / room, folder / room, ignore=ignored)
        source = folder / CODEX / "knowledge/versions.json"
        known = json.loads(source.read_text())
        del known["proven"][NEW], known["rows"][NEW]
        known["spans"] = [span for span in known["spans"] if span["since"] != NEW]
        source.write_text(json.dumps(known, indent=1) + "\n")
        for path in (folder / CODEX).rglob(f"{NEW}*.json"):
            path.unlink()
        subprocess.run([sys.executable, folder / "docs/knowledge_modules.py"], check=True)

    @property
    def env(self):
        return {**os.environ, "PYTHONPATH": os.pathsep.join(str(self.folder / r) for r in ROOMS)}

    def __call__(self, *words, **options):
        """Run its program."""
        command = [sys.executable, "-m", "tipstaff_cli", *map(str, words)]
        options = {"env": self.env, "capture_output": True, "text": True, "timeout": 120, **options}
        return subprocess.run(command, check=False, **options)

    def guard(self, *words, **options):
        """Run its guard as it is shipped."""
        file = self.folder / "policy/tipstaff_policy/guard.py"
        command = [sys.executable, "-I", "-S", str(file), *map(str, words)]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=60, **options
        )


@pytest.fixture(scope="session")
def older_release(tmp_path_factory):
    return OlderRelease(tmp_path_factory.mktemp("older"))
