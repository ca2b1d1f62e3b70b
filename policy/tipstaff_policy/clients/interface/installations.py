"""Which installations of a client judge every state alike."""

from tipstaff_policy.model.state import Client


def make_judging_key(client: Client) -> tuple[str, tuple[str, ...], str]:
    """Return what clients have in common that judge every state alike."""
    return client.precedence, client.may_be, client.version_source


def drop_alike(clients: tuple[Client, ...]) -> tuple[Client, ...]:
    """Return one client, the first, of those that judge every state alike."""
    return tuple({make_judging_key(client): client for client in reversed(clients)}.values())[::-1]
