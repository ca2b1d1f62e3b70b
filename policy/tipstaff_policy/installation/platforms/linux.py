"""Linux: units of systemd, shims of the shell, places of the Filesystem Hierarchy Standard."""

from tipstaff_policy.installation import systemd, units
from tipstaff_policy.installation.platforms.interface import (
    HostPlatform,
    Places,
    Services,
    ServiceWords,
)
from tipstaff_policy.installation.platforms.posix import FRONTING, RIGHTS

PLACES = Places(
    state="/var/lib/tipstaff",
    # Not below /var, which hardened hosts mount without execution.
    aside="/usr/local/lib/tipstaff/clients",
    folders=("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"),
    services=(units.VENDOR,),
    kept=("/usr/local/lib", "/var/lib", "/etc/systemd/system", "/etc/systemd/user"),
    logs="/var/log/tipstaff",
)
LINUX = HostPlatform(
    name="linux",
    places=PLACES,
    services=Services(
        words=ServiceWords(
            file="unit",
            enables="enables the unit",
            manager="systemd",
            change="use a drop-in instead",
            where_to_check="check on a host that runs systemd",
            silent="its systemd does not answer",
            more="`systemctl status` shows more",
        ),
        files=units.unit_files,
        present=systemd.has_systemd,
        read_managers=systemd.read_managers,
        plan_restart=systemd.plan_restart,
        plan_stop=systemd.plan_stop,
        plan_reload=systemd.plan_reload,
        run=systemd.run_systemctl,
        read_states=systemd.read_units,
    ),
    fronting=FRONTING,
    rights=RIGHTS,
    apart="python3 -m venv /opt/tipstaff && /opt/tipstaff/bin/pip install WHEEL",
    apart_program="/opt/tipstaff/bin/tipstaff",
)
