"""From stores and searches to the documents that `tipstaff credentials …` writes."""

from tipstaff_policy import __version__
from tipstaff_policy.clients.interface.stores import Found, StoreContent, Stores
from tipstaff_policy.model.state import (
    Credential,
    Decision,
    HeldCredential,
    HostState,
    UnreadableCredential,
)
from tipstaff_schemas.build import seconds
from tipstaff_schemas.credentials import CopiesFound, CredentialsListed, FoundCopy, ListedCredential
from tipstaff_schemas.report import Tool, Workspace

DAY_S = 86400


def build_listed(stores: Stores, state: HostState, decision: Decision) -> CredentialsListed:
    """Return the list, the variables first, as the client prefers them."""
    known = decision.verdict not in ("refuse", "unknown")
    active = decision.active if known else None
    variables = [credential for credential in state.credentials if not credential.is_stored]
    places = [place for place in stores.places if place.holds or place.unseen]
    listed = [
        *(_list_credential(variable, None, state.evaluated_at) for variable in variables),
        *(_list_credential(_credential(place), place, state.evaluated_at) for place in places),
    ]
    return CredentialsListed(
        tool=Tool(version=__version__),
        home=stores.home,
        note="" if known else f"which one is active is unknown: {decision.reason}",
        credentials=[
            credential.model_copy(update={"active": credential.store == active if known else None})
            for credential in listed
        ],
    )


def _credential(place: StoreContent) -> Credential:
    return Credential(place.store, place.path, place.content, place.file)


def build_found(found: Found, exit_code: int) -> CopiesFound:
    """Return what a search came across."""
    copies = [
        FoundCopy(**{**copy._asdict(), "changed_at": seconds(copy.changed_at)})
        for copy in found.copies
    ]
    return CopiesFound(
        tool=Tool(version=__version__),
        searched=list(found.searched),
        compared_with=list(found.compared_with),
        entries=found.entries,
        files=found.files,
        copies=copies,
        unseen=list(found.unseen),
        exit_code=exit_code,
    )


def _list_credential(found: Credential, place: StoreContent | None, now: int) -> ListedCredential:
    """Return a line of the list; which one is active is added by who knows."""
    held = found.content if isinstance(found.content, HeldCredential) else None
    changed_at = place.changed_at if place else None
    facts = found.file
    since = held.last_refresh if held and held.last_refresh is not None else changed_at
    return ListedCredential(
        store=found.source,
        path=found.path,
        state="held" if held else "out of reach" if _is_unseen(found, place) else "unreadable",
        reason=getattr(found.content, "reason", ""),
        kind=held.kind if held else None,
        method=held.method if held else None,
        workspace=Workspace.of(held),
        identities=list(held.identity) if held and held.identity is not None else None,
        plan=held.plan if held else None,
        active=None,
        mode=facts.mode if facts else None,
        owner=facts.owner if facts else None,
        links=facts.links if facts else None,
        target=facts.target if facts else None,
        last_refresh=seconds(held.last_refresh) if held else None,
        expires_at=seconds(held.expires_at) if held else None,
        changed_at=seconds(changed_at),
        age_days=None if since is None else max(now - since, 0) // DAY_S,
    )


def _is_unseen(found: Credential, place: StoreContent | None) -> bool:
    """Return whether a store was out of reach; for a variable only its content shows that."""
    if place is not None:
        return bool(place.unseen)
    content = found.content
    return isinstance(content, UnreadableCredential) and not content.present
