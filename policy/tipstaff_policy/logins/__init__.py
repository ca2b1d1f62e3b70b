"""What the commands about stored logins do: log out, move, revoke, sign in."""
