"""A client that nothing in rollout names is rendered, read back and linted by its adapter alone."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from scribe import deployment, places

import tipstaff_rollout
from rollout.drafts import draft
from support.artefacts.policies import ROOT
from support.clients.known_clients import both_clients
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import Aim, Given
from tipstaff_rollout import payloads
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.policy_package import scripts_of
from tipstaff_rollout.authoring.in_words import describe_policy
from tipstaff_rollout.channels import MODULES, channel, channel_names
from tipstaff_rollout.lint import lint, list_groups
from tipstaff_rollout.lint.collecting import kind_of
from tipstaff_rollout.lint.reading import read_files
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.proving import differences, prove, render_artefact
from tipstaff_rollout.sync.applying import Host
from tipstaff_rollout.sync.merging import with_others
from tipstaff_rollout.taking_away import find_lost_keys
from tipstaff_rollout.taking_over import take_over

__all__ = ["both_clients"]
OF_CODEX = ROOT + 'login_methods = ["chatgpt"]\n'
OWN = "[clients.scribe.settings]\nforcedOrganisation = 'org-1'\n[clients.scribe.settings.limits]\nturns = 3\n"
BOTH = OF_CODEX + OWN
CARRYING = [name for name in MODULES if name not in ("policy", "reg")]
"""The channels that take the files of every client; this one reads nothing from the registry."""
NOT_OURS = 3
"""How a script ends that meets another administrator's file."""


def compiled(text=BOTH):
    return compile_policy(draft(text))


@pytest.mark.usefixtures("both_clients")
@pytest.mark.parametrize("name", [*CARRYING, "scribe"])
def test_every_channel_carries_the_file_and_reads_it_back_whole(name):
    made = compiled()

    proof = prove(render_artefact(made, channel(name)))

    assert made.data(deployment.NAME) == proof.compiled.data(deployment.NAME)


@pytest.mark.usefixtures("both_clients")
@pytest.mark.parametrize("name", [*CARRYING, "scribe"])
def test_what_is_read_back_is_what_the_policy_compiles_to(name):
    made = compiled()

    assert () == differences(prove(render_artefact(made, channel(name))), made)


@pytest.mark.usefixtures("both_clients")
@pytest.mark.parametrize("name", CARRYING)
def test_the_files_of_the_other_client_go_by_the_same_artefact(name):
    by, made = channel(name), compiled()

    found = prove(render_artefact(made, by)).compiled

    wanted = {payload for payload in made.payloads if payload.name in by.carries}
    assert wanted == {*found.payloads}


@pytest.mark.usefixtures("both_clients")
def test_an_edit_of_the_file_is_seen():
    (file,) = render_artefact(compiled(), channel("scribe"))

    with pytest.raises(ArtefactError, match="edited"):
        prove((file._replace(data=file.data.replace(b"org-1", b"org-2")),))


@pytest.mark.parametrize("name", ["policy", *CARRYING, "requirements", "managed-config"])
def test_a_policy_that_does_not_name_the_client_gives_the_same_bytes_as_without_it(
    name, monkeypatch
):
    before = render_artefact(compiled(OF_CODEX), channel(name))
    monkeypatch.setitem(CLIENTS, "scribe", "scribe.adapter")

    assert before == render_artefact(compiled(OF_CODEX), channel(name))


@pytest.mark.usefixtures("both_clients")
def test_its_channel_stands_among_the_files_of_clients():
    names = channel_names()

    assert names.index("managed-config") < names.index("scribe") < names.index("intune-windows")


@pytest.mark.usefixtures("both_clients")
def test_a_script_of_a_package_knows_its_stamp(tmp_path):
    made = compiled()
    place = tmp_path / "settings.json"
    place.write_bytes(made.data(deployment.NAME))
    known = scripts_of(made).before_remove.partition("give_back()")[0]

    done = subprocess.run(["/bin/sh", "-c", f"{known}\nis_ours {place}"], check=False)

    assert 0 == done.returncode


@pytest.mark.usefixtures("both_clients")
def test_a_script_of_a_package_leaves_a_file_without_the_stamp(tmp_path):
    place = tmp_path / "settings.json"
    place.write_text('{"forcedOrganisation": "org-1"}')
    known = scripts_of(compiled()).before_remove.partition("give_back()")[0]

    done = subprocess.run(["/bin/sh", "-c", f"{known}\nis_ours {place} || exit 9"], check=False)

    assert 9 == done.returncode


@pytest.mark.usefixtures("both_clients")
def test_an_image_is_not_built_over_a_file_of_another_administrators(tmp_path):
    recipe = render_artefact(compiled(), channel("container"))[0].data.decode()
    command = re.search(r"RUN (.*?[^\\])\n[^ ]", recipe, re.DOTALL)[1].replace("\\\n", "")
    place = tmp_path / "settings.json"
    place.write_text("{}")
    command = command.replace(places.MANAGED["linux"], str(place))

    done = subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True)

    assert NOT_OURS == done.returncode


@pytest.mark.usefixtures("both_clients")
def test_its_own_rule_lints_its_file_at_its_line():
    given = Given(f"x/{places.FILE}", b'{"quiet": 1,\n "LOUD": 2}', deployment.NAME)

    found = lint(read_files((given,)).files, Aim("0.171.0", 0))

    assert [("shouting", 2)] == [(hit.rule, hit.line) for hit in found]


@pytest.mark.usefixtures("both_clients")
def test_its_own_rule_lints_the_keys_that_a_policy_carries():
    given = Given(
        "policy.toml", (OF_CODEX + "[clients.scribe.settings]\nLOUD = 1\n").encode(), "policy"
    )

    found = lint(read_files((given,)).files, Aim("0.171.0", 0))

    line = OF_CODEX.count("\n") + 2
    assert [line] == [hit.line for hit in found if hit.rule == "shouting"]


@pytest.mark.usefixtures("both_clients")
def test_the_rules_of_the_other_client_do_not_see_its_file():
    given = Given(places.FILE, b'{"forced_login_method": "api"}', deployment.NAME)

    assert () == lint(read_files((given,)).files, Aim("0.171.0", 0))


@pytest.mark.usefixtures("both_clients")
def test_its_files_are_known_by_their_names():
    assert deployment.NAME == kind_of(Path("etc") / places.FILE)


@pytest.mark.usefixtures("both_clients")
def test_its_rules_stand_in_the_manual_under_their_own_heading():
    assert "shouting" in [rule.name for rule in list_groups()["Settings of Scribe"]]


@pytest.mark.usefixtures("both_clients")
def test_a_file_that_lies_there_is_taken_into_the_policy():
    given = Given(places.FILE, b'{"forcedOrganisation": "org-7"}', deployment.NAME)

    taken = take_over(draft(OF_CODEX), (given,))

    assert ["clients.scribe.settings.forcedOrganisation"] == [key.name for key in taken.keys]


@pytest.mark.usefixtures("both_clients")
def test_a_key_that_its_file_would_take_away_is_named(tmp_path):
    place = tmp_path / places.MANAGED["linux"].lstrip("/")
    place.parent.mkdir(parents=True)
    place.write_text('{"forcedOrganisation": "org-1",\n "mine": true}')
    (file,) = deployment.files_of(prove(render_artefact(compiled(), channel("scribe"))).policy)

    found = [*find_lost_keys(str(tmp_path), "linux", (file,), "files")]

    assert [("mine", 2)] == [(key.key, key.line) for key in found]


@pytest.mark.usefixtures("both_clients")
def test_the_keys_of_another_administrators_file_are_merged(tmp_path):
    place = tmp_path / places.MANAGED["linux"].lstrip("/")
    place.parent.mkdir(parents=True)
    place.write_text('{"mine": true}')
    place.chmod(0o644)
    made = compiled()
    ours = ((places.MANAGED["linux"], made.data(deployment.NAME)),)

    ((_, data),) = with_others(Host(str(tmp_path), "linux"), made, ours, None, replace=False)

    assert {"mine", "forcedOrganisation", "limits"} == {*deployment.document_in(data)}


@pytest.mark.usefixtures("both_clients")
def test_a_policy_in_words_names_its_file():
    read = read_files((Given("policy.toml", BOTH.encode(), "policy"),))

    said = [statement.says for statement in describe_policy(read.files.policies[0], 0)]

    assert any(f"{places.FILE} of scribe: limits.turns = 3" in sentence for sentence in said)


@pytest.mark.usefixtures("both_clients")
def test_a_form_asks_for_its_members():
    named = {file.path: file for file in render_artefact(compiled(), channel("jamf"))}

    form = json.loads(named["com.example.scribe.json"].data)

    assert "org-1" == form["properties"]["forcedOrganisation"]["default"]


@pytest.mark.usefixtures("both_clients")
def test_names_of_files_are_unique_among_clients():
    kinds = payloads.client_payloads().values()
    files = [file for client in CLIENTS for file in load_client(client).deployment().files]

    assert len(files) == len(kinds) == len({kind.file.file_name for kind in kinds})


@pytest.mark.usefixtures("both_clients")
def test_names_of_files_are_words_that_a_script_can_call_a_function():
    assert [] == [name for name in payloads.client_payloads() if not re.fullmatch(r"[a-z_]+", name)]


@pytest.mark.usefixtures("both_clients")
def test_a_stamp_begins_so_that_every_script_can_compare_it():
    plain = re.compile(rb"[^/'\n\x80-\xff][^'\n\x80-\xff]+")

    kinds = payloads.client_payloads().values()

    assert [] == [kind.file.name for kind in kinds if not plain.fullmatch(kind.start)]


WORDS = re.compile(
    r"codex|openai|chatgpt|auth\.json|forced_|requirements\.toml|managed_config", re.IGNORECASE
)
TEXTS = [
    path
    for path in Path(tipstaff_rollout.__file__).parent.rglob("*")
    if path.suffix in (".py", ".sh", ".ps1")
]


def test_no_file_of_rollout_holds_a_word_of_one_client():
    assert [] == [str(path) for path in TEXTS if WORDS.search(path.read_text("utf-8"))]
