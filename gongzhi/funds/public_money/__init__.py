"""Public money: budgets, what a scheme grants to whom, claims from evidence to audit, spending in the open."""
