"""From a request to the state of a host."""
