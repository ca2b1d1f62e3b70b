"""What changes for whom between two policies."""
