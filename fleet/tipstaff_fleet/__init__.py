"""Evidence of many hosts: reports are gathered in a store, and questions are asked of all of them."""
