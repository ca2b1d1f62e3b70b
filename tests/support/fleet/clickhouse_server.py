"""ClickHouse's HTTP interface before chDB, which is ClickHouse as a library: `PORT FOLDER`.

Sessions, passwords, codes of errors and the status of an answer are as the server's own. One session
lasts at a time, because chDB has one.
"""

import base64
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chdb.session import Session

USER, PASSWORD = "fleet", "right"


class Handler(BaseHTTPRequestHandler):
    """Runs what is posted."""

    protocol_version = "HTTP/1.1"
    sessions = {}

    def do_POST(self):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        data = self._body()
        given = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        if given != f"{USER}:{PASSWORD}":
            self._answer(403, b"Code: 516. DB::Exception: Authentication failed", code="516")
            return
        try:
            answer = self._run(asked, data)
        except RuntimeError as error:
            text = str(error)
            code = text.partition("Code: ")[2].partition(".")[0]
            self._answer(500, text.encode(), code=code)
        else:
            self._answer(200, answer)

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _run(self, asked, data):
        session = self._session(asked["session_id"])
        if "query" not in asked:
            return session.query(data.decode()).bytes() or b""
        path = Path(FOLDER) / "sent"
        path.write_bytes(data)
        statement, _, form = asked["query"].rpartition(" FORMAT ")
        session.query(f"{statement} FROM INFILE '{path}' FORMAT {form}")
        return b""

    def _session(self, name):
        if name not in self.sessions:
            for old in self.sessions.values():
                old.close()
            self.sessions.clear()
            self.sessions[name] = Session(str(Path(FOLDER) / "data"))
        return self.sessions[name]

    def _answer(self, status, data, code=""):
        self.send_response(status)
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing."""


if __name__ == "__main__":
    FOLDER = sys.argv[2]
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
