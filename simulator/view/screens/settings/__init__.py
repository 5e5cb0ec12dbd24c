"""The Settings app: what the phone's owner, or whoever tries a server with it, can change about the phone."""
