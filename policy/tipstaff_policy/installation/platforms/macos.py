"""macOS: daemons and an agent of launchd, shims of the shell, places that the system leaves alone.

System Integrity Protection keeps `/usr` but for `/usr/local`, `/bin` and `/System` from everyone,
root included, so nothing is written there and no client can stand there.

Source: File System Programming Guide ("The Library Directory Stores App-Specific Files") and
"About System Integrity Protection on your Mac", both Apple's.
"""

from tipstaff_policy.installation import launchd
from tipstaff_policy.installation.platforms.interface import (
    HostPlatform,
    Places,
    Services,
    ServiceWords,
)
from tipstaff_policy.installation.platforms.posix import FRONTING, RIGHTS

PLACES = Places(
    state="/Library/Application Support/Tipstaff",
    # Without a blank, which a shim would have to quote; not below /usr/local, whose folders
    # Homebrew gives to a user on Macs with Intel processors.
    aside="/Library/Tipstaff/clients",
    folders=("/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin"),
    services=(launchd.DAEMONS, launchd.AGENTS),
    made=(launchd.LOGS,),
    kept=(
        "/Library", "/Library/Application Support", launchd.DAEMONS, launchd.AGENTS,
        "/etc/newsyslog.d", "/var/log",
    ),
    logs=launchd.LOGS,
)  # fmt: skip
MACOS = HostPlatform(
    name="macos",
    places=PLACES,
    services=Services(
        words=ServiceWords(
            file="property list",
            enables="",
            manager="launchd",
            change="use `launchctl disable` to stop a service",
            where_to_check="check on that Mac, in a session with a screen or as root",
            silent="its launchd does not answer",
            more="`launchctl print` shows more",
        ),
        files=launchd.service_files,
        present=lambda _root: True,
        read_managers=launchd.read_managers,
        plan_restart=launchd.plan_restart,
        plan_stop=launchd.plan_stop,
        plan_reload=launchd.plan_reload,
        run=launchd.run_launchctl,
        read_states=launchd.read_states,
    ),
    fronting=FRONTING,
    rights=RIGHTS,
    apart="installer -pkg tipstaff-VERSION.pkg -target /",
    apart_program="/opt/tipstaff/bin/tipstaff",
)
