"""Common revenue: what the owners' shared parts earn, what it may be spent on, and what is shown of it."""
