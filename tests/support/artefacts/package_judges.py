"""dpkg and rpm, each with a root of its own and no regard to this machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")


def needs(*tools):
    """Skip a test where a tool is missing."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {missing}")


def run(*command, code=0):
    """Run a tool and return all that it says."""
    with tempfile.TemporaryDirectory() as home:  # in which rpm keeps records of a user's own
        done = subprocess.run(
            list(map(str, command)),
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": home},
        )
    said = done.stdout + done.stderr
    assert code == done.returncode, said
    return said


class Dpkg:
    """A root with dpkg's records."""

    def __init__(self, root: Path):
        self.root = root
        for name in ("info", "updates"):
            (root / "var/lib/dpkg" / name).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        self.command = (
            "dpkg",
            f"--root={root}",
            "--force-script-chrootless",
            f"--log={root}/log.dpkg",
        )

    def install(self, package):
        return run(*self.command, "-i", package)

    upgrade = install

    def give_shell(self, *programs):
        """Its scripts run outside of the root."""

    def remove(self, name):
        return run(*self.command, "-r", name)

    def refuse(self, package):
        return run(*self.command, "-i", package, code=1)

    def verify(self, name):
        return run("dpkg", f"--root={self.root}", "--verify", name)

    def version(self, name):
        return run(
            "dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "-f", "${Version}", "-W", name
        )


class Rpm:
    """A root with rpm's records, and what its scripts need."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir(exist_ok=True)
        self.command = ("rpm", "--root", root, "--dbpath", "/var/lib/rpm")

    def give_shell(self, *programs):
        for program in ("/bin/sh", *programs):
            libraries = [word for word in run("ldd", program).split() if word.startswith("/")]
            for library in (program, *libraries):
                copy = self.root / library[1:]
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library, copy)

    def install(self, package):
        return run(*self.command, "--nodeps", "-i", package)

    def upgrade(self, package):
        return run(*self.command, "--nodeps", "-U", package)

    def refuse(self, package):
        return run(*self.command, "--nodeps", "-U", package, code=1)

    def remove(self, name):
        return run(*self.command, "--nodeps", "-e", name)

    def verify(self, name):
        command = [*self.command, "--nodeps", "-V", name]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout

    def version(self, name):
        return run(*self.command, "-q", "--qf", "%{VERSION}", name)
