"""The phone's app for one-time passwords of any site, without a screen: TOTP and HOTP, scanned or typed."""
