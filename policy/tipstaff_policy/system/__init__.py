"""Files, folders, services and the network, as the operating system gives them."""
