#!/bin/sh
# Codex CLI 0.171.0: an unquoted TOML date is a text for some keys, and a refusal for others.
#
# TOML has dates of their own, and a typed reader is expected to refuse one where text is wanted.
# Seen with @openai/codex 0.171.0 on Linux x64, 2026-11-30, with one key in config.toml:
#   - keys that hold free text take the date as its text: `model`, `forced_chatgpt_workspace_id`,
#     a variable under `[mcp_servers.x] env`; the client starts;
#   - keys that hold one of a few words refuse it ("invalid type: unit variant, expected string
#     only"): `forced_login_method`, `cli_auth_credentials_store`; the client does not start;
#   - tables and maps call it a string ("invalid type: string"): `tui`, `[mcp_servers.x] env`.
# So a checker that maps TOML types to allowed types one by one is wrong in both directions.
# Run: sh findings/codex-dates-are-texts.sh     (ends with 1 where this has changed)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @openai/codex@0.171.0 >/dev/null
python3 - "$folder" <<'PY'
import os
import pathlib
import re
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
program = next(path for path in folder.rglob("bin/codex") if "vendor" in path.parts)
home = folder / "home"
(home / ".codex").mkdir(parents=True)
server = '[mcp_servers.x]\ncommand = "true"\n'
expected = {
    "model = 2020-01-01": "starts",
    "forced_chatgpt_workspace_id = 2020-01-01": "starts",
    f"{server}env = {{ A = 2020-01-01 }}": "starts",
    "forced_login_method = 2020-01-01": "invalid type: unit variant",
    "cli_auth_credentials_store = 2020-01-01": "invalid type: unit variant",
    "tui = 2020-01-01": "invalid type: string",
    f"{server}env = 2020-01-01": "invalid type: string",
}
seen = {}
for document in expected:
    (home / ".codex/config.toml").write_text(document + "\n")
    done = subprocess.run(
        [program, "features", "list"],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        cwd=home,
        capture_output=True,
        timeout=60,
        check=False,
    )
    found = re.search(r"invalid type: (unit variant|string)", done.stderr.decode())
    seen[document] = "starts" if done.returncode == 0 else found[0] if found else "another refusal"
    print(f"{document.splitlines()[-1]}: {seen[document]}")
sys.exit(0 if seen == expected else 1)
PY
