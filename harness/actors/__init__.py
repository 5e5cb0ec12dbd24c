"""Those who act in a scenario: phone, browser, mailbox, text messages, the server's staff, the clock."""
