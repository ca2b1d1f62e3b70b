"""The client's settings: documents, layers, keys, and the one merge of them."""
