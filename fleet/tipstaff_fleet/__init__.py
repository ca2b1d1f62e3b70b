"""Evidence of many hosts: their reports in a store, and questions that are asked of all of them."""
