"""What belongs to whoever is signed in: search, notifications, saved filters, preferences, signed-in browsers."""
