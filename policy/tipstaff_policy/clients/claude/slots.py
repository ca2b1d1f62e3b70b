"""The stores of the client, as slots in the order in which a log-out empties them.

What is not a login stays in its document byte for byte. Several files are one slot where the client
keeps them as one: its copies of the global file, the folders that a variable left behind.

Source: tests/clients/claude/test_slots.py, tests/clients/claude/test_log_out.py (client 2.1.332).
"""

from collections.abc import Callable
from typing import Any

from tipstaff_policy.clients.claude.credentials.keychain import STORE as KEYCHAIN_STORE
from tipstaff_policy.clients.claude.credentials.places import BACKUPS, DOCUMENT, LEGACY
from tipstaff_policy.clients.claude.credentials.profiles import STORE as PROFILE_STORE
from tipstaff_policy.clients.claude.credentials.stored import (
    BACKUP_STORE,
    DOCUMENT_STORE,
    LEGACY_STORE,
    MAIN_STORE,
    OTHER_STORE,
)
from tipstaff_policy.clients.interface.adapter import function_at
from tipstaff_policy.clients.interface.slots import StoreSlot, entry_slot


def _at(name: str) -> Callable[..., Any]:
    """Return a function that is loaded when it is called: only a log-out empties a store."""
    return function_at(f"tipstaff_policy.clients.claude.erasing:{name}")


DOCUMENT_SLOT = StoreSlot(
    DOCUMENT_STORE, "member", DOCUMENT, _at("erase_document"), _at("document_holds"), plain=True
)
MAIN_SLOT = StoreSlot(MAIN_STORE, "member", None, _at("erase_main"), _at("main_holds"), plain=True)
LEGACY_SLOT = StoreSlot(
    LEGACY_STORE, "member", LEGACY, _at("erase_legacy"), _at("legacy_holds"), plain=True
)
BACKUP_SLOT = StoreSlot(
    BACKUP_STORE, "member", BACKUPS, _at("erase_backups"), _at("backups_hold"), plain=True
)
PROFILE_SLOT = StoreSlot(
    PROFILE_STORE, "member", None, _at("erase_profiles"), _at("profiles_hold"), plain=True
)
OTHER_SLOT = StoreSlot(
    OTHER_STORE, "member", None, _at("erase_others"), _at("others_hold"), plain=True
)
KEYCHAIN_SLOT = entry_slot(KEYCHAIN_STORE, _at("delete_entries"), _at("keychain_holds"))
SLOTS = (
    DOCUMENT_SLOT,
    MAIN_SLOT,
    LEGACY_SLOT,
    PROFILE_SLOT,
    OTHER_SLOT,
    BACKUP_SLOT,
    KEYCHAIN_SLOT,
)
"""Copies go last: the client makes one of the global file just before it saves it."""
