"""The phone's screens: each with one title, one main action and a way back."""
