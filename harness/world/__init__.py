"""A world: server, fresh database, gateways, phones and browsers for one scenario, on one clock, gone at its end."""
