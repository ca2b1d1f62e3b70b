"""`tipstaff watch` for a long time on hosts that change all the time: memory, time and files.

Two processes: one on an image with every kind of file, one on a live home with a real keyring.
"""

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conformance.private_keyring import Keyring
from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, VERSION, credential, make_host

SAMPLE_S = 2.0
GROWTH_LIMIT_MB = 2.0
BUSY_LIMIT, IDLE_LIMIT = 0.10, 0.02
"""Shares of one processor: while changes come in without rest, and in the quiet at the end."""
QUIET_S = 30.0
ANSWER_S = 30.0
RULES = ('forced_login_method = "chatgpt"\n', 'forced_login_method = "api"\n', "x = [\n", "")
POLICIES = (
    'login_methods = ["chatgpt"]\n',
    'login_methods = ["x"]\n',
    "enforce_from = 2098-12-31\n",
)
LOGINS = (API_KEY, chatgpt("ws-a"), chatgpt("ws-z"), "{")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20
TICKS = os.sysconf("SC_CLK_TCK")


class Subject:
    """One watching process and what was measured of it."""

    def __init__(self, name, words, env, log):
        self.name = name
        self.log = log
        self.process = subprocess.Popen(
            [str(word) for word in words], env=env, stderr=log.open("w"), stdin=subprocess.DEVNULL
        )
        self.memory_mb = []
        self.files = []

    def sample(self):
        place = Path(f"/proc/{self.process.pid}")
        self.memory_mb.append(int((place / "statm").read_text().split()[1]) * PAGE_MB)
        self.files.append(len(list((place / "fd").iterdir())))

    def cpu_s(self):
        numbers = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / TICKS

    def growth_mb(self):
        """Return by how much the end is above the end of the first quarter."""
        count = len(self.memory_mb)
        width = max(count // 10, 1)
        quarter = self.memory_mb[max(count // 4 - width, 0) : count // 4 + 1]
        return statistics.median(self.memory_mb[-width:]) - statistics.median(quarter)


def replace(path, text):
    """Write a file as the client does: next to it, then over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nearby = path.with_name(f".{path.name}-new")
    nearby.write_text(text)
    nearby.chmod(0o600)
    nearby.replace(path)


def change_image(root, chance):
    """Do one thing that a person, an administrator or another program could do."""
    home, etc = root / "home/dev/.codex", root / "etc"
    noise = home.parent / f"noise{chance.randrange(50)}"
    actions = (
        lambda: replace(credential(root), chance.choice(LOGINS)),
        lambda: credential(root).unlink(missing_ok=True),
        lambda: replace(etc / "codex/managed_config.toml", chance.choice(RULES)),
        lambda: (etc / "codex/managed_config.toml").unlink(missing_ok=True),
        lambda: replace(etc / "tipstaff/policy.toml", ROOT + chance.choice(POLICIES)),
        lambda: shutil.rmtree(etc / "tipstaff", ignore_errors=True),
        lambda: replace(home / "config.toml", chance.choice(RULES)),
        lambda: shutil.rmtree(home, ignore_errors=True),
        lambda: noise.write_text("x"),
        lambda: noise.unlink(missing_ok=True),
        lambda: replace(home / "log/codex-tui.log", "x"),
    )
    chance.choice(actions)()


def change_keyring(keyring, home, chance):
    """Sign in and out, with and without the keyring."""
    other = {"service": "Codex Auth", "username": "cli|0000000000000000"}
    actions = (
        lambda: keyring.lay_out({"items": [[other, API_KEY]]}),
        lambda: keyring.lay_out({"items": []}),
        lambda: replace(home / ".codex/auth.json", chance.choice(LOGINS)),
    )
    chance.choice(actions)()


def begin(folder):
    """Return the subjects, and what changes the hosts that they watch."""
    root = make_host(folder / "host")
    words = [BIN / "tipstaff", "watch", *VERSION]
    plain = {"PATH": "/usr/bin:/bin"}
    subjects = [
        Subject("image", [*words, "--system-root", root], plain, folder / "image.log"),
    ]
    changes = [lambda chance: change_image(root, chance)]
    if all(map(shutil.which, ("dbus-daemon", "gnome-keyring-daemon", "secret-tool"))):
        home = make_host(folder / "live", user='cli_auth_credentials_store = "keyring"\n')
        home = home / "home/dev"
        keyring = Keyring(str(folder / "keyring"))
        keyring.lay_out({"items": []})
        live = {**plain, **keyring.address, "HOME": str(home)}
        subjects.append(Subject("live, with a keyring", words, live, folder / "live.log"))
        changes.append(lambda chance: change_keyring(keyring, home, chance))
    return root, subjects, changes


def soak(root, subjects, changes, minutes, chance):
    """Change the hosts for a time, then leave them alone; return the shares of the processor."""
    begun, sampled = time.monotonic(), 0.0
    before = [subject.cpu_s() for subject in subjects]
    while (now := time.monotonic()) < begun + minutes * 60:
        chance.choice(changes)(chance)
        if chance.random() < 0.02:
            chance.choice(subjects).process.send_signal(signal.SIGHUP)
        if now - sampled >= SAMPLE_S:
            sampled = now
            for subject in subjects:
                subject.sample()
        time.sleep(chance.choice((0.01, 0.1, 0.1, 1.0)))
    spent = time.monotonic() - begun
    busy = [(subject.cpu_s() - was) / spent for subject, was in zip(subjects, before, strict=True)]
    time.sleep(10)  # for what is still due
    before = [subject.cpu_s() for subject in subjects]
    time.sleep(QUIET_S)
    idle = [
        (subject.cpu_s() - was) / QUIET_S for subject, was in zip(subjects, before, strict=True)
    ]
    return busy, idle


def still_enforces(root):
    """Return after how many seconds a forbidden login is gone; None where it stays."""
    shutil.rmtree(root / "etc/tipstaff", ignore_errors=True)
    (root / "home/dev/.codex/config.toml").unlink(missing_ok=True)
    replace(root / "etc/codex/managed_config.toml", RULES[0])
    replace(credential(root), API_KEY)
    begun = time.monotonic()
    while time.monotonic() < begun + ANSWER_S:
        if not credential(root).exists():
            return time.monotonic() - begun
        time.sleep(0.05)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        root, subjects, changes = begin(Path(folder))
        time.sleep(5)
        chance = random.Random(options.seed)
        busy, idle = soak(root, subjects, changes, options.minutes, chance)
        answered = still_enforces(root)
        faults = [] if answered is not None else ["a forbidden login is not removed any more"]
        for subject, of_busy, of_idle in zip(subjects, busy, idle, strict=True):
            subject.process.terminate()
            code = subject.process.wait(30)
            growth, files = subject.growth_mb(), subject.files
            lines = subject.log.read_text().splitlines()
            removed = sum("logged out" in line for line in lines)
            print(
                f"{subject.name}: {len(subject.memory_mb)} samples, "
                f"{subject.memory_mb[0]:.1f} MB at first, {subject.memory_mb[-1]:.1f} MB at last, "
                f"growth after the first quarter {growth:+.2f} MB; open files {min(files)} to "
                f"{max(files)}, {files[-1]} at last; processor {of_busy:.2%} under changes, "
                f"{of_idle:.2%} in quiet; {len(lines)} lines, {removed} log-outs; exit {code}"
            )
            checks = {
                "memory grows": growth >= GROWTH_LIMIT_MB,
                "files are left open": files[-1] > files[0] + 4,
                "it is never at rest": of_idle >= IDLE_LIMIT or of_busy >= BUSY_LIMIT,
                "it did not end well": code != 0,
                "it failed": any("internal error" in line for line in lines),
            }
            faults += [f"{subject.name}: {what}" for what, wrong in checks.items() if wrong]
        if answered is not None:
            print(f"at the end a forbidden login is gone after {answered:.1f} s")
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
