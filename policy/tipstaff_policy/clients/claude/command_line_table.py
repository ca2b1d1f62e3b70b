"""The options and commands of the client's command line, as its help of 2.1.332 lists them."""

from typing import Literal

Takes = Literal["none", "one", "maybe", "many"]
"""How many values an option has: none, one, one or none, or all that follow."""

ONE = (
    "--agent --agents --append-system-prompt --append-system-prompt-file --autocompact "
    "--debug-file --effort --environment --fallback-model --input-format --json-schema "
    "--managed-settings --max-budget-usd --max-thinking-tokens --max-turns --model -n --name "
    "--output-format --permission-mode --permission-prompt-tool --permission-prompts "
    "--plugin-dir --plugin-url --remote-control-session-name-prefix --session-id "
    "--setting-sources --settings --system-prompt --system-prompt-file "
    "--system-prompt-snapshot"
)
MANY = (
    "--add-dir --allowedTools --allowed-tools --betas --disallowedTools --disallowed-tools --file "
    "--mcp-config --tools"
)
MAYBE = (
    "--cloud -d --debug --from-pr --prompt-suggestions --remote-control -r --resume --teleport -w "
    "--worktree --tmux"
)
NONE = (
    "--allow-dangerously-skip-permissions --ax-screen-reader --bg --background --bare --brief "
    "--chrome -c --continue --dangerously-skip-permissions --desktop --disable-slash-commands "
    "--exclude-dynamic-system-prompt-sections --fork-session --forward-subagent-text -h --help "
    "--ide --include-hook-events --include-partial-messages --no-chrome --no-session-persistence "
    "-p --print --replay-user-messages --restricted --safe-mode --strict-mcp-config --verbose -v "
    "--version"
)
OPTIONS: dict[str, Takes] = {
    **dict.fromkeys(ONE.split(), "one"),
    **dict.fromkeys(MANY.split(), "many"),
    **dict.fromkeys(MAYBE.split(), "maybe"),
    **dict.fromkeys(NONE.split(), "none"),
}
COMMANDS = (
    "agents", "attach", "auth", "auto-mode", "doctor", "gateway", "import", "install", "logs",
    "mcp", "plugin", "plugins", "purge", "respawn", "rm", "setup-token", "stop", "kill",
    "ultrareview", "update", "upgrade", "help",
)  # fmt: skip
"""The first words that are no prompt."""
UNSIGNED = frozenset(
    {
        ("auth", "login"),
        ("auth", "logout"),
        ("auth", "help"),
        ("install",),
        ("update",),
        ("upgrade",),
        ("help",),
    }
)
"""The commands that sign in by no stored credential and by no variable. A log-out and a new login
only revoke what was stored."""
