"""What the client does at start-up."""
