"""Each client brings every part that the driver asks for, and its row can be given by a command."""

import re

import pytest

from proving import parts
from proving.__main__ import parse_arguments

NAMES = sorted(set(re.findall(r"``(\w+)(?:\(|``)", parts.__doc__)))


@pytest.mark.parametrize("client", parts.PARTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_client_has_the_part(name, client):
    assert hasattr(parts.load_part(client), name)


ROWS = {
    "codex": {
        "federation=spiffe": {"federation": "spiffe"},
        "hides=False": {"hides": False},
        "requirement_integer_bits=128": {"requirement_integer_bits": 128},
        "unknown_fields=a,b": {"unknown_fields": ("a", "b")},
        "unknown_fields=()": {"unknown_fields": ()},
    },
    "claude": {
        "knows_gateway=False": {"knows_gateway": False},
        "profiles=first": {"profiles": "first"},
        "stops_alone=broken,kind": {"stops_alone": ("broken", "kind")},
    },
}


@pytest.mark.parametrize(
    ("client", "text"), [(client, text) for client, texts in ROWS.items() for text in texts]
)
def test_a_row_is_read_from_a_command(client, text):
    part = parts.load_part(client)

    assert ROWS[client][text] == part.parse_row(text, part.newest())


@pytest.mark.parametrize("client", parts.PARTS)
@pytest.mark.parametrize("text", ["no_such_field=True", "hides", "since=1", "knows_gateway=maybe"])
def test_a_field_or_value_that_no_row_has_is_refused(client, text):
    part = parts.load_part(client)

    with pytest.raises(ValueError, match=r"."):
        part.parse_row(text, part.newest())


@pytest.mark.parametrize("client", parts.PARTS)
def test_every_field_of_the_row_has_another_value_to_try(client):
    part = parts.load_part(client)
    row = part.row_of(part.newest())

    assert {*row} - {"since", "name"} == {*part.alternatives(part.newest())}


@pytest.mark.parametrize("words", [["codex", "latest"], ["gemini", "1.2.3"], ["codex"]])
def test_a_wrong_command_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse_arguments(words)

    assert 2 == ended.value.code
    assert "usage: python -m proving" in capsys.readouterr().err
