"""The maintenance fund: what is due, what was paid in, interest, renewal, and the way to every payment."""
