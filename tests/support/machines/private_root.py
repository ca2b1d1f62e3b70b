"""A whole file tree of its own for a process: programs of this machine, to be read only, and no more."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = """
set -e
root=$1
shift
mount -t tmpfs -o mode=755 none "$root"
mkdir "$root/usr" "$root/dev" "$root/proc" "$root/etc"
cp -a /etc/alternatives "$root/etc/" 2>/dev/null || :
mkdir -m 1777 "$root/tmp"
mount --rbind -o ro /usr "$root/usr"
for each in /bin /sbin /lib /lib64 ; do
  if [ -L "$each" ]; then cp -P "$each" "$root$each"
  elif [ -d "$each" ]; then mkdir "$root$each"; mount --rbind -o ro "$each" "$root$each"; fi
done
mount --rbind /dev "$root/dev"
mount -t proc none "$root/proc"
exec chroot "$root" "$@"
"""


def in_private_root(folder, *words):
    """Return the command that runs a program, known by its path here, in a tree of its own."""
    root = Path(folder) / "root"
    root.mkdir()
    apart = ["unshare", "-m"]
    if (
        os.geteuid() != 0
        or shutil.which("unshare") is None
        or subprocess.run([*apart, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no tree of its own without root")
    return [*apart, "sh", "-c", BUILD, "sh", str(root), *map(str, words)]
