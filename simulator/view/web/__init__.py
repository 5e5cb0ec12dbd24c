"""The phone in a browser: its terminal, served to this machine only. Nothing is loaded from elsewhere."""
