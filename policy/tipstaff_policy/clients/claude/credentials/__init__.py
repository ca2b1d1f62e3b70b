"""Where the client finds a credential, and what it takes for one."""
