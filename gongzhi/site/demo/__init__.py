"""The demonstration: data files, and what loads and removes them."""
