"""The phone as a person sees it: a Textual widget that shows the core's state and passes touches on to it."""
