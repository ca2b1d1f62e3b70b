"""Documents as text for people, one file a document."""
