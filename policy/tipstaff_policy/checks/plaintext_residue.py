"""TIP202: a plaintext credential exists although a keyring or memory store is in force."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    credential_of,
    judge_unread_rules,
    not_applicable,
    place_of,
)
from tipstaff_policy.checks.residue import describe_standing
from tipstaff_policy.model.host_facts import StoreUse
from tipstaff_policy.model.state import NoCredential

CHECK = Check(
    id="TIP202",
    title="Plaintext credential outside of the store",
    severity="high",
    since="0.1.0",
    fails_when="a plain credential file exists although a keyring or memory store is in force",
    rationale="The client ignores the file, its log-out may leave it, and every process of the "
    "user and every backup can read it.",
    remedy="Run `tipstaff credentials migrate`, or sign in again, which moves the login into the "
    "store in force; with the memory store delete the file by hand.",
    source="tests/conformance/cases_stores.py",
    fails_on="examples/hosts/residue-beside-memory-store",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Look for a plain file where the login belongs into a keyring or into memory."""
    store = host.surroundings.store
    if store is None:
        return judge_unread_rules(host.decision) or not_applicable(NOT_LOOKED, "store")
    if store.name in host.plain_stores or store.falls_back:
        return not_applicable("the plain file is the store in use", "store")
    return tuple(_judge(host, store, plain) for plain in host.plain_stores) or not_applicable(
        "no store of the client is a plain file", "store"
    )


def _judge(host: Host, store: StoreUse, plain: str) -> Outcome:
    file = credential_of(host.state, plain)
    places = (place_of(file) if file else ()) + at(*store.origins)
    expected = f"no plain file, as the store is {store.name}"
    if file is None or isinstance(file.content, NoCredential):
        return Outcome("pass", plain, "no plain credential file", expected, places)
    if store.unclear:
        why = f"not judged; keyring: {store.unclear}"
        return Outcome("error", plain, why, expected, places)
    observed = f"a plain credential file; {describe_standing(host, file)}"
    return Outcome("fail", plain, observed, expected, places)
