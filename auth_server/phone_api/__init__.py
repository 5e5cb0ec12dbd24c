"""The phone API: what the broker's app says to the server. docs/phone-api.md describes it whole."""

from auth_server.phone_api.routes import PREFIX, NotLoggedInError, not_logged_in, router

__all__ = ["PREFIX", "NotLoggedInError", "not_logged_in", "router"]
