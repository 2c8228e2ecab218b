"""Money for other programs: the same figures, forms, rights and refusals as the pages. Owners pay on their phones."""
