"""Hosts on a scratch disk, and the two programs run on them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support.clients.logins import API_KEY
from support.machines import warm
from support.machines.private_etc import in_private_etc
from tipstaff_policy import guard

BIN = Path(sys.executable).parent
VERSION = ("--client", "codex", "--client-version", "0.169.0")
FORCED_CHATGPT = 'forced_login_method = "chatgpt"\n'
OWN_ETC = (
    "mount -t tmpfs own /mnt && cp -a /etc /mnt/etc && mkdir -p /mnt/etc/tipstaff"
    ' && cp "$1" /mnt/etc/tipstaff/policy.toml && mount --bind /mnt/etc /etc && shift && exec "$@"'
)
APART = ("unshare", "--mount", "--pid", "--fork", "--mount-proc")
"""A mount table and processes of its own, so that no client of this machine is seen."""


def make_host(folder, *, auth=API_KEY, managed=None, requirements=None, user=None, system=None):
    """Lay out a system root with one home; return the root."""
    root = Path(folder)
    etc, home = root / "etc/codex", root / "home/dev/.codex"
    etc.mkdir(parents=True)
    home.mkdir(parents=True)
    files = {
        etc / "managed_config.toml": managed,
        etc / "requirements.toml": requirements,
        etc / "config.toml": system,
        home / "config.toml": user,
        home / "auth.json": auth,
    }
    for path, content in files.items():
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            path.chmod(0o600 if path.parent == home else 0o644)
    return root


def credential(root):
    return root / "home/dev/.codex/auth.json"


def run(words, **options):
    options = {
        "capture_output": True,
        "text": True,
        "stdin": subprocess.DEVNULL,
        "timeout": 60,
        **options,
    }
    return subprocess.run([str(word) for word in words], check=False, **options)


def tipstaff(*words, **options):
    """Run the program without its start, as `warm.py` says; a process is `run([BIN / "tipstaff"])`."""
    return warm.tipstaff(*words, **options)


def audit(root, *words, **options):
    return tipstaff("audit", *VERSION, "--system-root", root, *words, **options)


def enforce(root, *words, **options):
    return tipstaff("enforce", *VERSION, "--system-root", root, *words, **options)


def run_guard(root, *words, **options):
    """Run the guard as it is shipped: isolated, by absolute path."""
    front = [sys.executable, "-I", "-S", guard.__file__, *VERSION, "--system-root", root]
    return run([*front, *words], **options)


def live_guard(root, *words, env=None, managed=None, **options):
    """Run the guard on this machine's own state, with a home of its own.

    Args:
        managed: What the administrators' managed file says, in an /etc of its own.
    """
    home = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}
    front = [sys.executable, "-I", "-S", guard.__file__, *VERSION]
    if managed is not None:
        etc, front = in_private_etc(tempfile.mkdtemp(dir=root.parent), *front)
        (etc / "codex/managed_config.toml").write_text(managed)
    return run([*front, *words], env={**home, **(env or {})}, **options)
