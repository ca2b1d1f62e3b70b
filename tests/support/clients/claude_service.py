"""Programs of Tipstaff's in which Claude Code's service gives one answer to whose a login is."""

RUN = """
import sys
from tipstaff_policy.clients.claude import service
def answer(token, request):
    if {owner!r} is None:
        raise service.UnreachableError("cannot be reached")
    return {owner!r}
service._answer = answer
from {module} import main
sys.exit(main())
"""
CLI, GUARD = "tipstaff_cli.main", "tipstaff_policy.guard_command"


def answering(owner, module=CLI):
    """Return a program whose service names an organisation; None for one that does not answer."""
    return RUN.format(owner=owner, module=module)
