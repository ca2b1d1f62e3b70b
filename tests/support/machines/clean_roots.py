"""A root with a shell, a few programs, glibc, and dpkg's or rpm's records: no Python, no Tipstaff."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

from tipstaff_rollout.packages import deb, rpm
from tipstaff_rollout.packages.model import Package, folder, regular

PROGRAMS = ("sh", "cat", "env", "find", "id", "ls", "mv", "rm", "setpriv", "tail")
GLIBC = ("c", "dl", "m", "pthread", "resolv", "rt", "util")
"""Libraries that every host has, by their short names."""
USERS = "root:x:0:0::/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n"
NAMESPACE = ("unshare", "--mount", "--pid", "--fork", "sh", "-ec")
ENTER = """
root=$1 client=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
test -z "$client" || mount --bind "$client" "$root/usr/lib/node_modules/@openai/codex"
exec "$@"
"""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGE = "usr/lib/node_modules/@openai/codex"
FOLDERS = "dev etc home/dev/.codex proc tmp usr/bin usr/lib var/lib var/tmp"
"""Those of every distribution."""
OTHERS = ("var/lib/dpkg", "var/lib/rpm", "tmp", "proc", "dev", "log", "home", "run")
"""Where more than a package's own things lie."""
BUILDERS = {"deb": deb.build, "rpm": rpm.build}


def make_root(root):
    """Lay out a clean root."""
    for part in (*FOLDERS.split(), PACKAGE):
        (root / part).mkdir(parents=True)
    for name in ("bin", "lib", "sbin"):
        (root / name).symlink_to(f"usr/{'bin' if name == 'sbin' else name}")
    programs = [os.path.realpath(shutil.which(program)) for program in PROGRAMS]
    libraries = {
        word for program in programs for word in _output("ldd", program).split() if word[0] == "/"
    }
    libc = next(Path(library) for library in libraries if Path(library).name.startswith("libc.so"))
    glibc = {str(path) for name in GLIBC for path in libc.parent.glob(f"lib{name}.so.[0-9]")}
    for name, program in zip(PROGRAMS, programs, strict=True):
        shutil.copy(program, root / "usr/bin" / name)
    for library in libraries | glibc:
        place = root / library[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)
    (root / "etc/passwd").write_text(USERS)
    (root / "etc/group").write_text("root:x:0:\ndev:x:1000:\n")
    for path in (root, *root.rglob("*")):
        if not path.is_symlink() and path.is_dir():
            path.chmod(0o755)
    for folder_made in (root / "home/dev", root / "home/dev/.codex"):
        os.chown(folder_made, 1000, 1000)
    return root


class Machine:
    """A clean root, with the real client where one is given."""

    def __init__(self, root, kind, client=None):
        self.root, self.kind = make_root(root), kind
        self.client, self.package = "", ""
        if client:
            package = Path(client)
            while not (package / "package.json").exists():
                package = package.parent
            self.package = str(package)
            self.client = f"/{PACKAGE}/{Path(client).relative_to(package)}"
            (root / "usr/bin/codex").symlink_to(f"..{self.client.removeprefix('/usr')}")
        if kind == "deb":
            for name in ("info", "updates"):
                (root / "var/lib/dpkg" / name).mkdir(parents=True)
            (root / "var/lib/dpkg/status").touch()
        shell = regular("/bin/sh", (root / "usr/bin/sh").read_bytes(), executable=True)
        pages = folder("/usr/share/man/man8")
        done = self.install(self._stand_in("libc6" if kind == "deb" else "glibc", (shell, pages)))
        assert 0 == done.returncode, done.stderr

    def _stand_in(self, name, entries):
        """Return what stands for all of a distribution that a package of Tipstaff asks for."""
        version = os.confstr("CS_GNU_LIBC_VERSION").split()[1]
        made = Package(
            name,
            version,
            "stand-in",
            "stand-in",
            "T <t@example.com>",
            "MIT",
            "T",
            "all",
            "n",
            entries,
        )
        place = self.root / "tmp" / f"{name}.{self.kind}"
        place.write_bytes(BUILDERS[self.kind](made))
        return place

    def content(self):
        """Return what is here, with kind, mode and owner, but for the records of others."""
        found = [str(path.relative_to(self.root)) for path in self.root.rglob("*")]
        facts = {path: (self.root / path).lstat() for path in found if not path.startswith(OTHERS)}
        return {name: (stat.filemode(fact.st_mode), fact.st_uid) for name, fact in facts.items()}

    def inside(self, *command, user=None):
        """Run a command within the root; as root, or as another user."""
        become = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups") if user else ()
        home = f"/home/{user}" if user else "/root"
        words = ("chroot", self.root, "/usr/bin/env", "-i", f"PATH={PATH}", f"HOME={home}")
        return self._enter(*words, *become, *command)

    def _enter(self, *command):
        words = [*NAMESPACE, ENTER, "sh", self.root, self.package, *command]
        return subprocess.run(
            [str(word) for word in words],
            check=False, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=120,
            env={"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": str(self.root / "tmp")},
        )  # fmt: skip

    def install(self, package):
        """Install a package, or another version of one that is there."""
        if self.kind == "deb":
            return self._dpkg("-i", package)
        return self._enter("rpm", "--root", self.root, "-U", package)

    upgrade = install

    def remove(self, name):
        if self.kind == "deb":
            return self._dpkg("-r", name)
        return self._enter("rpm", "--root", self.root, "-e", name)

    def _dpkg(self, *words):
        return self._enter("dpkg", f"--root={self.root}", "--force-not-root", *words)


def _output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
