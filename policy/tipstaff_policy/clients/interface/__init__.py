"""What an adapter of a client gives to the engine."""
