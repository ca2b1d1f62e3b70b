"""The whole life of a published policy by the commands of docs/rollout/sync.md."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from support.artefacts.publishers import FILES, POLICY, Endpoint, Mirror, document
from support.machines.hosts import BIN, run, tipstaff
from support.services.issuers import Authority, Proxy, serving
from tipstaff_cli.commands.policy import publish as publishing
from tipstaff_policy.errors import TipstaffError
from tipstaff_schemas.export import faults

PEOPLE = ("ada", "bob", "server", "new")
SIGNER = """\
import sys
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
key = load_ssh_private_key(open(sys.argv[1], "rb").read(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))
"""


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    """The same desk before anything is done, with a folder begun, with a policy published."""
    top = tmp_path_factory.mktemp("stages")
    desk = make_desk(top / "empty")
    shutil.copytree(desk, top / "begun")
    begin(top / "begun")
    shutil.copytree(top / "begun", top / "published")
    signing = ("--sign-with", "ada", "--sign-with", "server")
    good(top / "published", "add", "site", "policy-1.toml", *signing)
    return top


@pytest.fixture
def desk(stages, tmp_path):
    shutil.copytree(stages / "begun", tmp_path / "desk")
    return tmp_path / "desk"


def make_desk(folder):
    """Make a folder with everybody's keys and two versions of a policy."""
    folder.mkdir()
    for name in PEOPLE:
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        (folder / name).touch(0o600)
        (folder / name).write_bytes(private)
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        (folder / f"{name}.pub").write_bytes(public + b" somebody\n")
    for number in (1, 2):
        (folder / f"policy-{number}.toml").write_bytes(document(number))
    (folder / "signer.py").write_text(SIGNER)
    return folder


def publish(desk, *words):
    done = tipstaff("policy", "publish", *words, cwd=desk)
    assert "Traceback" not in done.stderr
    return done


def good(desk, *words):
    done = publish(desk, *words)
    assert 0 == done.returncode
    assert "" == done.stderr
    return done.stdout


def begin(desk):
    roots = ("--root", "ada.pub", "--root", "bob.pub", "--threshold", "root=2")
    others = ("--targets", "ada.pub", "--targets", "bob.pub", "--snapshot", "server.pub")
    good(desk, "init", "site", *roots, *others, "--sign-with", "ada")
    return good(desk, "sign", "site", "--sign-with", "bob")


@pytest.fixture
def served(stages, desk, tmp_path):
    shutil.copytree(stages / "published", desk, dirs_exist_ok=True)
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    with serving(Mirror(desk / "site", authority.certify("localhost"))) as mirror:
        trust = (desk / "site/metadata/1.root.json").read_bytes()
        endpoint = Endpoint(tmp_path / "host", authority, trust, mirror.url)
        place = endpoint.root / "etc/tipstaff/sync.toml"
        place.write_text(f'url = "{mirror.url}"\nca_file = "/etc/tipstaff/ca.pem"\n')
        place.chmod(0o644)
        yield endpoint


def sync(endpoint, *words, env=None):
    root = ("--system-root", endpoint.root)
    return tipstaff("policy", "sync", *root, *words, env=env)


def synced(endpoint, *words):
    done = sync(endpoint, "--format", "json", *words)
    assert [] == faults("synced", json.loads(done.stdout))
    return json.loads(done.stdout)


def test_a_policy_lives_from_its_first_signature_to_new_keys(desk, served):
    first = synced(served)
    assert "1" == first["version"]
    assert set(FILES) == {change["path"][1:] for change in first["changes"]}
    assert {"unchanged"} == {change["action"] for change in synced(served)["changes"]}

    good(desk, "add", "site", "policy-2.toml", "--sign-with", "bob", "--sign-with", "server")
    assert "policy example 2 is in force" in sync(served).stdout
    assert document(2) == served.files()[POLICY]

    status = good(desk, "status", "site")
    assert f"policy {first['fingerprint']}" not in status
    assert f"policy {synced(served)['fingerprint']}" in status
    keys = json.loads((desk / "site/metadata/1.root.json").read_text())["signed"]["roles"]
    (old,) = keys["timestamp"]["keyids"]
    words = ("--add", "new.pub", "--remove", old[:12], "--sign-with", "ada", "--sign-with", "bob")
    assert "published: root 2, timestamp 3" in good(
        desk, "rotate", "site", "timestamp", *words, "--sign-with", "new"
    )
    assert {"role": "timestamp", "version": 3} in synced(served)["metadata"]

    signing = ("--sign-with", "server", "--sign-with", "new")
    good(desk, "refresh", "site", *signing, "--days", "timestamp=1")
    assert {"role": "timestamp", "version": 4} in synced(served)["metadata"]


def test_a_program_holds_the_key(desk, served):
    command = f"{sys.executable} signer.py ada"
    words = ("--sign-cmd", command, "--public-key", "ada.pub", "--sign-with", "server")

    assert "published: targets 2" in good(desk, "add", "site", "policy-2.toml", *words)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sign", "site", "--sign-with", "new"), 2),
        (("sign", "elsewhere", "--sign-with", "ada"), 2),
        (("sign", "site", "--sign-with", "ada.pub"), 2),
        (("sign", "site", "--sign-with", "nobody"), 4),
        (("sign", "site", "--sign-cmd", "true"), 2),
        (("add", "site", "signer.py"), 3),
        (("add", "site", "policy-2.toml", "--sign-cmd", "false", "--public-key", "ada.pub"), 4),
        (("add", "site", "policy-2.toml", "--sign-cmd", "echo x", "--public-key", "ada.pub"), 6),
        (("add", "site", "policy-2.toml", "--days", "targets=0"), 2),
        (("add", "site", "policy-2.toml", "--days", "nobody=1"), 2),
        (("rotate", "site", "nobody", "--threshold", "1"), 2),
        (("rotate", "site", "root"), 2),
        (("rotate", "site", "root", "--add", "ada"), 2),
        (("refresh", "site", "nobody"), 2),
        (("refresh", "site"), 2),
        (("init", "site", "--root", "ada.pub", "--targets", "ada.pub", "--snapshot", "ada.pub"), 2),
        (("status", "site"), 0),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_a_publisher_who_errs_is_told(words, code, desk, monkeypatch):
    monkeypatch.chdir(desk)

    assert code == ended(*words)


def ended(*words):
    """Run a command in this process; return the exit code that `main` would give it."""
    try:
        return publishing.app([str(word) for word in words], standalone_mode=False) or 0
    except TipstaffError as error:
        return error.exit_code


def test_a_key_that_others_can_read_is_refused(desk):
    (desk / "ada").chmod(0o640)

    done = publish(desk, "init", "x", *("--root", "ada.pub", "--targets", "ada.pub"),
                   *("--snapshot", "ada.pub", "--sign-with", "ada"))  # fmt: skip

    assert 2 == done.returncode
    assert "chmod 600" in done.stderr


def test_what_waits_is_told_with_whose_signature_it_waits_for(desk):
    good(desk, "add", "site", "policy-1.toml")

    done = publish(desk, "status", "site")

    assert 1 == done.returncode
    assert "1 waits for 1 more of " in done.stdout


def test_who_can_read_the_server_can_read_the_fleets_key(desk):
    secret = base64.b64encode(b"canary canary canary canary canary").decode()
    (desk / "policy-1.toml").write_bytes(document(1, f'fleet_key = "{secret}"\n'))

    done = publish(desk, "add", "site", "policy-1.toml")

    assert 0 == done.returncode
    assert "fleet_key" in done.stderr
    assert secret not in done.stdout + done.stderr


def test_a_host_that_cannot_sync_says_what_stays(served):
    assert 0 == sync(served).returncode

    done = sync(served, "--url", "https://localhost:1")

    assert 4 == done.returncode
    assert "" == done.stdout
    assert "policy example 1 stays in force" in done.stderr


def test_a_proxy_that_the_environment_names_opens_the_way(served):
    port = int(served.url.rpartition(":")[2])
    with serving(Proxy(port)) as proxy:
        address = f"http://127.0.0.1:{proxy.server_port}"
        done = sync(
            served, "--url", "https://localhost:9", env={**os.environ, "https_proxy": address}
        )

    assert 0 == done.returncode
    assert ("localhost:9", None) == proxy.asked[0]


def test_a_proxy_that_the_settings_name_opens_the_way_and_is_not_quoted(served):
    with (
        serving(Proxy(1, status=407)) as proxy,
        (served.root / "etc/tipstaff/sync.toml").open("a") as file,
    ):
        file.write(f'proxy = "http://me:canary@127.0.0.1:{proxy.server_port}"\n')
        file.flush()
        done = sync(served)

    assert 4 == done.returncode
    assert "canary" not in done.stderr
    assert bool(proxy.asked)


def test_a_dry_run_needs_no_earlier_one(served):
    done = sync(served, "--dry-run")

    assert 0 == done.returncode
    assert "would be in force" in done.stdout
    assert POLICY not in served.files()


UNITS = sorted((Path(__file__).resolve().parents[2] / "examples/systemd/system").glob("*-sync.*"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.suffix)
def test_systemd_accepts_the_units(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    for path in UNITS:
        text = path.read_text().replace("/opt/tipstaff/bin", str(BIN))
        (tmp_path / path.name).write_text(text)

    done = run(["systemd-analyze", "verify", tmp_path / unit.name])

    assert 0 == done.returncode
    assert [] == [x for x in done.stderr.splitlines() if "sync" in x]
    assert [".service", ".timer"] == [path.suffix for path in UNITS]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_the_unit_leaves_root_the_rights_that_a_sync_takes(served):
    """The unit's own `CapabilityBoundingSet=`: root then is but the owner of its files."""
    assert "\nCapabilityBoundingSet=\n" in UNITS[0].read_text()
    words = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")

    done = run([*words, BIN / "tipstaff", "policy", "sync", "--system-root", served.root])

    assert 0 == done.returncode
    assert "" == done.stderr
    assert document(1) == served.files()[POLICY]


def test_without_the_extra_both_say_what_to_install(desk, served):
    """A stand-in for an installation without it: a program that hides the package."""
    hide = (
        "import importlib.util as u, sys; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'tuf' else real(name, *a)\n"
        "from tipstaff_cli.main import main; sys.exit(main())"
    )
    for words in (("publish", "status", "site"), ("sync",)):
        done = run([sys.executable, "-c", hide, "policy", *words], cwd=desk)

        assert 2 == done.returncode
        assert "pip install 'WHEEL[sync]'" in done.stderr


def test_nothing_else_loads_the_framework():
    probe = (
        "import sys; from tipstaff_cli import main; [main.load_command(each) for each in main.COMMANDS]\n"
        "sys.exit(any(each.partition('.')[0] in ('tuf', 'securesystemslib', 'urllib3')"
        " for each in sys.modules))"
    )

    assert 0 == subprocess.run([sys.executable, "-c", probe], check=False).returncode


@pytest.mark.parametrize("command", ["init", "add", "sign", "rotate", "refresh", "status"])
def test_help_gives_examples_and_exit_codes(command, capsys):
    ended(command, "--help")

    text = capsys.readouterr().out
    assert "Examples" in text
    assert "Exit codes" in text
