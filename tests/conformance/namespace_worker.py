"""Runs inside a private mount and network namespace; JSON lines in, JSON lines out.

Every request lays out one host anew (its own /etc/codex, home, working directory and keyring) and
runs one program in it. The names of the service lead to a listener here, whose certificate the
client trusts, so that the credential which it really sends is seen.
"""

import fcntl
import http.server
import json
import os
import select
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

BASE = "/mnt"
HOME = f"{BASE}/host/home/.codex"
CWD = f"{BASE}/host/cwd"
KEYRING = f"{BASE}/keyring"
SERVICE_NAMES = "api.openai.com chatgpt.com auth.openai.com ab.chatgpt.com github.com"
BANNER = b"OpenAI Codex v"
WARNING = b"WARNING: proceeding"
CA = f"{BASE}/ca.pem"
GRACE_S = 1.5
SIOCSIFFLAGS = 0x8914
IFF_UP = 1

ANSWERS = {"/wham/config/bundle": "{}"}
"""What the service says, by a part of the path; everything else is 404 and recorded as sent."""
MATCHING = ("service", "Codex Auth")

seen = []
requests = []


class Listener(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        requests.append(f"{self.command} {self.headers.get('Host')}{self.path}")
        answer = next((text for path, text in ANSWERS.items() if path in self.path), None)
        if answer is None:
            seen.append((self.headers.get("Authorization") or "").removeprefix("Bearer "))
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer or "")))
        self.end_headers()
        self.wfile.write((answer or "").encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


def call(*words):
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)


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
    serve(443, make_certificate())
    os.mkdir(KEYRING, 0o700)


def serve(port, context):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Listener)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def make_certificate():
    """Make an authority that the client is told to trust, and its certificate for the service."""
    names = ",".join(f"DNS:{name}" for name in SERVICE_NAMES.split())
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    new += ["-nodes", "-days", "2"]
    call(*new, "-subj", "/CN=made up", "-keyout", f"{BASE}/ca.key", "-out", CA)
    signed = ["-CA", CA, "-CAkey", f"{BASE}/ca.key", "-addext", "basicConstraints=CA:FALSE"]
    signed += ["-addext", f"subjectAltName={names}", "-subj", "/CN=service"]
    call(*new, *signed, "-keyout", f"{BASE}/service.key", "-out", f"{BASE}/service.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{BASE}/service.pem", f"{BASE}/service.key")
    return context


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
    if case["keyring"] is not None:
        keyring.lay_out(case["keyring"])


class Keyring:
    """A private bus with a real gnome-keyring on it, started when a host first needs one."""

    def __init__(self):
        self.address = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={KEYRING}/bus"}
        self.env = {
            "HOME": KEYRING,
            "XDG_RUNTIME_DIR": KEYRING,
            "PATH": "/usr/bin:/bin",
            **self.address,
        }
        self.bus = None
        self.daemon = None

    def lay_out(self, keyring):
        """Put items into it: `{"items": [[attributes, secret], ...], "locked": bool}`."""
        if self.bus is None:
            self._start_bus()
        if self.daemon is None:
            self._start_daemon()
        for service in ("Codex Auth", "codex"):
            self._tool("clear", "service", service)
        for attributes, secret in keyring["items"]:
            words = [word for pair in attributes.items() for word in pair]
            self._tool("store", "--label=made up", *words, stdin=secret)
        if keyring.get("locked"):
            self._tool("lock")
            self.stop_after = True

    def left(self):
        """Return the attributes of what is in it, one text an item."""
        found = self._tool("search", "--all", *MATCHING)
        lines = [line for line in found.splitlines() if line.startswith("attribute.username")]
        return sorted(line.partition(" = ")[2] for line in lines)

    def stop(self):
        """End the daemon: a locked keyring opens again only for a new one."""
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def _start_bus(self):
        words = ["dbus-daemon", "--session", "--nofork", "--nopidfile"]
        self.bus = subprocess.Popen(
            [*words, f"--address=unix:path={KEYRING}/bus"],
            env=self.env,
            stderr=subprocess.DEVNULL,
        )
        wait_for(f"{KEYRING}/bus")

    def _start_daemon(self):
        shutil.rmtree(f"{KEYRING}/keyring", ignore_errors=True)
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
        wait_for(f"{KEYRING}/keyring/control")
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


keyring = Keyring()


def wait_for(path):
    until = time.monotonic() + 10
    while not os.path.exists(path) and time.monotonic() < until:
        time.sleep(0.01)


def run(argv, case, until_banner, limit_s):
    """Run one program on the host as it lies there; stop the client once it has started."""
    env = {
        "HOME": f"{BASE}/host/home",
        "PATH": "/usr/bin:/bin",
        "CODEX_HOME": HOME,
        "CODEX_CA_CERTIFICATE": CA,
        **({} if case["keyring"] is None else keyring.address),
        **case["env"],
    }
    drop = ["setpriv", "--bounding-set=-all"] if case["without_capabilities"] else []
    seen.clear()
    requests.clear()
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
        "requests": list(requests),
    }


def main():
    prepare()
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        lay_out(request["case"])
        found = run(request["argv"], request["case"], request["until_banner"], 30)
        found["left"] = sorted(os.listdir(HOME)) if os.path.isdir(HOME) else []
        if request["case"]["keyring"] is not None:
            found["keyring"] = keyring.left()
            if keyring.stop_after:
                keyring.stop()
        print(json.dumps(found), flush=True)


main()
