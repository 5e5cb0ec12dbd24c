"""Data only: the scenarios, flows and targets that come with Twofold."""
