"""What agents are owed: plans, statements with their reasons, pay runs, payments, the ledger, and who read pay."""
