"""Runs inside a private mount and network namespace; JSON lines in, JSON lines out.

Every request lays out one host anew (its own /etc/codex, home and working directory) and runs one
program in it. A listener on the loopback records which credential the client really sends.
"""

import fcntl
import http.server
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

BASE = "/mnt"
HOME = f"{BASE}/host/home/.codex"
CWD = f"{BASE}/host/cwd"
SERVICE_NAMES = "api.openai.com chatgpt.com auth.openai.com ab.chatgpt.com github.com"
BANNER = b"OpenAI Codex v"
WARNING = b"WARNING: proceeding"
PORT = 18080
GRACE_S = 1.5
SIOCSIFFLAGS = 0x8914
IFF_UP = 1

seen = []


class Listener(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append((self.headers.get("Authorization") or "").removeprefix("Bearer "))
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


def call(*words):
    subprocess.run(words, check=True)


def prepare():
    """Give this namespace its own /etc, of links to the real one, and its own loopback."""
    call("mount", "-t", "tmpfs", "tmpfs", BASE)
    for name in ("old", "new"):
        os.mkdir(f"{BASE}/{name}")
    call("mount", "--bind", "/etc", f"{BASE}/old")
    call("mount", "-t", "tmpfs", "tmpfs", f"{BASE}/new")
    for name in os.listdir("/etc"):
        if name not in ("codex", "hosts", "resolv.conf"):
            os.symlink(f"{BASE}/old/{name}", f"{BASE}/new/{name}")
    write(f"{BASE}/new/hosts", f"127.0.0.1 localhost {SERVICE_NAMES}\n")
    write(f"{BASE}/new/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    os.mkdir(f"{BASE}/new/codex")
    call("mount", "--bind", f"{BASE}/new", "/etc")
    raise_loopback()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def raise_loopback():
    interface = struct.pack("16sH14s", b"lo", IFF_UP, b"")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, interface)


def write(path, content):
    """Lay out one file: text, or what kind of file else."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if isinstance(content, str):
        content = {"text": content}
    if "link" in content:
        os.symlink(content["link"], path)
    elif "directory" in content:
        os.mkdir(path)
    elif "fifo" in content:
        os.mkfifo(path)
    else:
        data = bytes.fromhex(content["hex"]) if "hex" in content else content["text"].encode()
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, content.get("mode", 0o600 if path.startswith(HOME) else 0o644))


def lay_out(case):
    for name in os.listdir("/etc/codex"):
        path = f"/etc/codex/{name}"
        (shutil.rmtree if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
    shutil.rmtree(f"{BASE}/host", ignore_errors=True)
    os.makedirs(HOME)
    os.makedirs(CWD)
    for folder, files in (("/etc/codex", case["etc"]), (HOME, case["home"]), (CWD, case["cwd"])):
        for name, content in files.items():
            write(f"{folder}/{name}", content)


def run(argv, case, until_banner, limit_s):
    """Run one program on the host as it lies there; stop the client once it has started."""
    env = {"HOME": f"{BASE}/host/home", "PATH": "/usr/bin:/bin", "CODEX_HOME": HOME, **case["env"]}
    drop = ["setpriv", "--bounding-set=-all"] if case["without_capabilities"] else []
    seen.clear()
    process = subprocess.Popen(
        drop + argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if until_banner else subprocess.PIPE,
        env={name: value for name, value in env.items() if value is not None},
        cwd=CWD,
    )
    if not until_banner:
        out, err = process.communicate(timeout=limit_s)
        return {"code": process.returncode, "out": out.decode(), "err": err.decode()}
    out, begun = b"", time.monotonic()
    started = False
    while time.monotonic() - begun < limit_s:
        ready, _, _ = select.select([process.stdout], [], [], 0.05)
        part = os.read(process.stdout.fileno(), 65536) if ready else None
        if part == b"":
            break
        out += part or b""
        started = BANNER in out
        if started and (seen or time.monotonic() - begun > GRACE_S):
            break
    else:
        out += b"\n(no end within the time limit)"
    process.kill()
    code = process.wait()
    lines = [line for line in out.splitlines() if not line.startswith(WARNING)]
    return {
        "code": None if BANNER in out else code,
        "out": b"\n".join(lines).decode(errors="replace"),
        "started": BANNER in out,
        "sent": sorted(set(seen)),
    }


def main():
    prepare()
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        lay_out(request["case"])
        found = run(request["argv"], request["case"], request["until_banner"], 30)
        found["left"] = sorted(os.listdir(HOME)) if os.path.isdir(HOME) else []
        print(json.dumps(found), flush=True)


main()
