"""From bytes and texts to values, for formats that several rooms read."""
