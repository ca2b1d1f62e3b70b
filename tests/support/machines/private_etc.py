"""A machine of its own for a process: its /etc is a folder of the test's, next to the real one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SWAP = """
set -e
old=$1 new=$2
shift 2
mount --bind /etc "$old"
for each in "$old"/* ; do
  name=${each##*/}
  case $name in codex|claude-code|tipstaff) ;; *) [ -e "$new/$name" ] || [ -L "$new/$name" ] || ln -s "$each" "$new/$name" ;; esac
done
mount --bind "$new" /etc
exec "$@"
"""


def in_private_etc(folder, *words):
    """Return the folder that stands for /etc, and the command that runs a program with it."""
    old, new = Path(folder) / "old-etc", Path(folder) / "etc"
    old.mkdir()
    (new / "codex").mkdir(parents=True)
    apart = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*apart, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no private namespace here")
    return new, [*apart, "sh", "-c", SWAP, "sh", old, new, *words]
