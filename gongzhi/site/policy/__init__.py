"""The pages about documents: their clauses, what they leave open, what they answer."""
