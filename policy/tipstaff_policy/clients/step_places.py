"""What a step of a log-out is about, in words: a file, or the login in a larger one."""

from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.slots import is_in_larger
from tipstaff_policy.model.steps import Step


def name_place(client: str, step: Step) -> str:
    """Return the place of a step for people.

    Where the client keeps a login in a larger document, the rest of which stays, it is the login
    that goes and not the file.
    """
    if step.path is None:
        return step.store
    return f"the login in {step.path}" if _is_in_larger(client, step) else step.path


def _is_in_larger(client: str, step: Step) -> bool:
    if step.action != "remove" or client not in CLIENTS:
        return False
    return is_in_larger(load_client(client).slots, step.store)
