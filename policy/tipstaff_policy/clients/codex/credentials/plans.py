"""The plans of an account, as the client names them, and for which it asks the service's policy.

Source: tests/conformance/test_plans.py (clients 0.169.0 and 0.171.0; `PlanType` of the schema that
`codex app-server generate-json-schema` writes).
"""

_OF_ORGANISATIONS = (
    "business",
    "ent26",
    "enterprise_cbp_automation",
    "enterprise_cbp_usage_based",
    "enterprise",
    "edu",
    "edu_plus",
    "edu_pro",
    "sci",
    "sci_plus",
)
PLANS = (
    "free",
    "go",
    "plus",
    "pro",
    "prolite",
    "promax",
    "team",
    "self_serve_business_prolite",
    "self_serve_business_usage_based",
    *_OF_ORGANISATIONS,
    "unknown",
)
"""All that the client publishes."""
ALIASES = ("education", "hc")
"""What a token may say and the client reads as one of them."""
MANAGED_PLANS = (*_OF_ORGANISATIONS, *ALIASES)
"""For these the client does not start before the service has answered."""
