"""The tally of an owners' vote: a pure function over (roll, rules, events). Whole numbers only; no Django, no clock."""
