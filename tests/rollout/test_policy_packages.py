"""A policy as a package: what dpkg and rpm make of it, and in which order versions come."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.drafts import OF_CLAUDE
from support.artefacts.package_judges import NEEDS_ROOT, Dpkg, Rpm, needs, run
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy
from tipstaff_rollout.artefacts.policy_package import package_of
from tipstaff_rollout.channels import channel
from tipstaff_rollout.model import ArtefactError, File
from tipstaff_rollout.packages import deb, rpm
from tipstaff_rollout.packages.model import regular

DOCS = Path(__file__).parents[2] / "docs"
BIN = Path(sys.executable).parent
KEYS = Path(__file__).parents[2] / "examples/policies/every-field/jwks.json"
POLICY = """\
schema = 1
id = "Example_Corp"
version = "2026-11 (draft) → ä"
owner = "Security, <security@example.com>"
login_methods = ["chatgpt"]
workspaces = [{ id = "ws-example", name = "Example Corp" }]
trusted_keys = "/etc/tipstaff/keys.json"
"""
FILES = {
    "etc/tipstaff/policy.toml": "policy",
    "etc/tipstaff/keys.json": "keys",
    "etc/codex/requirements.toml": "requirements",
    "etc/codex/managed_config.toml": "managed_config",
}
every_channel = pytest.mark.parametrize(
    ("name", "judge"),
    [
        pytest.param("deb", Dpkg, id="deb", marks=needs("dpkg")),
        pytest.param("rpm", Rpm, id="rpm", marks=needs("rpm")),
    ],
)


def made(policy=POLICY):
    return compile_policy(Draft(policy.encode(), KEYS.read_bytes()))


def artefact(name, policy=POLICY):
    (file,) = channel(name).render(made(policy))
    return file


@pytest.fixture
def written(tmp_path):
    def write(name, policy=POLICY):
        file = artefact(name, policy)
        (tmp_path / file.path).write_bytes(file.data)
        return tmp_path / file.path

    return write


NAMES = {
    "deb": "tipstaff-policy-example-corp_2026.11draft_all.deb",
    "rpm": "tipstaff-policy-example-corp-2026.11draft-1.noarch.rpm",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_package_has_the_name_that_repositories_expect(name):
    assert NAMES[name] == artefact(name).path


STATES = {
    "deb": ("dpkg-deb", "-f"),
    "rpm": ("rpm", "-qpi"),
}


@needs("dpkg-deb", "rpm")
@pytest.mark.parametrize("name", STATES)
def test_id_version_owner_and_fingerprint_are_told_as_they_are(written, name):
    said = run(*STATES[name], written(name))

    for message in (
        "policy Example_Corp",
        "version 2026-11 (draft) → ä",
        "owner Security, <security@example.com>",
        made().fingerprint,
        "Example_Corp <security@example.com>",
    ):
        assert message in said


def rooted(judge, folder):
    """Return a root with what the scripts of the packages need."""
    root = judge(folder)
    root.give_shell("/bin/mv", "/usr/bin/awk")
    return root


@NEEDS_ROOT
@every_channel
def test_every_payload_lies_at_its_place(written, tmp_path, name, judge):
    root = rooted(judge, tmp_path / "root")

    root.install(written(name))

    payloads = {payload.name: payload.data for payload in made().payloads}
    assert payloads == {name: (root.root / path).read_bytes() for path, name in FILES.items()}
    assert {0o644} == {(root.root / path).stat().st_mode & 0o7777 for path in FILES}


@NEEDS_ROOT
@every_channel
def test_an_endpoint_reports_the_fingerprint_that_was_shipped(written, tmp_path, name, judge):
    root = rooted(judge, tmp_path / "root")
    root.install(written(name))
    command = [BIN / "tipstaff", "audit", "--client", "codex", "--client-version", "0.169.0"]

    done = subprocess.run(
        [*command, "--system-root", root.root, "--codex-home", "/home/x", "--format", "json"],
        check=False,
        capture_output=True,
        text=True,
    )

    found = {load["path"]: load["sha256"] for load in json.loads(done.stdout)["policy"]["files"]}
    assert made().fingerprint == f"sha256:{found['/etc/tipstaff/policy.toml']}"


@NEEDS_ROOT
@every_channel
@pytest.mark.parametrize("path", FILES)
def test_an_edit_of_a_file_does_not_survive_an_upgrade(written, tmp_path, name, judge, path):
    root = rooted(judge, tmp_path / "root")
    root.install(written(name))
    with (root.root / path).open("a") as file:
        file.write("# edited")
    newer = POLICY.replace("2026-11 (draft)", "2026-11.1")

    root.upgrade(written(name, newer))

    expected = {payload.name: payload.data for payload in made(newer).payloads}
    assert expected[FILES[path]] == (root.root / path).read_bytes()


@NEEDS_ROOT
@every_channel
def test_a_removed_policy_leaves_nothing(written, tmp_path, name, judge):
    root = rooted(judge, tmp_path / "root")
    root.install(written(name))

    root.remove("tipstaff-policy-example-corp")

    assert [] == [path for path in FILES if (root.root / path).parent.exists()]


OTHERS = 'allowed_sandbox_modes = ["read-only"]\n[rules]\nprefix_rules = []\n'
BEFORE = ".before-tipstaff"


@NEEDS_ROOT
@every_channel
@pytest.mark.parametrize("installed", [False, True], ids=["the first time", "an upgrade"])
def test_a_file_of_another_administrator_stops_the_package(
    written, tmp_path, name, judge, installed
):
    root = rooted(judge, tmp_path / "root")
    if installed:
        root.install(written(name))
    place = root.root / "etc/codex/requirements.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(OTHERS)

    said = root.refuse(written(name, POLICY.replace("2026-11 (draft)", "2026-11.1")))

    assert OTHERS == place.read_text()
    assert "not Tipstaff's own: /etc/codex/requirements.toml" in said
    assert "requirements.toml:1, which would be lost" in said
    assert "contains rules.prefix_rules" in said
    assert installed == (root.root / "etc/tipstaff/policy.toml").exists()


@NEEDS_ROOT
@every_channel
def test_what_was_moved_away_as_it_says_is_given_back(written, tmp_path, name, judge):
    root = rooted(judge, tmp_path / "root")
    place = root.root / "etc/codex/requirements.toml"
    place.parent.mkdir(parents=True)
    place.with_name(place.name + BEFORE).write_text(OTHERS)
    root.install(written(name))
    assert OTHERS != place.read_text()

    root.remove("tipstaff-policy-example-corp")

    assert [(OTHERS, "requirements.toml")] == [
        (path.read_text(), path.name) for path in place.parent.iterdir()
    ]


@NEEDS_ROOT
@every_channel
def test_a_file_that_took_the_place_of_ours_is_not_removed_with_the_package(
    written, tmp_path, name, judge
):
    root = rooted(judge, tmp_path / "root")
    root.install(written(name))
    place = root.root / "etc/codex/requirements.toml"
    place.write_text(OTHERS)

    root.remove("tipstaff-policy-example-corp")

    assert [(OTHERS, "requirements.toml")] == [
        (path.read_text(), path.name) for path in place.parent.iterdir()
    ]


@NEEDS_ROOT
@every_channel
def test_a_file_that_the_next_policy_does_without_makes_room_again(written, tmp_path, name, judge):
    root = rooted(judge, tmp_path / "root")
    place = root.root / "etc/codex/managed_config.toml"
    place.parent.mkdir(parents=True)
    place.with_name(place.name + BEFORE).write_text("x = 1\n")
    root.install(written(name))
    both = POLICY.replace('["chatgpt"]', '["chatgpt", "api"]').replace("2026-11 (draft)", "2027")
    without = re.sub("workspaces = .*\n", "", both)

    root.upgrade(written(name, without))

    assert "x = 1\n" == place.read_text()


@needs("lintian")
@pytest.mark.parametrize("owner", ["Security, <security@example.com>", "the board"])
def test_lintian_misses_nothing_but_a_year(written, owner):
    """What is rendered twice must be the same, so nothing in it knows which year it is."""
    package = written("deb", POLICY.replace("Security, <security@example.com>", owner))

    said = run("lintian", "--allow-root", package)

    assert "W: tipstaff-policy-example-corp: copyright-without-copyright-notice\n" == said


IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True)
LINES = st.from_regex(r"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*", fullmatch=True).filter(
    lambda text: len(text) < 200
)


@pytest.mark.parametrize("form", [deb, rpm], ids=["deb", "rpm"])
@given(policy_id=IDS, version=LINES, owner=LINES | st.just(""))
def test_any_policy_makes_a_package(form, policy_id, version, owner):
    package = package_of(made()._replace(id=policy_id, version=version, owner=owner))

    assert list(FILES) == [
        entry.path[1:]
        for entry in sorted(
            form.read(form.build(package), "x"), key=lambda entry: list(FILES).index(entry.path[1:])
        )
    ]
    assert len(form.file_name(package)) < 255


@pytest.mark.parametrize("name", ["deb", "rpm"])
@pytest.mark.parametrize(
    "path",
    [
        "/etc/tipstaff/policy.toml",
        "/etc/../keys.json",
        "/etc/tipstaff/policy.toml/keys.json",
        "/keys/",
    ],
)
def test_keys_that_cannot_lie_where_the_policy_says_are_refused(name, path):
    with pytest.raises(ArtefactError, match=re.escape(path)):
        artefact(name, POLICY.replace("/etc/tipstaff/keys.json", path))


@pytest.mark.parametrize("name", ["deb", "rpm"])
def test_a_package_with_more_than_a_policy_is_refused(name):
    package = package_of(made())
    more = package._replace(entries=(*package.entries, regular("/etc/cron.d/x", b"")))
    data = {"deb": deb, "rpm": rpm}[name].build(more)

    with pytest.raises(ArtefactError, match=r"x\.pkg: holds more than a policy: /etc/cron\.d/x"):
        channel(name).read((File("x.pkg", data),))


@pytest.mark.parametrize("name", ["deb", "rpm"])
def test_what_is_no_package_is_somebody_else_s(name):
    other = {"deb": "rpm", "rpm": "deb"}[name]

    assert channel(name).read((artefact(other),)) is None
    assert channel(name).read((artefact(name), artefact(name))) is None


def test_the_commands_of_the_manual_do_what_they_say(tmp_path):
    """They take the first policy of the manual, under the names that it gives to the packages.

    With rules for a client that has drop-ins, which one of the commands is about.
    """
    manual = (DOCS / "rollout/linux.md").read_text("utf-8")
    policy = re.search(r"```toml\n(.*?)```", (DOCS / "policy.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "policy.toml").write_text(policy[1] + OF_CLAUDE, "utf-8")
    commands = [line.split() for line in manual.splitlines() if line.startswith("tipstaff ")]

    codes = [
        subprocess.run([BIN / program, *words], check=False, cwd=tmp_path).returncode
        for program, *words in commands
    ]

    assert len(codes) >= 10
    assert {0} == {*codes}
