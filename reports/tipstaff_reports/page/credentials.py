"""Credentials that were found, and where; never a secret, for the report has none."""

from collections.abc import Mapping

from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Row, badge, paragraph, section, table
from tipstaff_reports.page.shown import code, join_in_words, list_in_words, owner_called, prose
from tipstaff_schemas.report import CredentialEntry, Names, Workspace

CLAIMS = ("ID token", "access token", "account")
OWNER = "Workspace"
COLUMNS = ("Store", "Kind", "Method", OWNER, "Times", "Where")


def render_credentials(entry: Entry) -> Markup:
    """Return every credential that was found."""
    names = entry.report.names()
    rows = [_credential(credential, names) for credential in entry.report.credentials]
    owned = any(credential.identities is not None for credential in entry.report.credentials)
    columns = tuple("Belongs to" if owned and name == OWNER else name for name in COLUMNS)
    found = table("Credentials in the order in which the client prefers them", columns, rows)
    none = paragraph("No credential was found.")
    return section(entry.place, "credentials", "Credentials", found if rows else none)


def _credential(entry: CredentialEntry, names: Names) -> Row:
    active = (" ", badge("plain", "active")) if entry.active else ""
    keyed = ("; fingerprint ", code(entry.fingerprint)) if entry.fingerprint else ""
    return Row(
        (
            (code(entry.store), active),
            code(entry.kind, "cannot be read"),
            code(entry.method, "not known"),
            _workspace(entry.workspace, dict(names))
            if entry.identities is None
            else list_in_words([prose(owner) for owner in entry.owners(names)], "no one"),
            _times(entry),
            (code(entry.path, "no file"), keyed),
        )
    )


def _times(entry: CredentialEntry) -> Content:
    named = (("refreshed", entry.last_refresh), ("expires", entry.expires_at))
    lines = [element("span", f"{name} ", prose(when)) for name, when in named if when is not None]
    return list_in_words(lines, "not known")


def _workspace(claims: Workspace, names: Mapping[str, str]) -> Content:
    """Return what each part of a login claims; once where they agree."""
    named = (claims.id_token, claims.access_token, claims.account_id)
    if len(set(named)) == 1:
        return owner_called(claims.id_token, names, "none claimed")
    lines = [
        (f"{name} ", owner_called(value, names)) for name, value in zip(CLAIMS, named, strict=True)
    ]
    return join_in_words(lines)
