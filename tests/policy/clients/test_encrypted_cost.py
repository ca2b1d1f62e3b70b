"""An encrypted login whose passphrase costs more to try than the machine affords is not judged."""

import pytest

from support.machines.hosts import BIN, VERSION, make_host, run
from support.machines.private_etc import in_private_etc
from support.services.keyrings import keyring
from tipstaff_policy.clients.codex.credentials.keyring import (
    passphrase_entry,
    read_encrypted_credential,
)
from tipstaff_policy.clients.codex.locations import ENCRYPTED_FILE
from tipstaff_policy.model.request import Request

pyrage = pytest.importorskip("pyrage")

__all__ = ["keyring"]
PASSPHRASE = "made up, and long enough"
USER = 'cli_auth_credentials_store = "auto"\n[features]\nsecret_auth_storage = true\n'


def stored(root, keyring, *, factor=None, passphrase=PASSPHRASE):
    """Lay out a login that is encrypted with a work factor; return its file."""
    home = root / "home/dev/.codex"
    head, stanza, rest = pyrage.passphrase.encrypt(b"{}", PASSPHRASE).split(b"\n", 2)
    if factor is not None:
        stanza = b" ".join([*stanza.split(b" ")[:-1], str(factor).encode()])
    file = home / ENCRYPTED_FILE
    file.parent.mkdir()
    file.write_bytes(b"\n".join([head, stanza, rest]))
    entry = passphrase_entry(str(home))
    names = {"service": entry.service, "username": entry.account, "target": "default"}
    keyring.lay_out({"items": [[names, passphrase]]})
    return file


def content(root, keyring):
    request = Request({"HOME": str(root / "home/dev"), **keyring.address}, "/", 0, "0.169.0")
    return read_encrypted_credential(request, str(root / "home/dev/.codex"), ()).credential.content


def test_a_cost_that_is_not_affordable_is_told_as_one_and_not_as_a_wrong_passphrase(
    keyring, tmp_path
):
    root = make_host(tmp_path / "host", auth=None)
    stored(root, keyring, factor=40)

    found = content(root, keyring)

    assert "unknown" == found.effect
    assert found.present is True
    assert "more work" in found.reason


@pytest.mark.rest
def test_a_wrong_passphrase_stays_one(keyring, tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    stored(root, keyring, passphrase="another one")

    found = content(root, keyring)

    assert "refuse" == found.effect
    assert "cannot be decrypted with the passphrase in the keyring" == found.reason


def test_nothing_of_it_is_removed(keyring, tmp_path):
    root = make_host(tmp_path / "host", auth=None, user=USER)
    file = stored(root, keyring, factor=40)
    etc, words = in_private_etc(tmp_path, BIN / "tipstaff", "enforce", *VERSION)
    (etc / "codex/managed_config.toml").write_text('forced_login_method = "chatgpt"\n')

    done = run(
        words, env={"PATH": "/usr/bin:/bin", "HOME": str(root / "home/dev"), **keyring.address}
    )

    assert 4 == done.returncode, done
    assert file.exists(), done
