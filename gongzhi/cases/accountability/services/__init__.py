"""The commands of accountability. Every one takes `actor` and `now`."""
