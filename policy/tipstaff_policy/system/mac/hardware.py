"""Which Mac this is, by what its hardware says; a user cannot change it.

Source: ioreg(8); the registry of I/O Kit, in which the platform's expert has `IOPlatformUUID`.
"""

import re

from tipstaff_policy.system.mac.asking import ask_program

IOREG = "/usr/sbin/ioreg"
WORDS = ("-r", "-d", "1", "-c", "IOPlatformExpertDevice")
LIMIT_S = 5.0


def platform_uuid() -> str | None:
    """Return the identity of this Mac, which stays with it; None where it is not shown."""
    answer = ask_program((IOREG, *WORDS), LIMIT_S)
    if answer.code != 0:
        return None
    found = re.search(rb'"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"', answer.out)
    return found[1].decode() if found else None
