"""What of the surroundings follows from the state alone, so that a report can be held to it.

Values to values: nothing here looks at the machine.
"""

from tipstaff_policy.clients.codex.config.other_keys import config_server_of
from tipstaff_policy.clients.codex.facts.provider import model_provider
from tipstaff_policy.clients.codex.facts.stated_rules import (
    device_values,
    find_stated_rules,
    log_out,
    readable_rules,
    store_use,
)
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.state import HostState


def derive_facts(state: HostState, found: HostFacts) -> HostFacts:
    """Return surroundings in which all that follows from the state is worked out again.

    Why the client's folder cannot be used is known from the machine, so that where the state has
    a fault the log-out stays as it was found.
    """
    stated, rules = find_stated_rules(state), readable_rules(state)
    return found._replace(
        rules=stated,
        store=store_use(state, rules, stated) if rules else None,
        device_values=device_values(state.layers) if TABLES[state.platform].device else None,
        log_out=found.log_out if state.faults else log_out(state, None),
        provider=model_provider(state, rules) if rules else None,
        config_server=config_server_of(state.layers, state.client.version),
    )
