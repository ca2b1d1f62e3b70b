"""What only Windows has, each part by the functions that Microsoft documents (ADR 0067)."""
