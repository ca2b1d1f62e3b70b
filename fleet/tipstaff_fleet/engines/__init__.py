"""Where questions run: DuckDB in the process, or an engine that the organisation has."""
