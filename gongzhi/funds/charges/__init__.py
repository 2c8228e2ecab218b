"""Service charges: what may be asked for, bills in runs, how money settles them, arrears, what is shown of prices."""
