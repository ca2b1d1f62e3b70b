"""An RPM package."""

from tipstaff_rollout.linux_host import payloads_of
from tipstaff_rollout.model import Channel, Compiled, File, Payload
from tipstaff_rollout.packages import rpm
from tipstaff_rollout.policy_package import package_of


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the package."""
    package = package_of(compiled)
    return (File(rpm.file_name(package), rpm.build(package)),)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the package installs."""
    if len(files) != 1 or not files[0].data.startswith(rpm.MAGIC):
        return None
    file = files[0]
    return payloads_of(rpm.read(file.data, file.path), file.path)


CHANNEL = Channel(
    "rpm",
    "a package for Red Hat, Fedora and SUSE",
    "linux",
    ("policy", "keys", "requirements", "managed_config"),
    render,
    read,
)
