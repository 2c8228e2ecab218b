"""Pages of service charges: projects and prices, runs and bills, accounts and arrears."""
