"""What a measurement must know of the client's keys, since no refusal shows it."""

from pathlib import Path

WORDS = Path(__file__).with_name("key_words.txt")
"""Words that the program does not hold in one piece."""
BASES = {
    "config": {
        "mcp_servers.*": ({"command": "x"}, {"url": "x"}),
        "mcp_servers.*.env_vars.[]": ({"name": "x"},),
        "mcp_servers.*.oauth": ({}, {"client_id": "x"}),
        "model_providers.*": ({"name": "x"},),
        "permissions.*": ({},),
    },
    "requirements": {
        "mcp_servers.*": ({"identity": {"command": "x"}},),
        "mcp_servers.*.identity": ({"command": "x"}, {"url": "x"}),
        "model_providers.*": ({"name": "x"},),
        "rules": ({"prefix_rules": [{"pattern": [{"token": "x"}], "decision": "prompt"}]},),
        "rules.prefix_rules.[]": ({"pattern": [{"token": "x"}], "decision": "prompt"},),
        "rules.prefix_rules.[].pattern.[]": ({"token": "x"}, {"any_of": ["x"]}),
        "config_server": ({"base_url": "https://x"},),
        "config_server.oauth": (
            {"authorization_url": "https://x", "token_url": "https://x", "client_id": "x"},
        ),
        "permissions.*": ({},),
        "plugins.*.mcp_servers.*": ({"identity": {"command": "x"}},),
        "plugins.*.mcp_servers.*.identity": ({"command": "x"}, {"url": "x"}),
    },
}
"""Members without which the client takes a table for incomplete; each is tried."""
PARTS = ("enabled", "usage_hint_enabled", "usage_hint_text", "root_agent_usage_hint_text",
         "subagent_usage_hint_text", "max_concurrent_threads_per_session", "tool_namespace",
         "hide_spawn_agent_metadata", "min_wait_timeout_ms", "max_wait_timeout_ms",
         "default_wait_timeout_ms", "non_code_mode_only", "excluded_tools", "path",
         "direct_only_tool_namespaces", "proxy_url", "domains", "mode", "limit", "budget",
         "name", "source", "subagent_developer_instructions", "preserve_fork_prefix",
         "multi_agent_mode_hint_text", "expose_spawn_agent_model_overrides", "wait_agent_enabled",
         "interrupt_at_item_boundary", "disable_native_tools", "disable_direct_message",
         "message_board_in_memory", "message_board_remote", "allow_upstream_proxy",
         "allow_local_binding", "enable_socks5", "enable_socks5_udp", "socks_url", "unix_sockets",
         "dangerously_allow_non_loopback_proxy", "dangerously_allow_all_unix_sockets",
         "experimental_mode")  # fmt: skip
"""Members of tables of which the client takes none that holds a member it does not know."""
PROVIDERS = ("amazon-bedrock", "amazon-bedrock-runtime", "azure", "lmstudio", "ollama",
            "ollama-chat", "openai", "openai-compatible", "oss")  # fmt: skip
PROFILES = (":read-only", ":workspace", ":danger-full-access", ":danger-no-sandbox",
                     ":full-access", ":workspace-write", ":external")  # fmt: skip
ONLY_TEXTS = {"mcp_servers.*.env_vars.[].source": ("local", "remote")}
"""Texts that the client shows only one by one."""
NAMED_MAPS = ("agents", "apps", "features", "permissions", "hooks", "permissions.*.filesystem")
"""Tables of any names, some of which are not like the others."""
SCOPED = (
    "permissions.*.filesystem.*",
    "features.network_proxy.domains",
    "features.network_proxy.unix_sockets",
)
"""Maps that stand next to another form of value, so that a refusal does not separate them from parts."""
RESERVED_NAMES = {"permissions": ("filesystem", "network")}
"""Members of a map of the requirements that are not like the others, though each takes a table."""
PAIRED = ("mcp_servers.*", "model_providers.*", "ghost_snapshot", "memories",
          "experimental_network", "network_proxy", "rules.prefix_rules.[].pattern.[]")  # fmt: skip
"""Tables some of whose members exclude each other."""
