"""An RPM package."""

from tipstaff_rollout.artefacts.policy_package import channel_of
from tipstaff_rollout.packages import rpm

CHANNEL = channel_of("rpm", "a package for Red Hat, Fedora and SUSE", rpm)
