"""The client's `managed_config.toml`: what does not fit is removed by the client."""

from tipstaff_rollout.channels.client_file import channel_of

CHANNEL = channel_of(
    "managed-config", "managed_config", "the client's managed file, for /etc/codex"
)
