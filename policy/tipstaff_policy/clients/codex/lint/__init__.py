"""What is wrong or in vain in the client's own files."""
