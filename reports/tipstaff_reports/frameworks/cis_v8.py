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
                    "Copies of the client that nobody guards are found and named.",
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
            "3.10",
            "Sensitive data is encrypted in transit",
            (
                Evidence(
                    ("TIP402",),
                    "The client has usable certificates to verify the service before it sends.",
                ),
            ),
        ),
        Control(
            "3.11",
            "Sensitive data is encrypted at rest",
            (
                Evidence(
                    ("TIP201",),
                    "Logins are kept in a store that the organisation has chosen for them.",
                ),
                Evidence(
                    ("TIP202", "TIP206"),
                    "Where an encrypted store is ordered, no login lies in plain text.",
                ),
                Evidence(
                    ("TIP104",),
                    "No login stands in a variable, where nothing encrypts it.",
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
                    ("TIP304", "TIP310"),
                    "What is configured is read, and obeyed, by the installed version.",
                ),
                Evidence(
                    ("TIP308", "TIP312"),
                    "The configuration on the host is the one that was decided on last.",
                ),
            ),
        ),
        Control(
            "4.8",
            "Unnecessary services are off",
            (
                Evidence(
                    ("TIP404",),
                    "No other service occupies the ports that a sign-in uses on this host.",
                ),
            ),
        ),
        Control(
            "5.1",
            "Inventory of accounts",
            (
                Evidence(
                    ("TIP105", "TIP108"),
                    "It is certain which account, of which workspace, the client acts for.",
                ),
                Evidence(
                    ("TIP205",),
                    "Every stored login could be read and attributed, none is unknown.",
                ),
            ),
        ),
        Control(
            "5.3",
            "Dormant accounts are disabled",
            (
                Evidence(
                    ("TIP107",),
                    "No login that has not been renewed for too long can still be used here.",
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
                    ("TIP207",),
                    "No login remains in a place that revoking would not look into.",
                ),
            ),
        ),
        Control(
            "6.3",
            "Several factors for applications that are exposed",
            (
                Evidence(
                    ("TIP101",),
                    "The sign-in goes where a further factor can be asked for, not by a bare key.",
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
                    ("TIP106",),
                    "The login was issued by the provider of identities that is trusted centrally.",
                ),
                Evidence(
                    ("TIP109",),
                    "No provider of the user's own stands outside of the central control.",
                ),
            ),
        ),
    ),
)  # fmt: skip
