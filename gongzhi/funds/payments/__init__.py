"""Money for service charges comes in: by phone through a provider, at the counter, by the bank; receipts, refunds."""
