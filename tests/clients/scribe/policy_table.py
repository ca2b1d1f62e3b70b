"""What `[clients.scribe]` of a policy document may hold."""

from tipstaff_policy.organisation.field_types import word
from tipstaff_policy.organisation.fields import client_fields

FIELDS = client_fields(
    word("team", "token", "key"),
    word("state", "vault"),
    ("organisations",),
    settings="Every other key of the client's scribe-settings.json, verbatim.",
)
