"""The real client behind the installed shim, on a host of its own: a clean root."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.client import VERSION, find_client
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT
from tipstaff_policy import guard

WORKER = Path(__file__).parent / "shim_worker.py"
GUARD = "/opt/tipstaff/tipstaff_policy/guard.py"
PYTHON = os.path.realpath(sys.executable)
ENTRY = "/usr/local/bin/codex"
ENV = {"HOME": "/home/dev", "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", "TMPDIR": "/var/tmp"}


pytestmark = pytest.mark.skipif(
    os.getuid() != 0,
    reason="as root alone: a user's namespace shows the system's files as nobody's",
)


class Host:
    """A root of its own with the real client, where `codex` is looked up by its name."""

    def __init__(self, root, client):
        self.root = root
        package = Path(client)
        while not (package / "package.json").exists():
            package = package.parent
        for folder in ("home/dev/.codex", "etc/codex", "var/tmp", "var/lib", "opt/tipstaff"):
            (root / folder).mkdir(parents=True)
        shutil.copytree(Path(guard.__file__).parent, root / "opt/tipstaff/tipstaff_policy")
        words = ["unshare", "-mn"] if os.getuid() == 0 else ["unshare", "-Urmn"]
        self.process = subprocess.Popen(
            [*words, sys.executable, WORKER, root, package, sys.base_prefix],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.process.stdout.readline().strip() != "ready":
            raise OSError(self.process.stderr.read())
        inside = Path("/usr/local/lib/node_modules/@openai/codex") / Path(client).relative_to(
            package
        )
        self.shell(f"mkdir -p /usr/local/bin && ln -s {inside} {ENTRY}")

    def send(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def shell(self, script, **more):
        return self.send(inside=script, env=ENV, **more)

    def codex(self, *words, **more):
        return self.shell(f"exec codex {' '.join(words)}", **more)

    def tipstaff(self, command, *words):
        program = [str(BIN / "tipstaff"), command, "--root", str(self.root)]
        return self.send(outside=[*program, *words])

    def install(self):
        return self.tipstaff("install", "--python", PYTHON, "--guard", GUARD)

    @property
    def credential(self):
        return self.root / "home/dev/.codex/auth.json"

    def lay_out(self, login):
        self.credential.write_text(login)
        self.credential.chmod(0o600)
        (self.root / "etc/codex/managed_config.toml").write_text(FORCED_CHATGPT)

    def close(self):
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        self.process.wait()


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    client = find_client()
    if client is None:
        pytest.skip("client not run: it is not installed")
    root = tmp_path_factory.mktemp("shim") / "root"
    root.mkdir()
    for place in (root, *root.parents[:2]):
        place.chmod(0o755)
    made = Host(root, client)
    yield made
    made.close()


@pytest.fixture
def guarded(host):
    assert 0 == host.install()["code"]
    yield host
    host.tipstaff("uninstall")


def test_without_the_shim_a_forbidden_login_under_a_requirement_stays(host):
    host.lay_out(API_KEY)
    (host.root / "etc/codex/managed_config.toml").unlink()
    (host.root / "etc/codex/requirements.toml").write_text('allowed_login_methods = ["chatgpt"]\n')

    bare = host.codex("exec --skip-git-repo-check hi", until_banner=True)
    kept = host.credential.exists()
    host.install()
    guarded = host.codex("exec --skip-git-repo-check hi")
    host.tipstaff("uninstall")
    (host.root / "etc/codex/requirements.toml").unlink()

    assert bare["started"] is True
    assert kept is True
    assert 10 == guarded["code"]
    assert not host.credential.exists()


def test_an_allowed_login_starts_the_client_as_itself(guarded):
    guarded.lay_out(chatgpt())

    version = guarded.codex("--version")
    status = guarded.codex("login status")
    started = guarded.codex("exec --skip-git-repo-check hi", until_banner=True)

    assert 0 == version["code"]
    assert f"codex-cli {VERSION}\n" == version["out"]
    assert 0 == status["code"]
    assert "Logged in using ChatGPT" == status["err"].strip().splitlines()[-1]
    assert started["started"]
    assert guarded.credential.exists()


def test_a_forbidden_login_is_gone_before_the_client_starts(guarded):
    guarded.lay_out(API_KEY)

    done = guarded.codex("exec --skip-git-repo-check hi")
    after = guarded.codex("login status")

    assert 10 == done["code"]
    assert not guarded.credential.exists()
    assert "OpenAI Codex v" not in done["err"]
    assert 1 == after["code"]
    assert "Not logged in" in after["err"]


def test_the_exit_code_of_the_client_passes(guarded):
    guarded.lay_out(chatgpt())

    assert 2 == guarded.codex("exec --color nonsense hi")["code"]


def test_the_guard_and_an_audit_know_the_version_behind_the_shim(guarded):
    guarded.lay_out(chatgpt())

    listed = guarded.send(
        outside=[str(BIN / "tipstaff"), "client", "list", "--system-root", str(guarded.root)]
    )

    lines = [line.split() for line in listed["out"].splitlines() if "package" in line]
    assert [(VERSION, ENTRY)] == [(line[0], line[-1]) for line in lines]


@pytest.mark.parametrize(
    ("gone", "says"), [(GUARD, "tipstaff install"), ("/usr/local/lib/tipstaff/clients", "mv -f")]
)
def test_a_part_that_is_gone_is_said_and_starts_nothing(gone, says, guarded):
    guarded.lay_out(chatgpt())
    guarded.shell(f"mv {gone} {gone}.away")

    done = guarded.codex("login status")
    status = guarded.tipstaff("status")
    guarded.shell(f"mv {gone}.away {gone}")

    assert 4 == done["code"]
    assert "" == done["out"]
    assert says in done["err"]
    assert 1 == status["code"]


def test_the_words_of_the_shim_bring_the_client_back_without_tipstaff(guarded):
    guarded.lay_out(chatgpt())
    guarded.shell(f"mv {GUARD} {GUARD}.away")
    words = guarded.codex("login status")["err"].rpartition(": ")[2]

    guarded.shell(words)
    done = guarded.codex("login status")
    guarded.shell(f"mv {GUARD}.away {GUARD}")

    assert "mv -f" in words
    assert 0 == done["code"]


def test_after_an_uninstall_the_client_is_the_one_that_starts(host):
    before = host.shell(f"ls -l --time-style=+ {ENTRY}; cat /var/lib/tipstaff/*")["out"]
    host.install()
    host.tipstaff("uninstall")
    host.lay_out(API_KEY)

    done = host.codex("exec --skip-git-repo-check hi")

    assert before == host.shell(f"ls -l --time-style=+ {ENTRY}; cat /var/lib/tipstaff/*")["out"]
    assert 1 == done["code"]
    assert "Logging out." in done["err"]
