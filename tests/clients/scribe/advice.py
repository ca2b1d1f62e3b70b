"""What the checks say of this client."""

from tipstaff_policy.model.advice import CheckAdvice

NO_SUCH = {
    "TIP105": "a login names one account only, and no workspace",
    "TIP109": "the client has one provider",
    "TIP202": "every store of the client is a plain file",
    "TIP206": "no store of the client falls back to another one",
    "TIP313": "no restriction of the client needs another one",
    "TIP314": "the client does not start where it cannot read a policy file",
    "TIP315": "lists of allowed methods are met, not united",
    "TIP402": "the client reads no certificates of its own",
    "TIP403": "the client writes no log of its sign-ins",
    "TIP404": "a sign-in comes back to no port",
    "TIP406": "the client runs no server for editors",
    "TIP410": "the client works through no other one",
    "TIP411": "its settings name no server",
}
ADVICE = {
    **{check: CheckAdvice(not_applicable=why) for check, why in NO_SUCH.items()},
    "TIP102": CheckAdvice(
        title="Organisation not allowed",
        fails_when="the active login belongs to an organisation outside the allowed ones",
        remedy="Run `scribe logout`, then sign in to an allowed organisation.",
    ),
    "TIP103": CheckAdvice(
        title="Login without an organisation",
        fails_when="an organisation is required and the active login belongs to none",
        remedy="Run `scribe logout`, then sign in to an allowed organisation.",
    ),
    "TIP201": CheckAdvice(
        remedy="State `store` in the administrators' scribe-settings.json.",
    ),
    "TIP204": CheckAdvice(
        fails_when="state.json or vault.json is a link, has further names, or is no regular file",
    ),
    "TIP301": CheckAdvice(
        remedy="Distribute scribe-settings.json with `allowedMethods` or `allowedOrganisations`.",
    ),
    "TIP306": CheckAdvice(
        remedy="Deliver the value by a profile of the domain com.example.scribe.",
    ),
    "TIP310": CheckAdvice(
        remedy="State the rule in the administrators' scribe-settings.json.",
    ),
    "TIP401": CheckAdvice(remedy="Update scribe, and remove the old one."),
    "TIP405": CheckAdvice(remedy="Remove what stands in the way, then run `tipstaff enforce`."),
}
