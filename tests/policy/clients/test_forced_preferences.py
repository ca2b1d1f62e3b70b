"""Forced preferences of a live Mac: what the system says counts, the files where it is silent."""

import base64
import plistlib

import pytest

from tipstaff_policy.clients.codex.config import device_management
from tipstaff_policy.clients.codex.config.device_management import (
    CONFIG,
    DOMAIN,
    REQUIREMENTS,
    SYSTEM,
    device_layers,
)
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import FaultyLayer, IgnoredLayer
from tipstaff_policy.system import host_identity
from tipstaff_policy.system.mac import asking

MACHINE = f"/Library/Managed Preferences/{DOMAIN}.plist"
PERSON = f"/Library/Managed Preferences/ada/{DOMAIN}.plist"


def value(method):
    return base64.b64encode(f'forced_login_method = "{method}"\n'.encode()).decode()


@pytest.fixture
def mac(tmp_path, monkeypatch):
    """Lay out files of a Mac, and let its system answer; a fake stands for the frameworks."""

    def read(answer, user="ada", home_of="ada", **files):
        for name, path in (("machine", MACHINE), ("person", PERSON)):
            if name in files:
                place = tmp_path / path[1:]
                place.parent.mkdir(parents=True, exist_ok=True)
                content = files[name]
                is_bytes = isinstance(content, bytes)
                place.write_bytes(content if is_bytes else plistlib.dumps(content))
        monkeypatch.setattr(host_identity, "account_of_process", lambda: user)
        monkeypatch.setattr(asking, "ask_frameworks", lambda *_: answer)
        request = Request({}, "/", 0, platform="macos")
        return device_layers(request, home_of, lambda path: f"{tmp_path}{path}", NEWEST_BEHAVIOUR)

    return read


def paths(found):
    return [file.layer.path for file in found]


def test_a_value_that_the_system_forces_is_that_of_its_file(mac):
    configs, _, present = mac({"forced": {CONFIG: value("api")}}, machine={CONFIG: value("api")})

    assert [f"{MACHINE} {CONFIG}"] == paths(configs)
    assert [] == present


def test_a_file_that_the_system_does_not_force_is_present_without_effect(mac):
    configs, _, present = mac({"forced": {}}, machine={CONFIG: value("api")})

    assert [] == configs
    assert isinstance(present[0].content, IgnoredLayer)


def test_a_value_that_is_in_no_file_counts_all_the_same(mac):
    configs, requirements, _ = mac({"forced": {REQUIREMENTS: value("api")}})

    assert ([], [f"{SYSTEM} {REQUIREMENTS}"]) == (paths(configs), paths(requirements))


def test_a_value_that_differs_from_its_file_is_that_of_the_system(mac):
    answer = {"forced": {CONFIG: value("chatgpt")}}
    configs, _, _ = mac(answer, machine={CONFIG: value("api")})

    assert [f"{SYSTEM} {CONFIG}"] == paths(configs)


def test_of_two_files_the_one_that_the_system_prefers_counts(mac):
    answer = {"forced": {CONFIG: value("chatgpt")}}
    files = {"machine": {CONFIG: value("api")}, "person": {CONFIG: value("chatgpt")}}
    configs, _, _ = mac(answer, **files)

    assert [f"{PERSON} {CONFIG}"] == paths(configs)


def test_a_broken_file_does_not_count_where_the_system_answers(mac):
    configs, _, _ = mac({"forced": {CONFIG: value("api")}}, machine=b"broken")

    assert [f"{SYSTEM} {CONFIG}"] == paths(configs)


@pytest.mark.parametrize("answer", [None, {}, {"forced": "x"}])
def test_a_system_that_does_not_answer_leaves_the_files(answer, mac):
    configs, _, _ = mac(answer, machine={CONFIG: value("api")})

    assert [f"{MACHINE} {CONFIG}"] == paths(configs)


def test_a_broken_file_is_a_fault_where_the_system_does_not_answer(mac):
    configs, _, _ = mac(None, machine=b"broken")

    assert isinstance(configs[0].layer.content, FaultyLayer)


def test_of_another_account_the_system_says_nothing(mac):
    configs, _, _ = mac({"forced": {}}, user="root", machine={CONFIG: value("api")})

    assert [f"{MACHINE} {CONFIG}"] == paths(configs)


def test_a_folder_that_a_variable_moves_leaves_the_preferences_those_of_the_account(mac):
    configs, _, _ = mac(None, user="ada", person={CONFIG: value("api")}, home_of="elsewhere")

    assert [f"{PERSON} {CONFIG}"] == paths(configs)


def test_an_image_is_never_asked_of_the_system(mac, monkeypatch):
    monkeypatch.setattr(device_management, "_ask_system", None)
    request = Request({}, "/", 0, platform="macos", system_root="/image")

    assert ([], [], []) == device_layers(
        request, "ada", lambda path: f"/nonexistent{path}", NEWEST_BEHAVIOUR
    )
