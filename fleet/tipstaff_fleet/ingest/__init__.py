"""From reports, as they come back from hosts, to rows."""
