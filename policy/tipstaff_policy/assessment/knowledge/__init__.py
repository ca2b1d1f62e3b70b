"""Knowledge of clients' versions as a signed document apart from the program (ADR 0071)."""
