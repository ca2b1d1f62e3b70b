"""Which Mac this is, by a fake of `ioreg`."""

import pytest

from support.machines.fake_mac import write_program
from tipstaff_policy.model import request
from tipstaff_policy.system import host_identity
from tipstaff_policy.system.mac import asking, hardware

SHOWN = """\
+-o J314sAP  <class IOPlatformExpertDevice, id 0x100000227, registered, matched, active>
    {
      "IOPlatformSerialNumber" = "C02MADEUP"
      "IOPlatformUUID" = "564D1A2B-0000-4000-8000-0123456789AB"
    }
"""


@pytest.fixture
def mac(tmp_path, monkeypatch):
    def shows(text, code=0):
        (tmp_path / "shown").write_text(text)
        program = f"#!/bin/sh\ncat {tmp_path}/shown\nexit {code}\n"
        monkeypatch.setattr(hardware, "IOREG", write_program(tmp_path / "ioreg", program))
        monkeypatch.setattr(hardware, "ask_program", asking._run)
        monkeypatch.setattr(request, "this_platform", lambda: "macos")
        monkeypatch.setattr(host_identity, "_read_line", lambda _: "")

    return shows


def test_a_mac_has_an_id_of_its_own(mac):
    mac(SHOWN)

    assert "564D1A2B-0000-4000-8000-0123456789AB" == hardware.platform_uuid()


@pytest.mark.parametrize(("text", "code"), [("", 0), (SHOWN, 1), ('"IOPlatformUUID" = "x"', 0)])
def test_a_mac_that_does_not_show_it_has_none(text, code, mac):
    mac(text, code)

    assert hardware.platform_uuid() is None


def test_the_id_of_a_host_is_not_that_of_its_hardware_and_always_the_same(mac):
    mac(SHOWN)
    first = host_identity.read_machine(None, "/Users/ada/.codex").host_id

    assert first == host_identity.read_machine(None, "/Users/ada/.codex").host_id
    assert 32 == len(first)
    assert "564d1a2b" not in first.lower()


def test_an_image_is_not_asked_for_the_hardware_of_this_machine(mac, tmp_path):
    mac(SHOWN)

    assert host_identity.read_machine(str(tmp_path), str(tmp_path)).host_id is None
