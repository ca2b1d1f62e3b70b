"""A Debian of its own under a booted systemd, in a container of systemd-nspawn."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

BOOT_LIMIT_S = 90
ENTER = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wdns=/")
CONTAINER = (
    "systemd-nspawn",
    "--quiet",
    "--register=no",
    "--keep-unit",
    "--private-network",
    "--link-journal=no",
    "--console=pipe",
    "--boot",
)
"""No name in a registry and no unit around it: the machine of the test may run no systemd."""


class NotBootedError(Exception):
    """This machine cannot boot a container; why."""


class BootedMachine:
    """A copy of a root folder, booted; each command runs in it as root."""

    def __init__(self, template, folder, binds=()):
        """Boot a copy.

        Args:
            template: The root folder.
            folder: A new folder, for the copy and for what the console says.
            binds: Pairs of a path here and in the container, to be read only.

        Raises:
            NotBootedError: Something here forbids it.
        """
        self.folder, self.root, self.console = folder, folder / "root", folder / "console"
        copied = ["cp", "-a", "--reflink=auto", str(template), str(self.root)]
        subprocess.run(copied, check=True)
        shown = [f"--bind-ro={here}:{there}" for here, there in binds]
        with self.console.open("wb") as console:
            self.process = subprocess.Popen(
                [*CONTAINER, *shown, f"--directory={self.root}"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        self.leader = self._wait_for_leader()

    def _wait_for_leader(self):
        """Return the number of the container's first process, once its system runs."""
        until = time.monotonic() + BOOT_LIMIT_S
        state = ""
        while time.monotonic() < until and self.process.poll() is None:
            leader = self._find_leader()
            if leader:
                done = self._run_in(leader, "systemctl", "is-system-running")
                state = done.stdout.strip()
                if state in ("running", "degraded"):
                    return leader
            time.sleep(0.2)
        self.end()
        said = self.console.read_text("utf-8", "replace")[-2000:]
        raise NotBootedError(f"it did not boot (last: {state or 'nothing'}):\n{said}")

    def _find_leader(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    return pid
        return ""

    @staticmethod
    def _run_in(leader, *words, **more):
        return subprocess.run(
            ["nsenter", "--target", leader, *ENTER, *map(str, words)],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
            **more,
        )  # fmt: skip

    def run(self, *words, **more):
        """Run a command in the container; it must end with 0."""
        done = self.ask(*words, **more)
        assert 0 == done.returncode, (words, done.stdout, done.stderr, self.journal())
        return done.stdout

    def ask(self, *words, **more):
        """Run a command in the container, and return how it ended."""
        return self._run_in(self.leader, *words, **more)

    def journal(self, *words):
        """Return the last lines that units wrote."""
        return self.ask("journalctl", "--no-pager", "-o", "cat", "-n", "80", *words).stdout

    def show(self, unit, name, *words):
        """Return a property of a unit."""
        return self.run("systemctl", *words, "show", "-P", name, unit).strip()

    def wait_until(self, holds, seconds=30):
        """Return whether something comes to hold in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if holds():
                return True
            time.sleep(0.25)
        return holds()

    def reach_by_ssh(self, folder):
        """Give root a key, and return the options of ssh by which it reaches the container."""
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        home = self.root / "root/.ssh"
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "authorized_keys").write_text(Path(f"{key}.pub").read_text())
        # There is no network between: sshd serves the connection that a command opens.
        enter = " ".join(["nsenter", "--target", self.leader, *ENTER, "/usr/sbin/sshd", "-i"])
        return (
            f"-i {key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
            f"-o ProxyCommand='{enter}'"
        )

    def end(self):
        """Switch the container off; a hanging one is ended."""
        if self.process.poll() is None and getattr(self, "leader", ""):
            self.ask("systemctl", "poweroff", "--no-block")
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=30)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def remove(self):
        """Switch it off, and remove the copy."""
        self.end()
        shutil.rmtree(self.root, ignore_errors=True)


def find_obstacle(template):
    """Return why no container can be booted here; empty if nothing is known to forbid it."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [name for name in ("systemd-nspawn", "nsenter", "ssh") if not shutil.which(name)]
    if missing:
        return f"without {', '.join(missing)}"
    return "" if template.is_dir() else f"{template} was not built"
