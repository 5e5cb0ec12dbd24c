"""The pages of the back office: thin ones, over the same rules as the JSON API."""
