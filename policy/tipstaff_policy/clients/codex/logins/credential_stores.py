"""What the commands about stored logins ask for; no start of a client loads it."""

from tipstaff_policy.clients.codex.logins.copy_search import find_copies
from tipstaff_policy.clients.codex.logins.login_identity import relation, supersedes
from tipstaff_policy.clients.codex.logins.store_access import (
    SAVING,
    every_store,
    read_document,
    setting_of,
    write_document,
)
from tipstaff_policy.clients.interface.stores import CredentialStores, Movable

CREDENTIAL_STORES = CredentialStores(
    every_store=every_store,
    read_document=read_document,
    write_document=write_document,
    relation=relation,
    supersedes=supersedes,
    setting_of=setting_of,
    find_copies=find_copies,
    movable={
        "file": Movable("keyring", ("file", "auto")),
        "keyring": Movable("file", ("keyring", "auto")),
    },
    unfinished=f"{SAVING}tipstaff",
)
