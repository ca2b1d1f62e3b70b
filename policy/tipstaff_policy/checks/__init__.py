"""The checks; each is a file, imported only when it is selected. An id never changes."""

from tipstaff_policy import load_part
from tipstaff_policy.checks.model import Check, Evaluate

MODULES = {
    "TIP101": "login_method",
    "TIP102": "workspace",
    "TIP103": "no_workspace",
    "TIP104": "environment_credential",
    "TIP105": "claims_disagree",
    "TIP106": "signature",
    "TIP107": "age",
    "TIP108": "several_credentials",
    "TIP109": "custom_provider",
    "TIP201": "store",
    "TIP202": "plaintext_residue",
    "TIP203": "mode_or_owner",
    "TIP204": "link",
    "TIP205": "unreadable",
    "TIP206": "fall_back",
    "TIP207": "left_over",
    "TIP301": "no_policy",
    "TIP302": "overridable",
    "TIP303": "writable_policy",
    "TIP304": "unknown_key",
    "TIP305": "unsatisfiable",
    "TIP306": "not_forced",
    "TIP307": "personal_rule",
    "TIP308": "drift",
    "TIP309": "validity",
    "TIP310": "ineffective",
    "TIP311": "log_out_blocked",
    "TIP312": "newer_schema",
    "TIP313": "open_restriction",
    "TIP314": "unread_policy",
    "TIP315": "widened_restriction",
    "TIP401": "old_client",
    "TIP402": "ca_bundle",
    "TIP403": "login_diagnostics",
    "TIP404": "callback_ports",
    "TIP405": "removal_fails",
    "TIP406": "editor_server",
    "TIP407": "still_held",
    "TIP408": "unproven_client",
    "TIP409": "unguarded_client",
    "TIP410": "remote_session",
    "TIP411": "config_server",
}


def load_check(check_id: str) -> tuple[Check, Evaluate]:
    """Return a check's metadata and its function."""
    module = f"{__name__}.{MODULES[check_id]}"
    return load_part(f"{module}:CHECK"), load_part(f"{module}:evaluate")
