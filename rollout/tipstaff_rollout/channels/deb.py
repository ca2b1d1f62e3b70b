"""A Debian package."""

from tipstaff_rollout.packages import deb
from tipstaff_rollout.policy_package import channel_of

CHANNEL = channel_of("deb", "a package for Debian and Ubuntu", deb)
