"""A configuration profile for macOS; its payload is of the client's own domain."""

from tipstaff_rollout.channels.profile_file import channel_of

CHANNEL = channel_of("mobileconfig", "direct", "a configuration profile for macOS")
