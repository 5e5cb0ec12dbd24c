"""Loads scenarios, opens a world, lets the actors play, and tells what happened."""
