"""The stores of the client, as slots in the order in which a log-out empties them."""

from tipstaff_policy.clients.codex.locations import CREDENTIAL_FILE, ENCRYPTED_FILE
from tipstaff_policy.clients.interface.slots import Folder, entry_slot, file_slot


def _delete(folder: Folder) -> None:
    """Remove the client's login from the keyring.

    Raises:
        KeyringError: It cannot be reached, stays locked, or contains a login twice, without an
        order to remove it.
    """
    from tipstaff_policy.clients.codex.credentials import keyring  # noqa: PLC0415 - rarely needed
    from tipstaff_policy.clients.codex.home_folder import settle  # noqa: PLC0415

    request = settle(folder.request).request
    keyring.empty_keyring(request, folder.home, every=folder.on_request)


def _holds(folder: Folder) -> bool:
    from tipstaff_policy.clients.codex.credentials import keyring  # noqa: PLC0415 - rarely needed
    from tipstaff_policy.clients.codex.home_folder import settle  # noqa: PLC0415

    request = settle(folder.request).request
    return keyring.holds_login(request, folder.home)


FILE = file_slot("file", CREDENTIAL_FILE, can_be_quarantined=True)
ENCRYPTED = file_slot("encrypted", ENCRYPTED_FILE, plain=False)
KEYRING = entry_slot("keyring", _delete, _holds)
SLOTS = (FILE, ENCRYPTED, KEYRING)
