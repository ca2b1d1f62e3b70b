"""TIP409: a client can be started by its name without the guard in front of it."""

from tipstaff_policy.checks.model import NOT_LOOKED, Check, Evidence, Host, Outcome, not_applicable

CHECK = Check(
    id="TIP409",
    title="Client without the guard",
    severity="medium",
    since="0.1.0",
    fails_when="a program of the client on the path, or in a folder for the programs of all users, "
    "is not Tipstaff's shim",
    rationale="A client that is started there starts without a check of its credential.",
    remedy="Run `tipstaff install`; remove a client that a user has put first on the path.",
    source="docs/guard.md, The shim",
    fails_on="examples/hosts/unguarded-client",
    passes_on="examples/hosts/guarded-client",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each program that is started by the client's name."""
    programs = host.surroundings.programs
    if not programs:
        why = NOT_LOOKED if programs is None else "no program of the client was found"
        return not_applicable(why, "client")
    return tuple(
        Outcome(
            "fail" if program.unguarded else "pass",
            program.path,
            program.unguarded or "the guard stands in front",
            "Tipstaff's shim",
            (Evidence(program.path),),
        )
        for program in programs
    )
