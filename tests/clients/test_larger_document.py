"""Enforcement and the log-out on request empty a slot that is a member of a larger document."""

import json
import os
from pathlib import Path

import pytest

from support.machines.hosts import FORCED_CHATGPT, credential, make_host
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.slots import member_slot, slot_of
from tipstaff_policy.clients.interface.stores import RESIDUE
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.logins.logout import log_out
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import NoCredential
from tipstaff_policy.parsing.json_members import without_member

CODEX = load_client("codex")
KEY = "OPENAI_API_KEY"
DOCUMENT = f'{{"theme": "dark", "{KEY}": "sk-made-up", "history": [1, 2]}}'
LEFT = '{"theme": "dark", "history": [1, 2]}'
SLOT = member_slot("file", "auth.json", lambda data: without_member(data, (KEY,)))
SLOTS = (SLOT, *(slot for slot in CODEX.slots if slot.store != "file"))


def without_login(path):
    return os.path.exists(path) and KEY not in json.loads(Path(path).read_text())


def read_state(request):
    """Read a host as a client does that keeps its login in a larger document."""
    state = CODEX.read_state(request)

    def of(places):
        return places and tuple(
            place._replace(content=NoCredential())
            if place.source == "file" and without_login(place.path)
            else place
            for place in places
        )

    return state._replace(credentials=of(state.credentials), places=of(state.places))


def every_store(request):
    stores = CODEX.custody().every_store(request)
    places = tuple(
        place._replace(
            slot=SLOT,
            content=NoCredential() if without_login(place.path) else place.content,
        )
        if place.store == "file"
        else place
        for place in stores.places
        if place.store != RESIDUE
    )
    return stores._replace(places=places)


CLIENT = CODEX._replace(
    slots=SLOTS,
    read_state=read_state,
    custody=lambda: CODEX.custody()._replace(every_store=every_store),
)


@pytest.fixture
def root(tmp_path):
    return make_host(tmp_path / "host", auth=DOCUMENT, managed=FORCED_CHATGPT)


def request_of(root):
    return Request({}, "/", 1_800_000_000, "0.169.0", system_root=str(root))


def by_rule(root):
    return enforce(CLIENT, request_of(root))


def on_request(root):
    return log_out(CLIENT, request_of(root))


WAYS = {"enforce": (by_rule, 10), "logout": (on_request, 0)}


@pytest.mark.parametrize(("leave", "code"), WAYS.values(), ids=WAYS)
def test_the_member_is_gone_and_the_document_stays(leave, code, root):
    done = leave(root)

    assert code == done.exit_code
    assert LEFT == credential(root).read_text()


@pytest.mark.parametrize(("leave", "code"), WAYS.values(), ids=WAYS)
def test_a_further_name_of_the_document_still_holds_it(leave, code, root):
    os.link(credential(root), root / "home/dev/backup.json")

    done = leave(root)

    assert 11 == done.exit_code
    assert DOCUMENT == (root / "home/dev/backup.json").read_text()
    assert any("1 further name(s)" in step.detail for step in done.steps)


@pytest.mark.parametrize(("leave", "code"), WAYS.values(), ids=WAYS)
def test_a_document_that_is_a_link_stays_as_it_is_and_is_named(leave, code, root):
    target = root / "home/dev/settings.json"
    credential(root).rename(target)
    credential(root).symlink_to("../settings.json")

    done = leave(root)

    assert 11 == done.exit_code
    assert DOCUMENT == target.read_text()
    assert credential(root).is_symlink()
    assert any("is a link" in step.detail for step in done.steps)


@pytest.mark.parametrize(("leave", "code"), WAYS.values(), ids=WAYS)
def test_what_is_logged_out_of_already_is_left_alone(leave, code, root):
    credential(root).write_text(LEFT)

    done = leave(root)

    assert 0 == done.exit_code
    assert LEFT == credential(root).read_text()


def test_the_slot_of_a_client_is_the_one_that_its_adapter_names():
    assert "member" == slot_of(CLIENT.slots, "file").kind
