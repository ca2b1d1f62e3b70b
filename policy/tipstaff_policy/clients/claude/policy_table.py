"""What `[clients.claude]` of a policy document may hold.

A provider is a method here: naming `bedrock` allows the cloud, leaving it out does not.
"""

from tipstaff_policy.organisation.field_types import word
from tipstaff_policy.organisation.fields import client_fields

FIELDS = client_fields(
    word(
        "claudeai", "console", "token", "helper", "profile", "gateway", "bedrock", "foundry",
        "anthropicAws", "anthropicGoogleCloud", "mantle", "vertex",
    ),
    word("credentials", "config", "keychain", "profiles"),
    ("organisations",),
    settings="Every other key of the client's managed-settings.json, verbatim: permissions, "
    "hooks, env, ….",
)  # fmt: skip
