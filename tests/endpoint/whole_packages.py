"""`make test-packages`: the real packages in clean roots without a Python, with the real client.

Not collected by `make test`, which holds everything that a stand-in can show (test_packages.py).
"""

import json
import shutil
import sys
from pathlib import Path

import pytest

import standalone
from conformance.client import find_client
from packages import FORMATS, read_package
from support.clients.logins import API_KEY, chatgpt
from support.machines.clean_roots import Machine
from support.machines.hosts import FORCED_CHATGPT, run
from tipstaff_policy import __version__
from tipstaff_schemas.export import faults

ROOT = Path(__file__).parents[2]
TREE = ROOT / "build/standalone"
NEXT = "99.0"
POLICY = """\
schema = 1
id = "example"
version = "1"
login_methods = ["chatgpt"]
workspaces = [{ id = "ws-example", name = "Example" }]
"""
SYSTEMCTL = '#!/bin/sh\necho "$*" >>/run/asked\n'
EXEC = ("codex", "exec", "--skip-git-repo-check", "hi")


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """Return this version and a next one, in both formats."""
    folder = tmp_path_factory.mktemp("packages")
    newer = folder / "newer"
    shutil.copytree(TREE, newer, symlinks=True)
    about = newer / "packages/tipstaff_policy/__init__.py"
    about.write_text(about.read_text().replace(__version__, NEXT))
    standalone.compile_all(newer / "packages/tipstaff_policy", "/usr/lib/tipstaff")
    made = {}
    for kind, format_ in FORMATS.items():
        for version, tree in ((__version__, TREE), (NEXT, newer)):
            package = read_package(tree, version, format_)
            made[kind, version] = folder / format_.file_name(package)
            made[kind, version].write_bytes(format_.build(package))
    return made


@pytest.fixture(params=FORMATS)
def host(request, tmp_path, packages):
    """Give a root into which this version was installed."""
    client = find_client()
    assert client, "the real client must run here"
    made = Machine(tmp_path / "root", request.param, client)
    made.before = made.content()
    assert not [path for path in made.before if "python" in path]
    made.packages = {version: packages[request.param, version] for version in (__version__, NEXT)}
    done = made.install(made.packages[__version__])
    assert 0 == done.returncode, done.stderr
    yield made
    shutil.rmtree(made.root)  # 90 MB each


def lay_out(host, login):
    (host.root / "etc/codex").mkdir(exist_ok=True)
    (host.root / "etc/codex/managed_config.toml").write_text(FORCED_CHATGPT)
    stored = host.root / "home/dev/.codex/auth.json"
    stored.write_text(login)
    stored.chmod(0o600)
    shutil.chown(stored, 1000, 1000)
    return stored


def test_the_guard_logs_out_whom_the_policy_forbids(host):
    stored = lay_out(host, API_KEY)

    done = host.inside(*EXEC, user="dev")

    assert 10 == done.returncode, done.stderr
    assert not stored.exists(), done.stderr
    assert "allows only ChatGPT logins" in done.stderr


def test_the_guard_becomes_the_real_client_where_the_policy_allows(host):
    stored = lay_out(host, chatgpt())

    done = host.inside("codex", "login", "status", user="dev")

    assert 0 == done.returncode, done.stderr
    assert stored.exists(), done.stderr
    assert "Logged in using ChatGPT" in done.stderr


COMMANDS = {
    "help": (("--help",), 0),
    "help of a command": (("policy", "render", "--help"), 0),
    "status": (("status",), 0),
    "an audit": (("audit", "--user", "dev"), 1),
    "everybody": (("audit", "--all-users"), 1),
    "the settings": (("policy", "show"), 0),
    "a policy for every channel": (("policy", "render", "/etc/policy.toml", "--to", "all", "--out", "/tmp/all"), 0),
    "a document's schema": (("schema", "report"), 0),
    "a check": (("checks", "show", "TIP101"), 0),
    "a log-out": (("enforce", "--user", "dev"), 10),
}  # fmt: skip


def test_the_whole_program_works(host):
    lay_out(host, API_KEY)
    (host.root / "etc/policy.toml").write_text(POLICY)

    done = {name: host.inside("tipstaff", *words) for name, (words, _) in COMMANDS.items()}

    assert {name: code for name, (_, code) in COMMANDS.items()} == {
        name: ended.returncode for name, ended in done.items()
    }, {name: ended.stderr for name, ended in done.items() if ended.stderr}
    assert all(ended.stdout for ended in done.values())


def test_its_report_keeps_to_the_schema(host):
    lay_out(host, API_KEY)

    report = json.loads(host.inside("tipstaff", "audit", "--format", "json", user="dev").stdout)

    assert [] == faults("report", report)
    assert "log_out" == report["decision"]["verdict"]


def test_an_upgrade_renews_the_shim_and_restarts_what_watches(host):
    (host.root / "run/systemd/system").mkdir(parents=True)
    (host.root / "usr/bin/systemctl").write_text(SYSTEMCTL)
    (host.root / "usr/bin/systemctl").chmod(0o755)

    done = host.upgrade(host.packages[NEXT])

    assert 0 == done.returncode, done.stderr
    assert f"# tipstaff shim {NEXT}\n" in (host.root / "usr/bin/codex").read_text()
    assert f"tipstaff {NEXT}\n" == host.inside("tipstaff", "--version").stdout
    asked = (host.root / "run/asked").read_text().splitlines()
    assert [
        "daemon-reload",
        "restart tipstaff-enforce.timer tipstaff-audit.timer",
        "try-restart tipstaff-watch@*.service",
    ] == asked[-3:]
    unit = (host.root / "usr/local/lib/systemd/user/tipstaff-watch.service").read_text()
    assert (
        "ExecStart=/usr/lib/tipstaff/bin/python3 -I /usr/lib/tipstaff/bin/tipstaff watch\n" in unit
    )


def test_after_a_removal_the_client_is_as_it_was(host):
    host.inside("tipstaff", "audit")
    host.upgrade(host.packages[NEXT])

    done = host.remove("tipstaff")
    lay_out(host, chatgpt())
    client = host.inside("codex", "login", "status", user="dev")

    assert 0 == done.returncode, done.stderr
    assert 0 == client.returncode, done.stderr
    (host.root / "etc/codex/managed_config.toml").unlink()
    assert host.before.items() <= host.content().items()
    assert [] == [path for path in host.content() if "tipstaff" in path]


def test_a_broken_program_keeps_no_client_from_its_user(host):
    (host.root / "usr/lib/tipstaff/packages/tipstaff_policy/errors.py").write_text("(")
    for path in (host.root / "usr/lib/tipstaff/packages/tipstaff_policy/__pycache__").glob(
        "errors*"
    ):
        path.unlink()

    done = host.remove("tipstaff")

    assert 0 == done.returncode, done.stderr
    assert 0 == host.inside("codex", "--version", user="dev").returncode
    assert host.before["usr/bin/codex"] == host.content()["usr/bin/codex"]


def test_a_second_build_is_the_same(tmp_path):
    done = run([sys.executable, standalone.__file__, "--out", tmp_path / "again"])
    assert 0 == done.returncode, done.stderr

    def files(folder):
        found = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    again, first = files(tmp_path / "again"), files(TREE)
    assert sorted(first) == sorted(again)
    assert [] == [name for name, data in first.items() if data != again[name]]


def test_no_file_of_the_folder_is_shared_with_an_environment():
    shared = [path for path in TREE.rglob("*") if path.is_file() and path.stat().st_nlink != 1]

    assert [] == shared
