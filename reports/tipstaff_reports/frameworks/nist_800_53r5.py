"""NIST SP 800-53 Revision 5; titles as in its catalogue."""

from tipstaff_reports.frameworks.model import Control, Evidence, Framework

FRAMEWORK = Framework(
    "nist-800-53r5",
    "NIST SP 800-53 Rev. 5",
    (
        Control(
            "AC-2",
            "Account Management",
            (
                Evidence(
                    ("TIP101", "TIP301"),
                    "A rule on accounts is in force, and the account in use is of an allowed kind.",
                ),
                Evidence(
                    ("TIP108",),
                    "One account acts in the client, so its use can be attributed to a person.",
                ),
            ),
        ),
        Control(
            "AC-3",
            "Access Enforcement",
            (
                Evidence(
                    ("TIP102", "TIP103"),
                    "The workspace of a login is known and authorised when it signs in.",
                ),
                Evidence(
                    ("TIP310", "TIP313", "TIP314"),
                    "The installed version enforces the restriction on every credential.",
                ),
            ),
        ),
        Control(
            "AC-6",
            "Least Privilege",
            (
                Evidence(
                    ("TIP203",),
                    "Only its owner has rights on the credential file.",
                ),
                Evidence(
                    ("TIP303",),
                    "Only the administrators can change the restrictions.",
                ),
            ),
        ),
        Control(
            "AC-12",
            "Session Termination",
            (
                Evidence(
                    ("TIP311", "TIP405"),
                    "A log-out that is triggered would not be refused, and would leave no login.",
                ),
                Evidence(
                    ("TIP406", "TIP407"),
                    "No process goes on with a login that is forbidden or was removed.",
                ),
            ),
        ),
        Control(
            "AC-20",
            "Use of External Systems",
            (
                Evidence(
                    ("TIP102",),
                    "Work goes to a workspace under the organisation's terms, to no private one.",
                ),
                Evidence(
                    ("TIP109",),
                    "No provider of the user's own takes the place of the authorised service.",
                ),
                Evidence(
                    ("TIP410",),
                    "No work is done by a login on another host.",
                ),
            ),
        ),
        Control(
            "CM-2",
            "Baseline Configuration",
            (
                Evidence(
                    ("TIP308",),
                    "What is deployed is the baseline that the organisation keeps.",
                ),
                Evidence(
                    ("TIP312",),
                    "The newest baseline is in force and not the last one that could be read.",
                ),
            ),
        ),
        Control(
            "CM-5",
            "Access Restrictions for Change",
            (
                Evidence(
                    ("TIP303",),
                    "Changes to policy files are open to administrators only, up to the root.",
                ),
                Evidence(
                    ("TIP306",),
                    "Managed values are forced, so that a user's change has no effect.",
                ),
            ),
        ),
        Control(
            "CM-6",
            "Configuration Settings",
            (
                Evidence(
                    ("TIP301", "TIP305", "TIP309"),
                    "Settings that restrict signing in are in force, can be met, and are valid.",
                ),
                Evidence(
                    ("TIP302", "TIP307"),
                    "Settings are set where a user, a project or a flag cannot deviate from them.",
                ),
                Evidence(
                    ("TIP411",),
                    "A part of the settings that a server states is named.",
                ),
                Evidence(
                    ("TIP304", "TIP315"),
                    "Every setting is spelt and placed so that the client reads it as meant.",
                ),
            ),
        ),
        Control(
            "CM-11",
            "User-Installed Software",
            (
                Evidence(
                    ("TIP409",),
                    "No copy of the client, by whomever installed, starts without the guard.",
                ),
            ),
        ),
        Control(
            "IA-2",
            "Identification and Authentication (Organizational Users)",
            (
                Evidence(
                    ("TIP101", "TIP301"),
                    "A rule on methods is in force, and the user is signed in by one of them.",
                ),
                Evidence(
                    ("TIP105",),
                    "All parts of a login name the same workspace, so that the identity is one.",
                ),
                Evidence(
                    ("TIP106",),
                    "The claims of a login are signed by an issuer that the organisation trusts.",
                ),
            ),
        ),
        Control(
            "IA-5",
            "Authenticator Management",
            (
                Evidence(
                    ("TIP207",),
                    "No authenticator is left behind in an unmanaged place.",
                ),
                Evidence(
                    ("TIP204",),
                    "The authenticator is one file, so that revoking it reaches every name of it.",
                ),
                Evidence(
                    ("TIP205",),
                    "Every authenticator that was found could be read and accounted for.",
                ),
            ),
        ),
        Control(
            "IA-5(6)",
            "Authenticator Management | Protection of Authenticators",
            (
                Evidence(
                    ("TIP201", "TIP203"),
                    "Authenticators are in an approved store that only their owner can read.",
                ),
                Evidence(
                    ("TIP403",),
                    "Diagnostics of signing in hold no authenticator and are not open to others.",
                ),
            ),
        ),
        Control(
            "IA-5(7)",
            "Authenticator Management | No Embedded Unencrypted Static Authenticators",
            (
                Evidence(
                    ("TIP104",),
                    "No static key is in a variable, and so in no script that sets it.",
                ),
                Evidence(
                    ("TIP202", "TIP206"),
                    "No authenticator is, or would be, stored unencrypted outside of the keyring.",
                ),
            ),
        ),
        Control(
            "IA-5(13)",
            "Authenticator Management | Expiration of Cached Authenticators",
            (
                Evidence(
                    ("TIP107",),
                    "A cached login is used no longer than the organisation allows.",
                ),
            ),
        ),
        Control(
            "SC-17",
            "Public Key Infrastructure Certificates",
            (
                Evidence(
                    ("TIP402",),
                    "The authorities that the client is set to trust are readable and not expired.",
                ),
            ),
        ),
        Control(
            "SC-23",
            "Session Authenticity",
            (
                Evidence(
                    ("TIP404",),
                    "No other program waits at the ports to which a sign-in returns its code.",
                ),
            ),
        ),
        Control(
            "SC-28",
            "Protection of Information at Rest",
            (
                Evidence(
                    ("TIP202", "TIP206"),
                    "If a keyring is required, no credential is in plain text outside of it.",
                ),
            ),
        ),
        Control(
            "SI-2",
            "Flaw Remediation",
            (
                Evidence(
                    ("TIP401",),
                    "The client is not older than the version that the organisation requires.",
                ),
            ),
        ),
        Control(
            "SI-6",
            "Security and Privacy Function Verification",
            (
                Evidence(
                    ("TIP408",),
                    "Enforcement in the installed version was tested and behaves as predicted.",
                ),
            ),
        ),
        Control(
            "SI-7",
            "Software, Firmware, and Information Integrity",
            (
                Evidence(
                    ("TIP308",),
                    "A deployed file that differs from the organisation's document is detected.",
                ),
                Evidence(
                    ("TIP106",),
                    "A login whose tokens were altered or made up is detected by its signature.",
                ),
            ),
        ),
    ),
)  # fmt: skip
