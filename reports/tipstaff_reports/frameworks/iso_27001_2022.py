"""ISO/IEC 27001:2022, Annex A: controls, described in our own words."""

from tipstaff_reports.frameworks.model import Control, Evidence, Framework

FRAMEWORK = Framework(
    "iso-27001-2022",
    "ISO/IEC 27001:2022 Annex A",
    (
        Control(
            "5.15",
            "Rules of access",
            (
                Evidence(
                    ("TIP101", "TIP301"),
                    "A rule on how people may sign in is in force, and is kept on this host.",
                ),
                Evidence(
                    ("TIP102", "TIP103"),
                    "The rule into which workspaces people may sign in is kept on this host.",
                ),
            ),
        ),
        Control(
            "5.16",
            "Identities over their life",
            (
                Evidence(
                    ("TIP105",),
                    "A login stands for one identity, whose parts do not contradict each other.",
                ),
                Evidence(
                    ("TIP108",),
                    "It is unambiguous which of the identities present is the one in use.",
                ),
            ),
        ),
        Control(
            "5.17",
            "Secrets for authentication",
            (
                Evidence(
                    ("TIP104", "TIP202", "TIP206"),
                    "No secret is in a variable, or in plain text if a keyring is required.",
                ),
                Evidence(
                    ("TIP201", "TIP203", "TIP204"),
                    "Secrets are kept where the organisation wants them, for their owner only.",
                ),
                Evidence(
                    ("TIP107",),
                    "Secrets are renewed within the time that the organisation has set.",
                ),
                Evidence(
                    ("TIP403",),
                    "Secrets do not leak into the records of a sign-in.",
                ),
            ),
        ),
        Control(
            "5.18",
            "Rights of access are taken away",
            (
                Evidence(
                    ("TIP311", "TIP405"),
                    "Taking a login away would work here, and would be complete.",
                ),
                Evidence(
                    ("TIP207", "TIP406", "TIP407"),
                    "No forbidden login lives on in another store or in a running program.",
                ),
            ),
        ),
        Control(
            "5.23",
            "Use of cloud services",
            (
                Evidence(
                    ("TIP102",),
                    "The service is used inside the organisation's own tenancy.",
                ),
                Evidence(
                    ("TIP109",),
                    "The service that answers is the one that the organisation has contracted.",
                ),
                Evidence(
                    ("TIP410",),
                    "No work is handed to a client on another host.",
                ),
            ),
        ),
        Control(
            "5.36",
            "Conformity with own policies",
            (
                Evidence(
                    ("TIP301", "TIP309"),
                    "There is a policy in force whose validity has not ended.",
                ),
                Evidence(
                    ("TIP305",),
                    "The policy can be conformed with: it leaves a way to sign in.",
                ),
                Evidence(
                    ("TIP205",),
                    "Conformity could be reviewed, because every login could be read.",
                ),
            ),
        ),
        Control(
            "8.1",
            "Devices of users",
            (
                Evidence(
                    ("TIP302", "TIP306"),
                    "The user of the device cannot override the restrictions.",
                ),
                Evidence(
                    ("TIP409",),
                    "Every client on the device starts behind the guard.",
                ),
            ),
        ),
        Control(
            "8.5",
            "Secure authentication",
            (
                Evidence(
                    ("TIP106",),
                    "Who authenticated is proven by a signature of a trusted issuer.",
                ),
                Evidence(
                    ("TIP404",),
                    "The answer to a sign-in in the browser reaches only the client.",
                ),
            ),
        ),
        Control(
            "8.8",
            "Technical vulnerabilities",
            (
                Evidence(
                    ("TIP401",),
                    "Versions of the client that are too old to be safe are not in use.",
                ),
            ),
        ),
        Control(
            "8.9",
            "Management of configurations",
            (
                Evidence(
                    ("TIP304", "TIP310", "TIP313", "TIP314", "TIP315"),
                    "The configuration takes effect as written with the installed version.",
                ),
                Evidence(
                    ("TIP303", "TIP307"),
                    "The configuration is changed by administrators and not in a user's files.",
                ),
                Evidence(
                    ("TIP411",),
                    "A part of the configuration that a server states is named.",
                ),
                Evidence(
                    ("TIP308", "TIP312"),
                    "The configuration on the host is the intended one, in its newest version.",
                ),
            ),
        ),
        Control(
            "8.24",
            "Use of cryptography",
            (
                Evidence(
                    ("TIP202", "TIP206"),
                    "Logins at rest are encrypted by the keyring where the policy orders one.",
                ),
            ),
        ),
    ),
)  # fmt: skip
