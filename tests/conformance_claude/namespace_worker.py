"""Runs inside a private mount and network namespace; JSON lines in, JSON lines out.

Every request lays out one host again, with its own /etc/claude-code and home, and runs one program
in it as an ordinary user, to its end. The names of the service lead to a stand-in here.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

import stand_in
import traces

BASE = "/mnt"
HOST = f"{BASE}/host"
PLACES = {"managed": "/etc/claude-code", "home": f"{HOST}/home", "project": f"{HOST}/project"}
HOME, PROJECT = PLACES["home"], PLACES["project"]
SCRATCH = f"{HOST}/scratch"
VISIBLE = {os.environ["TIPSTAFF_ROOT"]: f"{BASE}/tipstaff", sys.base_prefix: f"{BASE}/python"}
"""Where the ordinary user finds this repository, with the client in it, and Python, which may lie
in a folder of another's."""
USER = 1000
OWN_ETC = ("claude-code", "hosts", "resolv.conf")
LIMIT_S = 90
"""Of one program, on a machine that is busy."""
STEP_S = 0.05
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def call(*words):
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)


def prepare():
    """Give this namespace its own /etc, of links to the real one, and its own loopback."""
    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", BASE)
    os.mkdir(f"{BASE}/old")
    os.mkdir(f"{BASE}/new")
    for folder, place in VISIBLE.items():
        os.mkdir(place)
        call("mount", "--rbind", folder, place)
    call("mount", "--bind", "/etc", f"{BASE}/old")
    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{BASE}/new")
    for name in os.listdir("/etc"):
        if name not in OWN_ETC:
            os.symlink(f"{BASE}/old/{name}", f"{BASE}/new/{name}")
    with open(f"{BASE}/new/hosts", "w") as file:
        file.write(f"127.0.0.1 localhost {' '.join(stand_in.NAMES)}\n")
    with open(f"{BASE}/new/resolv.conf", "w") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    os.mkdir(f"{BASE}/new/claude-code")
    call("mount", "--bind", f"{BASE}/new", "/etc")
    with socket.socket() as any_socket:
        request = struct.pack("16sH14s", b"lo", IFF_UP, b"")
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)
    return stand_in.serve(BASE)


class OrdinaryUser:
    """Who runs the client: another user where this one is root, else the only one there is.

    A user who is mapped to root in a namespace has no other user to become. The client then
    runs in a further namespace, under a number of its own and without capabilities.
    """

    def __init__(self):
        self.is_mapped = os.environ["TIPSTAFF_IS_MAPPED"] == "1"
        mapped = ["unshare", "--user", f"--map-user={USER}", f"--map-group={USER}", "--"]
        self.words = mapped if self.is_mapped else []
        self.options = {} if self.is_mapped else {"user": USER, "group": USER, "extra_groups": []}

    def own(self, path):
        if not self.is_mapped:
            os.chown(path, USER, USER, follow_symlinks=False)

    def protect(self, path):
        """Leave of an administrators' file to its owner what others have, where the user owns it."""
        if self.is_mapped:
            for_others = os.stat(path).st_mode & 0o7
            os.chmod(path, for_others * 0o111)


def data_of(content):
    """Return the bytes of a file: its text, its bytes in hexadecimal, or so many blanks in front."""
    if "hex" in content:
        return bytes.fromhex(content["hex"])
    return b" " * content.get("blanks", 0) + content["text"].encode()


def write(path, content, user, *, is_managed):
    """Lay out one file: text, or what kind of file else."""
    content = {"text": content} if isinstance(content, str) else content
    if "link" in content:
        os.symlink(content["link"], path)
    elif "directory" in content:
        os.mkdir(path)
    else:
        with open(path, "wb") as file:
            file.write(data_of(content))
        os.chmod(path, content.get("mode", 0o644 if is_managed else 0o600))
    if not is_managed or content.get("owner") == "user":
        user.own(path)
    elif "link" not in content:
        user.protect(path)


def make_folders(folder, path, user, *, is_managed):
    """Make what is missing of the folders in which a file is."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for missing_folder in reversed(missing):
        os.mkdir(missing_folder, 0o755)
        if not is_managed:
            user.own(missing_folder)


def empty(folder):
    for name in os.listdir(folder):
        remove(f"{folder}/{name}")


def lay_out(host, user):
    empty("/etc/claude-code")
    if os.path.lexists(HOST):
        remove(HOST)
    os.mkdir(HOST)
    for place in (HOME, PROJECT, SCRATCH):
        os.mkdir(place)
        user.own(place)
    for place, folder in PLACES.items():
        is_managed = place == "managed"
        for name, content in host[place].items():
            path = f"{folder}/{name}"
            make_folders(os.path.dirname(path), path, user, is_managed=is_managed)
            write(path, content, user, is_managed=is_managed)
    user.protect("/etc/claude-code")
    for path in host["read_only"]:
        os.chmod(f"{HOME}/{path}", 0o555)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def run(argv, host, user, authority, *, until_started):
    """Run one program on the host as it is laid out, to its end or until it has started."""
    stand_in.SERVICE.begin(host["service"])
    begun = time.monotonic()
    env = {
        "HOME": HOME,
        "PATH": "/usr/bin:/bin",
        "NODE_EXTRA_CA_CERTS": authority,
        "CLAUDE_CODE_TMPDIR": SCRATCH,
        "TMPDIR": SCRATCH,
        **host["env"],
    }
    with open(f"{BASE}/out", "w+b") as out, open(f"{BASE}/err", "w+b") as err:
        process = subprocess.Popen(
            [*user.words, *map(visible, argv)], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env,
            cwd=PROJECT, start_new_session=True, **user.options,
        )  # fmt: skip
        code = wait(process, until_started=until_started)
        said = [file.seek(0) or file.read().decode(errors="replace") for file in (out, err)]
    seconds = time.monotonic() - begun
    return {"code": code, "out": said[0], "err": said[1], "seconds": seconds}


def visible(word):
    """Return a word of a command line with the place where the user finds what it names."""
    for folder, place in VISIBLE.items():
        if word.startswith(f"{folder}/"):
            return place + word.removeprefix(folder)
    return word


def wait(process, *, until_started):
    """Return the exit code of a program; None where it was stopped."""
    begun = time.monotonic()
    while time.monotonic() - begun < LIMIT_S:
        try:
            return process.wait(STEP_S)
        except subprocess.TimeoutExpired:
            if until_started and stand_in.SERVICE.started:
                break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return None


def texts(names):
    """Return the text of some files below the home after the run, for tests of what is kept."""
    found = {name: traces.content_of(f"{HOME}/{name}") for name in names}
    return {
        name: content.decode(errors="replace") if isinstance(content, bytes) else content
        for name, content in found.items()
    }


class Helper:
    """A program of the user's that answers one line with one, and is started once."""

    def __init__(self, words, user):
        self.words = words
        self.process = subprocess.Popen(
            [*user.words, *map(visible, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": f"{BASE}/python/lib"}, cwd="/",
            **user.options,
        )  # fmt: skip

    def ask(self, question):
        """Return what the program says to a question; why not, where it has ended."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        return json.loads(answer) if answer else {"failed": f"ended with {self.process.wait()}"}


class Worker:
    """Lays out hosts, one at a time, and runs what is wanted on each."""

    def __init__(self):
        self.authority = prepare()
        self.user = OrdinaryUser()
        self.helper = None

    def answer_to(self, request):
        host = request["host"]
        if request.get("again"):
            empty("/etc/claude-code")
        else:
            lay_out(host, self.user)
        before = traces.contents(HOME, host["home"])
        if "question" in request:
            found = {"answer": self.ask(request["argv"], request["question"])}
        else:
            until_started = request["until_started"]
            found = run(
                request["argv"], host, self.user, self.authority, until_started=until_started
            )
        after = traces.contents(HOME, before)
        return {
            **found,
            "sent": stand_in.SERVICE.started[:],
            "asked": stand_in.SERVICE.asked[:],
            "left": traces.fates(before, after),
            "holding": traces.holding(HOME),
            "texts": texts(request["show"]),
        }

    def ask(self, words, question):
        if self.helper is None or self.helper.process.poll() is not None:
            self.helper = Helper(words, self.user)
        return self.helper.ask(question)


def main():
    worker = Worker()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer_to(json.loads(line))), flush=True)


main()
