"""Runs inside a private mount and network namespace; JSON lines in, JSON lines out.

Every request lays out one host anew (its own /etc/codex, home, working directory and keyring) and
runs one program in it. The names of the service lead to a listener here, whose certificate the
client trusts, so that the credential which it really sends is seen.
"""

import contextlib
import fcntl
import hashlib
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

from private_keyring import Keyring
from private_terminal import run_in_terminal
from scripted_browser import sign_in

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support.machines import warm
from support.services.sign_in_service import SignInService

BASE = "/mnt"
HOME = f"{BASE}/host/home/.codex"
CWD = f"{BASE}/host/cwd"
SERVICE_NAMES = "api.openai.com chatgpt.com auth.openai.com ab.chatgpt.com github.com"
BANNER = b"OpenAI Codex v"
WARNING = b"WARNING: proceeding"
CA = f"{BASE}/ca.pem"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
GRACE_S = 1.5
PAUSE_S = 0.3
CLOSING_S = 5
PATIENCE = 4
"""How many times as long a host is watched of which nothing else shows whether it is signed in."""
LIMIT_S = 60
SETPRIV = shutil.which("setpriv")
SIOCSIFFLAGS = 0x8914
IFF_UP = 1

BUNDLE_PATH = "/wham/config/bundle"
OLD_BUNDLE_PATH = "/wham/config/requirements"
"""The questions that are answered, the older one with no policy; everything else is 404 and
recorded as sent."""

seen = []
posted = []
"""What was sent to be stored or done: where to, of which type, and the text itself."""
addressed = []
"""Each name that was asked, with the credential that was sent there."""
bundle = {"text": "{}"}
"""The policy that the service has for this case's account."""
service = [None]
"""The one that this case's sign-in meets, where there is one."""


class Listener(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            url = f"https://{self.headers.get('Host')}{self.path}"
            text = body.decode(errors="replace")
            posted.append([url, self.headers.get("Content-Type"), text])
        name = self.headers.get("Host")
        answered = service[0] and service[0].answer(self.command, self.path, body, name)
        if answered:
            return self.reply(answered[0], json.dumps(answered[1]))
        answers = {BUNDLE_PATH: bundle["text"], OLD_BUNDLE_PATH: "{}"}
        answer = next((text for path, text in answers.items() if path in self.path), None)
        if answer is None:
            header = self.headers.get("Authorization")
            # Signed in with an empty key is something else than signed out.
            sent = "" if header is None else header.removeprefix("Bearer").strip() or "(empty)"
            addressed.append([self.headers.get("Host"), sent])
            seen.append(sent)
        return self.reply(404 if answer is None else 200, answer or "")

    def reply(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

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
    call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{BASE}/new")
    for name in os.listdir("/etc"):
        if name not in ("codex", "tipstaff", "hosts", "resolv.conf", "ssl"):
            os.symlink(f"{BASE}/old/{name}", f"{BASE}/new/{name}")
    os.makedirs(f"{BASE}/new/ssl/certs")
    for folder in ("ssl", "ssl/certs"):
        for name in os.listdir(f"/etc/{folder}") if os.path.isdir(f"/etc/{folder}") else ():
            if name not in ("certs", os.path.basename(AUTHORITIES)):
                os.symlink(f"{BASE}/old/{folder}/{name}", f"{BASE}/new/{folder}/{name}")
    write(f"{BASE}/new/hosts", f"127.0.0.1 localhost {SERVICE_NAMES}\n")
    write(f"{BASE}/new/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    os.mkdir(f"{BASE}/new/codex")
    call("mount", "--bind", f"{BASE}/new", "/etc")
    raise_loopback()
    serve(443, make_certificate())


def serve(port, context):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Listener)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def make_certificate():
    """Make an authority that the client trusts by its settings, and its certificate for the service."""
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
    for folder in (f"{BASE}/host", "/etc/tipstaff"):
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(HOME)
    os.makedirs(CWD)
    laid = (("/etc/codex", case["etc"]), ("/etc/tipstaff", case["policy"]))
    for folder, files in (*laid, (HOME, case["home"]), (CWD, case["cwd"])):
        for name, content in files.items():
            write(f"{folder}/{name}", content)
    if case["keyring"] is not None:
        keyring.lay_out(case["keyring"])


keyring = Keyring(f"{BASE}/keyring")


def run(
    argv,
    case,
    *,
    until_banner=False,
    patient=False,
    until_asked="",
    dialogue=None,
    terminal=False,
    audit=False,
    play=None,
    serves=False,
    trusted=False,
):
    """Run one program on the host as it is laid out, to its end or until it has shown enough.

    `until_banner` stops the client once it has started, and not before it has asked a name if
    `until_asked` is that; `dialogue` once it has answered what is written to it, `terminal` once
    its screen shows whether somebody is signed in; `audit` says that it is `tipstaff` of which
    only the words are given; `play` is what a person does meanwhile to sign in; `serves` lets the
    service give out logins without one;
    `trusted` has the system itself trust the service's certificate.
    """
    trust(CA if trusted else f"{BASE}/old{AUTHORITIES.removeprefix('/etc')}")
    seen.clear()
    posted.clear()
    addressed.clear()
    bundle["text"] = json.dumps(case["bundle"])
    env, words = environment(case), command(argv, case)
    if play is not None:
        service[0] = met = SignInService(case["service"])
        found = sign_in(words, env, CWD, play)
        service[0] = None
        return {**found, "asked": met.asked, "auth": text_of(f"{HOME}/auth.json")}
    service[0] = SignInService(case["service"]) if serves else None
    if terminal:
        return run_in_terminal(words, env, CWD)
    if audit:
        return run_audit(words, env)
    if dialogue is not None:
        return run_dialogue(words, env, dialogue)
    if until_banner:
        return run_until_banner(words, env, PATIENCE if patient else 1, until_asked)
    done = subprocess.run(
        words, check=False, stdin=subprocess.DEVNULL, capture_output=True, env=env, cwd=CWD,
        timeout=LIMIT_S,
    )  # fmt: skip
    return {
        "code": done.returncode,
        "out": done.stdout.decode(errors="replace"),
        "err": done.stderr.decode(errors="replace"),
        "asked": addressed[:],
    }


def trust(authorities):
    """Have the system trust the authorities in a file."""
    if os.path.lexists(AUTHORITIES):
        os.unlink(AUTHORITIES)
    os.symlink(authorities, AUTHORITIES)


def environment(case):
    env = {
        "HOME": f"{BASE}/host/home",
        "PATH": "/usr/bin:/bin",
        "CODEX_HOME": HOME,
        "CODEX_CA_CERTIFICATE": CA,
        **({} if case["keyring"] is None else keyring.address),
        **case["env"],
    }
    return {name: value for name, value in env.items() if value is not None}


def command(argv, case):
    return ([SETPRIV, "--bounding-set=-all"] if case["without_capabilities"] else []) + argv


def run_audit(words, env):
    done = warm.tipstaff(*words, env=env, cwd=CWD, encoding=None)
    return {
        "code": done.returncode,
        "out": done.stdout.decode(errors="replace"),
        "err": done.stderr.decode(errors="replace"),
    }


def run_until_banner(words, env, patience, name):
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=CWD,
    )
    out, begun = b"", time.monotonic()
    started, first = False, None
    while time.monotonic() - begun < LIMIT_S:
        ready, _, _ = select.select([process.stdout], [], [], 0.05)
        part = os.read(process.stdout.fileno(), 65536) if ready else None
        if part == b"":
            break
        out += part or b""
        started = BANNER in out
        now = time.monotonic()
        asked = any(name in address for address in addressed) if name else any(seen)
        first = first or (now if seen and not name else None)
        # A name that has to be asked is waited for: it ends the run, not a clock.
        limit = LIMIT_S if name else patience * (PAUSE_S if first else GRACE_S)
        # Some versions ask something without the credential first.
        if started and (asked or now - (first or begun) > limit):
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
        "asked": addressed[:],
    }


def run_dialogue(words, env, text):
    """Write to a server, read until its last answer or its end, and stop it."""
    with open(f"{BASE}/errors", "w+") as errors:
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=env, cwd=CWD,
            text=True,
        )  # fmt: skip
        try:
            process.stdin.write(text)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended already, and says why on its standard error
        lines = []
        for line in process.stdout:
            lines.append(line)
            if '"id":2' in line:
                break
        else:  # it ends by itself, and its own exit code says how
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(CLOSING_S)
        process.kill()
        code = process.wait()
        errors.seek(0)
        return {"code": code, "out": "".join(lines), "err": errors.read()}


def digest(path):
    if not os.path.isfile(path):
        return None
    return hashlib.sha256(read(path)).hexdigest()


def text_of(path):
    return read(path).decode(errors="replace") if os.path.exists(path) else None


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    prepare()
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        lay_out(request["case"])
        begun = time.monotonic()
        try:
            found = run(request["argv"], request["case"], **request["how"])
        except subprocess.TimeoutExpired as error:
            found = {"code": None, "out": "", "err": str(error), "started": False}
        found["seconds"] = time.monotonic() - begun
        found["left"] = sorted(os.listdir(HOME)) if os.path.isdir(HOME) else []
        found["posted"] = list(posted)
        found["encrypted"] = digest(f"{HOME}/secrets/codex_auth.age")
        if request["case"]["keyring"] is not None:
            found["keyring"] = keyring.left()
            if keyring.stop_after:
                keyring.stop()
        print(json.dumps(found), flush=True)
    keyring.close()
    warm.close()


main()
