"""A real issuer on this machine: HTTPS with a private authority, and a proxy in front of it."""

import http.server
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager


class Authority:
    """An authority that is trusted only by a setting, and certificates signed by it."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "ca.pem"
        self._make("/CN=made up", folder / "ca.key", self.file)

    def certify(self, name):
        """Return what a server needs to be known by a name."""
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        signed = ["-CA", self.file, "-CAkey", self.folder / "ca.key"]
        signed += ["-addext", "basicConstraints=CA:FALSE"]
        signed += ["-addext", f"subjectAltName=DNS:{name}"]
        self._make("/CN=service", key, certificate, *signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def _make(self, subject, key, out, *more):
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        words += ["ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", subject]
        words += ["-keyout", key, "-out", out]
        subprocess.run([*words, *more], check=True, capture_output=True)


class IssuerServer(http.server.ThreadingHTTPServer):
    """Takes down what it is sent, and answers as a test wants."""

    daemon_threads = True

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.received = []
        """Path, type and body of each request."""
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        """Bytes, or parts that come one by one."""
        self.before_answer = lambda: None
        self.ended = threading.Event()

    def url(self, path="/oauth/revoke", host="localhost"):
        return f"https://{host}:{self.server_port}{path}"

    def handle_error(self, request, client_address):
        """Say nothing: a client that goes away is what some tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Content-Type"], body.decode()))
        self.server.before_answer()
        self.close_connection = True
        answer = self.server.answer
        if isinstance(answer, bytes):
            self.wfile.write(answer)
            return
        for part in answer:
            self.wfile.write(part)
            if self.server.ended.wait(0.1):
                return

    do_GET = do_POST

    def log_message(self, *_):
        pass


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Proxy(http.server.ThreadingHTTPServer):
    """Opens a way by CONNECT, wherever it is asked to, to one port of this machine."""

    daemon_threads = True

    def __init__(self, port, status=200):
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        self.port, self.status = port, status
        self.asked = []
        """Which host it was asked for, and by whom."""
        self.ended = threading.Event()


class _ProxyHandler(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self):
        self.server.asked.append((self.path, self.headers["Proxy-Authorization"]))
        self.close_connection = True
        if self.server.status != 200:
            self.send_error(self.server.status, "canary of the proxy")
            return
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.server.port)) as far:
            back = threading.Thread(target=_copy, args=(far, self.connection))
            back.start()
            _copy(self.connection, far)
            back.join()

    def log_message(self, *_):
        pass


def _copy(source, target):
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two went away
