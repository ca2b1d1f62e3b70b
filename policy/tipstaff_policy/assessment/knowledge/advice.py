"""What a person does about the version of an installed client."""

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.knowledge import as_text
from tipstaff_policy.clients.learned import Found, newest_learned
from tipstaff_policy.model.state import Client


def advise(adapter: Adapter, client: Client, found: Found | None) -> str:
    """Return what to do about an installation; empty where nothing is to be done.

    Args:
        found: The installed document of knowledge, where there is one.
    """
    if client.proven:
        return ""
    if client.version_source == "assumed":
        return (
            "nothing states its version: install it as a package, or from the vendor's installer, "
            "in a place that only administrators can write"
        )
    if client.writable_at is not None:
        return "install it in a place that only administrators can write"
    return _advise_on_number(adapter, client, found)


def _advise_on_number(adapter: Adapter, client: Client, found: Found | None) -> str:
    order = adapter.versions.order
    number, newest = order(client.version), order(adapter.versions.newest)
    proven = [*adapter.versions.proven, *map(as_text, newest_learned(adapter.name))]
    nearest = f"{proven[-1]} is the newest proven version"
    if number is None or newest is None or number < newest:
        return f"choose a proven version: {', '.join(proven)}"
    if found is None:
        return (
            "update Tipstaff, or install knowledge that proves it (`tipstaff client knowledge "
            f"install`), or choose a proven version: {nearest}"
        )
    if found.unusable is not None:
        return f"replace the knowledge, which is not used: {found.path} {found.unusable}"
    return (
        f"install newer knowledge (this is {found.counter}), update Tipstaff, or choose a proven "
        f"version: {nearest}"
    )
