"""Every document that crosses a boundary, as a model, and the JSON Schemas made from the models."""
