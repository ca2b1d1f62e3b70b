"""What a policy would do to every person of a store, with equal states judged once.

`classes` says which persons must end alike, `judging` judges one, `batches` judges rows without a
store, and `fleet` judges a store.
"""
