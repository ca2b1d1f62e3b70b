"""The keyring of the namespace: a real gnome-keyring on a bus of its own."""

import os
import shutil
import subprocess
import time

STARTS = 5
MATCHING = ("service", "Codex Auth")


class Keyring:
    """A private bus with a real gnome-keyring on it, started when a host first needs one."""

    def __init__(self, folder):
        self.folder = folder
        self.address = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus"}
        self.env = {
            "HOME": folder,
            "XDG_RUNTIME_DIR": folder,
            "PATH": "/usr/bin:/bin",
            **self.address,
        }
        self.bus = None
        self.daemon = None

    def lay_out(self, keyring):
        """Put items into it: `{"items": [[attributes, secret], ...], "locked": bool}`."""
        self._start()
        for service in ("Codex Auth", "codex"):
            self._tool("clear", "service", service)
        for attributes, secret in keyring["items"]:
            words = [word for pair in attributes.items() for word in pair]
            self._tool("store", "--label=made up", *words, stdin=secret)
        if keyring.get("locked"):
            self._tool("lock")
            self.stop_after = True

    def _start(self):
        """Start what does not run, until a keyring opens.

        The daemon dies where a caller is killed in the middle of a call, and whoever calls while
        there is none makes the bus start another one, whose keyring nobody has unlocked.
        """
        for _ in range(STARTS):
            if self.bus is None:
                self._start_bus()
            if self.daemon is None:
                self._start_daemon()
            if self._opens():
                return
            self.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        raise RuntimeError("no private keyring opens")

    def _opens(self):
        """Return whether the daemon that was started lives, and keeps what it is given."""
        if self.daemon.poll() is not None:
            return False
        self._tool("store", "--label=probe", "probe", "probe", stdin="kept")
        kept = self._tool("lookup", "probe", "probe")
        self._tool("clear", "probe", "probe")
        return kept.strip() == "kept"

    def left(self):
        """Return the attributes of what is in it, one text an item."""
        found = self._tool("search", "--all", *MATCHING)
        lines = [line for line in found.splitlines() if line.startswith("attribute.username")]
        return sorted(line.partition(" = ")[2] for line in lines)

    def stop(self):
        """End the daemon: a locked keyring opens again only for a new one."""
        self.daemon = _ended(self.daemon)

    def close(self):
        """End all that was started."""
        self.daemon, self.bus = _ended(self.daemon), _ended(self.bus)

    def _start_bus(self):
        os.mkdir(self.folder, 0o700)
        words = ["dbus-daemon", "--session", "--nofork", "--nopidfile"]
        self.bus = subprocess.Popen(
            [*words, f"--address=unix:path={self.folder}/bus"],
            env=self.env,
            stderr=subprocess.DEVNULL,
        )
        wait_for(f"{self.folder}/bus")

    def _start_daemon(self):
        shutil.rmtree(f"{self.folder}/keyring", ignore_errors=True)
        words = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        self.daemon = subprocess.Popen(
            words,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.daemon.stdin.write(b"made up")
        self.daemon.stdin.close()
        wait_for(f"{self.folder}/keyring/control")
        self.stop_after = False

    def _tool(self, *words, stdin=""):
        found = subprocess.run(
            ["secret-tool", *words],
            check=False,
            env=self.env,
            input=stdin,
            text=True,
            capture_output=True,
        )
        return found.stdout + found.stderr


def _ended(process):
    if process is not None:
        process.kill()
        process.wait()


def wait_for(path):
    until = time.monotonic() + 10
    while not os.path.exists(path) and time.monotonic() < until:
        time.sleep(0.01)
