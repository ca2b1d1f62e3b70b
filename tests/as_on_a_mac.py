"""Runs a program of Tipstaff's with a Python that lacks what Python lacks on a Mac.

    python -I tests/as_on_a_mac.py cli|guard WORD...

It says that it runs on a Mac, and has no call of Linux alone. What the system itself answers is
still Linux'.
"""

import fcntl
import os
import resource
import select
import signal
import socket
import sys
import sysconfig
import urllib.request  # noqa: F401 - it would load what only a Mac's Python has

ABSENT = {
    os: (
        "setresuid", "setresgid", "getresuid", "getresgid", "getxattr", "setxattr", "listxattr",
        "removexattr", "posix_fallocate", "posix_fadvise", "pidfd_open", "memfd_create", "pipe2",
        "eventfd", "getrandom", "copy_file_range", "splice", "sched_getaffinity",
        "sched_setaffinity", "O_PATH", "O_TMPFILE", "O_DIRECT", "O_LARGEFILE", "O_RSYNC",
    ),
    fcntl: ("F_ADD_SEALS", "F_GET_SEALS", "F_SEAL_SEAL", "F_SEAL_SHRINK", "F_SEAL_GROW",
            "F_SEAL_WRITE", "F_NOTIFY", "F_SETLEASE", "F_GETLEASE"),
    resource: ("prlimit", "RLIMIT_NICE", "RLIMIT_RTPRIO"),
    select: ("epoll",),
    signal: ("pidfd_send_signal", "sigtimedwait", "sigwaitinfo", "SIGRTMIN", "SIGPWR"),
    socket: ("SOCK_CLOEXEC", "SOCK_NONBLOCK", "SO_PEERCRED", "AF_NETLINK"),
}  # fmt: skip
for module, names in ABSENT.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
sysconfig.get_config_vars()  # of this Python, before it says that it is another
program, *sys.argv[1:] = sys.argv[1:]
sys.platform = "darwin"
if program == "guard":
    from tipstaff_policy.guard import run
else:
    from tipstaff_cli.__main__ import run
run()
