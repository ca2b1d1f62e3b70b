"""How credentials stand to the rules of the administrators' files."""
