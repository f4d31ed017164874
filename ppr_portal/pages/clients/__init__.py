"""What clients agreed to, owe and get: contracts, invoices, value, account data."""
