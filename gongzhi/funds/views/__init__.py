"""Pages of money, below /zijin/."""
