"""CIS Critical Security Controls, version 8: safeguards, described in our own words."""

from tipstaff_reports.frameworks.model import Control, Evidence, Framework

FRAMEWORK = Framework(
    "cis-v8",
    "CIS Controls v8",
    (
        Control(
            "2.2",
            "Authorised software is supported",
            (
                Evidence(
                    ("TIP401",),
                    "The client is a version that the organisation still accepts.",
                ),
                Evidence(
                    ("TIP408",),
                    "The client is a version whose behaviour under the policy was tried.",
                ),
            ),
        ),
        Control(
            "2.3",
            "Unauthorised software is dealt with",
            (
                Evidence(
                    ("TIP409",),
                    "Unguarded copies of the client are found and listed.",
                ),
            ),
        ),
        Control(
            "3.3",
            "Access lists on data",
            (
                Evidence(
                    ("TIP203", "TIP204"),
                    "The file with the login is open to its owner only, under its one name.",
                ),
                Evidence(
                    ("TIP303",),
                    "Policy files and the folders above them are writable by administrators only.",
                ),
                Evidence(
                    ("TIP403",),
                    "Logs of signing in are open to their owner only.",
                ),
            ),
        ),
        Control(
            "3.11",
            "Sensitive data is encrypted at rest",
            (
                Evidence(
                    ("TIP202", "TIP206"),
                    "If an encrypted store is required, no login is stored in plain text.",
                ),
                Evidence(
                    ("TIP104",),
                    "No login is in a variable, where nothing encrypts it.",
                ),
            ),
        ),
        Control(
            "4.1",
            "Secure configuration of software",
            (
                Evidence(
                    ("TIP301", "TIP305", "TIP309"),
                    "A configuration that restricts signing in is in force, workable and valid.",
                ),
                Evidence(
                    ("TIP302", "TIP306", "TIP307"),
                    "The configuration cannot be overridden by a user, a project or a flag.",
                ),
                Evidence(
                    ("TIP411",),
                    "A part of the configuration that a server states is named.",
                ),
                Evidence(
                    ("TIP304", "TIP310", "TIP313", "TIP314", "TIP315"),
                    "What is configured is read, and obeyed in full, by the installed version.",
                ),
                Evidence(
                    ("TIP308", "TIP312"),
                    "The configuration on the host is the one that was decided on last.",
                ),
            ),
        ),
        Control(
            "6.2",
            "Access is revoked by a process",
            (
                Evidence(
                    ("TIP311", "TIP405"),
                    "Revoking access on this host would succeed and remove the login.",
                ),
                Evidence(
                    ("TIP406", "TIP407"),
                    "Access that was revoked is not kept alive by a running program.",
                ),
                Evidence(
                    ("TIP107", "TIP207"),
                    "No login that is over its time, or forgotten somewhere, can still be used.",
                ),
            ),
        ),
        Control(
            "6.7",
            "Access control is central",
            (
                Evidence(
                    ("TIP102", "TIP103"),
                    "Access is granted through a workspace that the organisation administers.",
                ),
                Evidence(
                    ("TIP101",),
                    "The method of signing in is one that was decided on centrally.",
                ),
                Evidence(
                    ("TIP105", "TIP106"),
                    "The login is of one workspace, from the issuer that is trusted centrally.",
                ),
                Evidence(
                    ("TIP109",),
                    "No provider of the user's own bypasses the central control.",
                ),
                Evidence(
                    ("TIP410",),
                    "No work is done by a login on another host.",
                ),
            ),
        ),
    ),
)  # fmt: skip
