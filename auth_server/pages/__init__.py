"""The pages: what a customer's browser gets, and what it may send."""
