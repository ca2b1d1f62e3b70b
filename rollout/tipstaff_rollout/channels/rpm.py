"""An RPM package."""

from tipstaff_rollout.packages import rpm
from tipstaff_rollout.policy_package import channel_of

CHANNEL = channel_of("rpm", "a package for Red Hat, Fedora and SUSE", rpm)
