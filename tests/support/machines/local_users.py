"""A machine with real local users of its own: its /etc, /home and /srv, in a private mount
namespace, so that the users of the machine that runs the tests are neither seen nor touched.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support.clients.logins import API_KEY
from support.machines.hosts import BIN, VERSION, run

NEEDS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can act for other users")
# A signal to all processes of a user reaches beyond the namespace; so each process that tests has
# users of its own.
FIRST_UID = 61000 + 20 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
UIDS = {"alice": FIRST_UID + 1, "bob": FIRST_UID + 2, "mallory": FIRST_UID + 3}
ROOT = Path(__file__).resolve().parents[3]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLACES = ("etc", "home", "srv")
COPIED = (
    "passwd", "group", "shadow", "gshadow", "login.defs", "nsswitch.conf", "machine-id",
    "ld.so.cache", "pam.d", "security", "skel", "default", "ssl", "alternatives",
)  # fmt: skip
BIND = 'for each in etc home srv; do mount --bind "$0/$each" "/$each"; done\n'
NEEDED = (str(ROOT), sys.prefix, sys.base_prefix)
"""What every user of the machine has to be able to read."""


def _closed(path):
    """Return the topmost folder above a path that only its owner may pass; None where all are open."""
    parents = reversed(Path(path).parents)
    return next((str(parent) for parent in parents if not parent.stat().st_mode & 0o001), None)


def _opened():
    """Return what lays an open folder over each closed one, with no more in it than is needed.

    A clone can lie below a home, which on many systems is closed to other users.
    """
    closed = {kind: _closed(kind) for kind in dict.fromkeys(NEEDED)}
    lines = []
    for number, over in enumerate(
        sorted({descriptor for descriptor in closed.values() if descriptor})
    ):
        inside = [name for name, found in closed.items() if found == over]
        kept = [f"/srv/.kept-{number}-{place}" for place in range(len(inside))]
        for path, keep in zip(inside, kept, strict=True):
            lines.append(f"mkdir -p {keep}; mount --bind {shlex.quote(path)} {keep}")
        lines.append(f"mount -t tmpfs -o mode=755 none {shlex.quote(over)}")
        for path, keep in zip(inside, kept, strict=True):
            lines.append(f"mkdir -p {shlex.quote(path)}; mount --bind {keep} {shlex.quote(path)}")
    return "\n".join(lines)


IN_IT = f'{BIND}{_opened()}\nexec "$@"'
CLIENT = "srv/client"


class Machine:
    """The folders that stand for /etc, /home and /srv, and what runs among them."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def words(self, *words):
        return ["unshare", "-m", "sh", "-ec", IN_IT, self.folder, *words]

    def run(self, *words, user=None, env=None, **options):
        """Run something as root or as a user, with nothing of this machine's environment."""
        if user:
            uid = UIDS[user]
            words = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *words]
        home = f"/home/{user or 'root'}"
        env = {"PATH": PATH, "HOME": home, **(env or {})}
        return run(self.words(*words), env=env, **options)

    def enforce(self, *words, **options):
        return self.run(BIN / "tipstaff", "enforce", *VERSION, *words, **options)

    def home(self, user):
        return self.folder / "home" / user

    def codex(self, user):
        return self.home(user) / ".codex"

    def login(self, user):
        return self.codex(user) / "auth.json"

    def write(self, path, content):
        """Write a file of the user in whose home it is, or of root's."""
        place = self.folder / path
        made = [parent for parent in (place, *place.parents) if not parent.exists()]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(0o600 if place.name == "auth.json" else 0o644)
        uid = UIDS.get(Path(path).parts[1], 0) if path.startswith("home/") else 0
        for parent in made:
            os.chown(parent, uid, uid)
        return place

    def add(self, name, uid):
        """Add a further user, as useradd does, only faster."""
        UIDS[name] = uid
        home = self.home(name)
        home.mkdir(0o700)
        os.chown(home, uid, uid)
        with (self.folder / "etc/passwd").open("a") as file:
            file.write(f"{name}:x:{uid}:{uid}::/home/{name}:/bin/bash\n")

    def copy(self, folder):
        words = ["cp", "-a", *(self.folder / place for place in PLACES), folder]
        subprocess.run(words, check=True)
        return Machine(folder)

    def rule(self, text):
        self.write("etc/codex/managed_config.toml", text)

    def sign_in(self, *users, auth=API_KEY):
        for user in users:
            self.write(f"home/{user}/.codex/auth.json", auth)


@pytest.fixture(scope="session")
def bare_machine(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    for place in PLACES:
        (machine.folder / place).mkdir()
        (machine.folder / place).chmod(0o755)
    for name in COPIED:
        if os.path.lexists(f"/etc/{name}"):
            subprocess.run(["cp", "-a", f"/etc/{name}", machine.folder / "etc"], check=True)
    _without_people(machine.folder / "etc/passwd")
    home = machine.home("root")
    home.mkdir(0o700)
    for name, uid in UIDS.items():
        done = machine.run("useradd", "-m", "-s", "/bin/bash", "-u", str(uid), name)
        if done.returncode:
            pytest.skip(f"no local users can be made here: {done.stderr}")
    return machine


def _without_people(passwd):
    """Leave out the people of this machine, and give root a home that is the test's."""
    entries = [line.split(":") for line in passwd.read_text().splitlines()]
    kept = [entry for entry in entries if int(entry[2]) < 1000 or entry[0] == "nobody"]
    for entry in kept:
        entry[5] = "/home/root" if entry[2] == "0" else entry[5]
    passwd.write_text("".join(":".join(entry) + "\n" for entry in kept))


@pytest.fixture
def machine(bare_machine, tmp_path):
    return bare_machine.copy(tmp_path)


def owners(folder):
    """Return whose everything in a folder is, the folder too."""
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def put_client(machine, client):
    """Put the real client where every user can start it; return how it is started."""
    place = machine.folder / CLIENT
    place.touch()
    bind = f'mount --bind {client} /{CLIENT}; exec "$@"'
    return ["sh", "-ec", bind, "client"]
