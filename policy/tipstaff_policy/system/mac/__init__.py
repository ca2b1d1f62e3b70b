"""What only a Mac has: preferences by force, the keychain, the unified log."""
