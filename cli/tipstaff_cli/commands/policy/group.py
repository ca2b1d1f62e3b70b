"""``tipstaff policy``: the commands of the group, each from its own file."""

from collections.abc import Callable

from tipstaff_cli.commands import waiver
from tipstaff_cli.commands.policy import (
    author,
    diff,
    publish,
    render,
    show,
    sign,
    simulate,
    sync,
    verify,
)

COMMANDS: tuple[Callable[..., None], ...] = (
    author.init,
    author.lint,
    diff.diff,
    simulate.simulate,
    render.render,
    verify.verify,
    sign.sign,
    waiver.waive,
    sync.sync,
)
app = show.app
for command in COMMANDS:
    app.command()(command)
app.add_typer(publish.app, name="publish")
