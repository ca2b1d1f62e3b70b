#!/bin/sh
# Codex CLI 0.171.0: commands that only read or start something local send the access token.
#
# With a personal access token in CODEX_ACCESS_TOKEN the client asks the service whose it is
# ("whoami") before commands of which one would not expect it. Seen with @openai/codex 0.171.0 on
# Linux x64, 2026-11-30, no configuration at all:
#   - `features list` and `sandbox true` ask once, `mcp list` asks three times, each with the token;
#   - `features enable NAME`, `mcp remove NAME`, `completion bash` and `--version` ask nothing;
#   - an answer of 401 changes neither output nor exit code (0) of those commands.
# So "this command needs no sign-in" cannot be told by its name: a list of harmless commands has to
# be measured, and an offline or audited host sees a login used by `codex mcp list`.
# Run: sh findings/codex-local-commands-ask-the-service.sh     (ends with 1 where this has changed)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @openai/codex@0.171.0 >/dev/null
python3 - "$folder" <<'PY'
import http.server
import os
import pathlib
import subprocess
import sys
import threading

folder = pathlib.Path(sys.argv[1])
program = next(path for path in folder.rglob("bin/codex") if "vendor" in path.parts)
asked = []


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        proof = self.headers.get("authorization", "") == "Bearer at-made-up"
        asked.append((self.path.rpartition("/")[2], proof))
        self.send_response(401)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=service.serve_forever, daemon=True).start()
home = folder / "home"
(home / ".codex").mkdir(parents=True)
env = {
    "PATH": os.environ["PATH"],
    "HOME": str(home),
    "CODEX_ACCESS_TOKEN": "at-made-up",
    "CODEX_AUTHAPI_BASE_URL": f"http://127.0.0.1:{service.server_port}",
}
expected = {
    "features list": 1,
    "mcp list": 3,
    "sandbox true": 1,
    "features enable web_search": 0,
    "mcp remove x": 0,
    "completion bash": 0,
    "--version": 0,
}
seen = {}
for words in expected:
    asked.clear()
    done = subprocess.run(
        [program, *words.split()], env=env, cwd=home, capture_output=True, timeout=60, check=False
    )
    questions = [name for name, proof in asked if name == "whoami" and proof]
    seen[words] = len(questions)
    print(f"codex {words}: exit {done.returncode}, whoami asked {len(questions)} times")
sys.exit(0 if seen == expected else 1)
PY
