"""Colours that say one thing only: teal can be pressed, amber waits, red failed, green passed."""

from textual.theme import Theme

DARK = Theme(
    name="twofold-dark",
    primary="#2dd4bf",
    secondary="#2dd4bf",
    accent="#2dd4bf",
    warning="#fbbf24",
    error="#f87171",
    success="#4ade80",
    foreground="#e6e9ec",
    background="#14181c",
    surface="#1b2025",
    panel="#232a30",
    dark=True,
)
LIGHT = Theme(
    name="twofold-light",
    primary="#0b7268",
    secondary="#0b7268",
    accent="#0b7268",
    warning="#925800",
    error="#b42318",
    success="#1a7f37",
    foreground="#1c2126",
    background="#fbfcfd",
    surface="#eff2f4",
    panel="#e3e8ec",
    dark=False,
)
