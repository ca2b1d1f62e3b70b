"""What is known of the client's own files before they ship."""
