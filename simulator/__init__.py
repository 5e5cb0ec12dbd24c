"""A customer's phone in the terminal: its core without a screen, its apps, and the view that shows them."""
