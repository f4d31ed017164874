"""A team lead's day: the team, one agent, when it is busy, what changed."""
