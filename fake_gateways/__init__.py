"""Stand-ins for the mail, text-message and push networks. Nothing sent here leaves the machine."""
