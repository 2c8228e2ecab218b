"""Pages of choices, inspections, contracts and exits."""
