"""What is known of the version that a client is judged as."""

from tipstaff_policy.clients.codex.installations import find_stating
from tipstaff_policy.clients.codex.versions import PROVEN
from tipstaff_policy.clients.program_facts import learned_beyond, read_install_time
from tipstaff_policy.model.host_facts import Release
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client


def release(request: Request, client: Client) -> Release:
    """Return the proven versions, and since when the judged one is here."""
    learned = learned_beyond(request, "codex")
    proven = tuple(".".join(map(str, version)) for version in (*PROVEN, *learned.proven))
    since = (
        read_install_time(client.path, request.system_root, find_stating) if client.path else None
    )
    return Release(proven, since, learned.counter, learned.unusable)
