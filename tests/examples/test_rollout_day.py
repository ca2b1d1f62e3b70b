"""An administrator's day, as docs/rollout/README.md prints it."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from support.machines.hosts import BIN, run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/rollout/README.md"
DIFFERS = 1


def test_the_commands_of_the_page_do_what_they_say(tmp_path):
    (tmp_path / "hosts").mkdir()
    for name in ("compliant-chatgpt", "wrong-workspace"):
        shutil.copytree(ROOT / "examples/hosts" / name, tmp_path / "hosts" / name, symlinks=True)
    make_key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "signing-key"]
    subprocess.run(make_key, check=True)
    first, second = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    done = [command(line, tmp_path) for line in first.splitlines()]
    text = (tmp_path / "policy.toml").read_text("utf-8")
    (tmp_path / "next.toml").write_text(text.replace('"ws-example"', '"ws-next"'), "utf-8")
    (compared,) = [command(line, tmp_path) for line in second.splitlines()]

    assert [0] * 7 == [ended.returncode for ended in done], [ended.stderr for ended in done]
    assert "wrong-workspace" in done[2].stdout
    assert DIFFERS == compared.returncode
    assert "ws-next" in compared.stdout


def command(line, folder):
    program, *words = shlex.split(line)
    return run([BIN / program, *words], cwd=folder)
