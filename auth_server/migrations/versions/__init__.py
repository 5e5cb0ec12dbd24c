"""The steps, oldest first. One that databases out there have taken is never changed."""
