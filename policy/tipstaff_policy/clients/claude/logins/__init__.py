"""What the commands about stored logins ask of this client."""
