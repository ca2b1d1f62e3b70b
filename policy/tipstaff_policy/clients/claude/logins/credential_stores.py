"""What the commands about stored logins ask for; no start of a client loads it."""

from tipstaff_policy.clients.claude.logins.copy_search import find_copies
from tipstaff_policy.clients.claude.logins.stores import (
    every_store,
    read_document,
    relation,
    setting_of,
    supersedes,
    write_document,
)
from tipstaff_policy.clients.interface.stores import CredentialStores

CREDENTIAL_STORES = CredentialStores(
    every_store=every_store,
    read_document=read_document,
    write_document=write_document,
    relation=relation,
    supersedes=supersedes,
    setting_of=setting_of,
    find_copies=find_copies,
    movable={},
)
