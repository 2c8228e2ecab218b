"""What the `api.py` of every app is made of: keys and scopes, problems, pages, replies kept, forms as JSON."""
