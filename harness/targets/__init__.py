"""The server under test: how to have it, what it can do, how to create a customer, and what its messages look like."""
