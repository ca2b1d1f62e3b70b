"""The values that the engine works on; nothing here reads or writes."""
