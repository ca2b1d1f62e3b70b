"""Sign-in rules as their layers state them, made of values."""

from tipstaff_policy.model.host_facts import StatedRule
from tipstaff_policy.model.state import Origin


def rule(about="login method", allows=("chatgpt",), key=None, layer="requirements", **more):
    held_by = {
        "requirements": "administrators",
        "managed": "administrators",
        "system": "administrators",
        "user": "user",
    }
    facts = {
        "held_by": held_by.get(layer, "start"),
        "beatable": layer not in ("requirements", "managed"),
        "heeded": True,
        "in_force": True,
        **more,
    }
    return StatedRule(about, key or about, allows, Origin(layer, f"/{layer}", 1), **facts)
