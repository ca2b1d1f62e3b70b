"""A configuration profile for macOS that forces the client's values as custom settings."""

from tipstaff_rollout.channels.profile_file import channel_of

CHANNEL = channel_of(
    "mobileconfig-mcx", "mcx", "the same profile in the shape of Apple's ManagedPreferences"
)
