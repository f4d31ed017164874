"""How agents and clients contest, and who answers."""
