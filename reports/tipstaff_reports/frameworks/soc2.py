"""SOC 2, Trust Services Criteria of 2017: common criteria, described in our own words."""

from tipstaff_reports.frameworks.model import Control, Evidence, Framework

FRAMEWORK = Framework(
    "soc2",
    "SOC 2 Trust Services Criteria (2017)",
    (
        Control(
            "CC5.3",
            "Controls are put to work through policies",
            (
                Evidence(
                    ("TIP301", "TIP309"),
                    "The policy on signing in is deployed on this host and valid.",
                ),
                Evidence(
                    ("TIP305",),
                    "The policy can be carried out, since it leaves a way to sign in.",
                ),
            ),
        ),
        Control(
            "CC6.1",
            "Logical access to protected information",
            (
                Evidence(
                    ("TIP101", "TIP102", "TIP103", "TIP301"),
                    "Rules are in force, and access is by an approved method and workspace.",
                ),
                Evidence(
                    ("TIP105", "TIP106", "TIP108"),
                    "Access belongs to one identity, which its issuer has confirmed.",
                ),
                Evidence(
                    ("TIP104", "TIP201", "TIP202", "TIP206"),
                    "Credentials are protected by the store that was chosen, not left in the open.",
                ),
                Evidence(
                    ("TIP203", "TIP204"),
                    "The credential file is within reach of its owner alone.",
                ),
            ),
        ),
        Control(
            "CC6.2",
            "Credentials are withdrawn when they are no longer authorised",
            (
                Evidence(
                    ("TIP107",),
                    "A credential stops being used when its permitted time is over.",
                ),
                Evidence(
                    ("TIP207",),
                    "No withdrawn or forgotten credential remains on the host.",
                ),
            ),
        ),
        Control(
            "CC6.3",
            "Access is changed and removed as decided",
            (
                Evidence(
                    ("TIP311", "TIP405"),
                    "A decision to remove access would be carried out in full here.",
                ),
                Evidence(
                    ("TIP406", "TIP407"),
                    "Removed access has ended in running programs as well.",
                ),
            ),
        ),
        Control(
            "CC6.6",
            "Threats from outside the boundary",
            (
                Evidence(
                    ("TIP109",),
                    "Nothing is sent to a provider outside of the agreed boundary.",
                ),
                Evidence(
                    ("TIP410",),
                    "No work is handed to a client outside of the host.",
                ),
                Evidence(
                    ("TIP404",),
                    "No foreign listener on the host can catch the answer to a sign-in.",
                ),
            ),
        ),
        Control(
            "CC6.7",
            "Information on the move",
            (
                Evidence(
                    ("TIP403",),
                    "Logs that may be sent along for support hold no credential.",
                ),
                Evidence(
                    ("TIP402",),
                    "The authorities by which connections are verified are not expired.",
                ),
            ),
        ),
        Control(
            "CC6.8",
            "Unauthorised software and changes are prevented",
            (
                Evidence(
                    ("TIP409",),
                    "A client that would start past the guard is detected.",
                ),
                Evidence(
                    ("TIP302", "TIP306", "TIP307"),
                    "A user cannot change what restricts the client.",
                ),
                Evidence(
                    ("TIP411",),
                    "A part of the rules that a server states is named.",
                ),
            ),
        ),
        Control(
            "CC7.1",
            "Changed configurations and new vulnerabilities are detected",
            (
                Evidence(
                    ("TIP304", "TIP310", "TIP312", "TIP313", "TIP314", "TIP315"),
                    "Settings with no effect, with less than they read, or stale, are detected.",
                ),
                Evidence(
                    ("TIP308",),
                    "A configuration that drifted from the decided one is detected.",
                ),
                Evidence(
                    ("TIP401", "TIP408"),
                    "Versions that are too old or unproven are detected.",
                ),
            ),
        ),
        Control(
            "CC8.1",
            "Changes are authorised",
            (
                Evidence(
                    ("TIP303",),
                    "Only administrators are able to change the policy on this host.",
                ),
            ),
        ),
    ),
)  # fmt: skip
