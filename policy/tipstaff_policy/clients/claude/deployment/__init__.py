"""How a policy is written as files of the client."""
