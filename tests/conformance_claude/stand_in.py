"""A stand-in of the service, and of the clouds that sell the model; runs in the namespace.

It says whose a token is by the token's own text, refuses every question to the model in a way that
the client does not repeat, and remembers what was asked with which credential.
"""

import http.server
import json
import re
import ssl
import subprocess
import threading

NAMES = (
    "api.anthropic.com",
    "platform.claude.com",
    "console.anthropic.com",
    "claude.ai",
    "claude.com",
    "mcp-proxy.anthropic.com",
    "http-intake.logs.us5.datadoghq.com",
    "bedrock-runtime.us-east-1.amazonaws.com",
    "bedrock.us-east-1.amazonaws.com",
    "us-east5-aiplatform.googleapis.com",
    "oauth2.googleapis.com",
    "gateway.example.org",
)
PORT = 443
MESSAGES = re.compile(r"/v1/messages(\?|$)|/model/[^/]+/invoke|:(stream)?[rR]awPredict")
"""A question to the model: the client has started."""
OWNER = re.compile(r"-of-(org-\w+)")
"""How a made-up token states whose it is, to this service alone."""
REFUSAL = {"type": "error", "error": {"type": "invalid_request_error", "message": "made up"}}
PREPARED = {
    "/api/claude_code/settings": ("settings", 404, {}),
    "/v1/oauth/token": ("token", 400, {"error": "invalid_grant"}),
    "/v1/oauth/token/revoke": ("revoke", 200, {}),
}
"""The questions that a host can answer, by the name that it answers them by, and what is said else."""
CREDENTIAL_HEADERS = {"bearer": "Authorization", "key": "x-api-key"}


class Service:
    """How the service answers, as one host says it, and what it was asked."""

    def __init__(self):
        self.number, self.answers, self.asked, self.started = 0, {}, [], []

    def begin(self, answers):
        """Answer for another host; what is still under way of the one before no longer counts."""
        self.number += 1
        self.answers, self.asked, self.started = answers, [], []

    def answer(self, method, name, path, headers, body):
        """Return status and document; None to end the connection without an answer."""
        sent = credentials_of(headers)
        place = path.partition("?")[0]
        if MESSAGES.search(path):
            self.started.append(sent)
            return 400, REFUSAL
        self.asked.append([f"{method} {name}{place}", sent, told(place, body)])
        if place == "/api/oauth/validate":
            return self._owner(sent.get("bearer", ""))
        if place == "/api/oauth/profile" and self.answers.get("profile"):
            return self._profile(sent.get("bearer", ""))
        name, *otherwise = PREPARED.get(place, ("", 404, {}))
        return self._prepared(name, tuple(otherwise))

    def _prepared(self, name, otherwise):
        found = self.answers.get(name, otherwise)
        return found if found is None else tuple(found)

    def _owner(self, bearer):
        if "validate" in self.answers:
            return self._prepared("validate", None)
        owner = OWNER.search(bearer)
        return (200, {"organization_uuid": owner[1]}) if owner else (401, REFUSAL)

    def _profile(self, bearer):
        """Say whose a token is to a client that does not ask for its validation."""
        status, document = self._owner(bearer) or (500, {})
        owner = document.get("organization_uuid")
        return (status, {"account": {"uuid": "made-up"}, "organization": {"uuid": owner}})


def credentials_of(headers):
    """Return what a request is signed in with; of a cloud's own signature that it is there."""
    found = {name: headers.get(header) for name, header in CREDENTIAL_HEADERS.items()}
    sent = {
        name: text.removeprefix("Bearer").strip() or "(empty)"
        for name, text in found.items()
        if text is not None
    }
    if sent.get("bearer", "").startswith("AWS4"):
        sent = {"cloud": "signature"}
    return sent


def told(place, body):
    """Return the body of the questions of which it counts."""
    return body.decode(errors="replace") if place.startswith("/v1/oauth/token") else ""


SERVICE = Service()


class Listener(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.number = SERVICE.number

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.headers.get("Host", "").partition(":")[0]
        is_late = self.number != SERVICE.number
        question = (self.command, name, self.path, self.headers, body)
        answer = None if is_late else SERVICE.answer(*question)
        if answer is None:
            self.close_connection = True
            return
        status, document = answer
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("request-id", "req_011MadeUp")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Pass over a client that was gone before its answer."""


def serve(folder):
    """Make an authority and a certificate in a folder, listen, and return the authority's file."""
    authority = f"{folder}/ca.pem"
    names = ",".join(f"DNS:{name}" for name in NAMES)
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    new += ["-nodes", "-days", "2"]
    made = ["-subj", "/CN=made up", "-keyout", f"{folder}/ca.key", "-out", authority]
    signed = ["-CA", authority, "-CAkey", f"{folder}/ca.key"]
    signed += ["-addext", "basicConstraints=CA:FALSE", "-addext", f"subjectAltName={names}"]
    signed += ["-subj", "/CN=service", "-keyout", f"{folder}/service.key"]
    signed += ["-out", f"{folder}/service.pem"]
    for words in ([*new, *made], [*new, *signed]):
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/service.pem", f"{folder}/service.key")
    server = Server(("127.0.0.1", PORT), Listener)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return authority
