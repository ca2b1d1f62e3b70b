"""A Debian package."""

from tipstaff_rollout.artefacts.policy_package import channel_of
from tipstaff_rollout.packages import deb

CHANNEL = channel_of("deb", "a package for Debian and Ubuntu", deb)
