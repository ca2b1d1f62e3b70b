"""The client's `requirements.toml`: what does not fit is hidden from the client."""

from tipstaff_rollout.channels.client_file import channel_of

CHANNEL = channel_of("requirements", "requirements", "the client's requirements, for /etc/codex")
