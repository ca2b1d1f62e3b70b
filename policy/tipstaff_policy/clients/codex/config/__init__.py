"""The client's configuration: layers, keys, rules."""
