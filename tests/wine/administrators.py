"""Runs a command of Tipstaff where Wine's places count as the administrators'.

Wine gives every place of its drive to the user who runs it, which is right and would make every
installation refuse. This alone stands for the access lists of a Windows.
"""

import sys

from tipstaff_policy.installation import scheduled_tasks
from tipstaff_policy.installation.platforms import windows as platform
from tipstaff_policy.system.owners import windows

TIGHT = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
windows._read_descriptor = lambda _place: TIGHT
scheduled_tasks.call = lambda _words: (0, "")  # Wine has a Task Scheduler without a program for it
platform.WINDOWS = platform.WINDOWS._replace(
    rights=platform.WINDOWS.rights._replace(are_held=lambda: True)
)

from tipstaff_cli.__main__ import run  # noqa: E402

sys.argv[0] = "tipstaff"
run()
