"""What the purses share: accounts at the bank, their statements and matching, the pages of the books."""
