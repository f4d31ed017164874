"""How a server's collector of garbage is set: what is there for good stays out of its rounds, and a page is made between two of them."""

import gc

# Python looks after every 700 new objects. A page makes some tens of thousands, nearly all of which go by themselves; looked through
# thirty times, they cost a fifth of its time, and a round through everything took a tenth of a second out of some request.
OBJECTS_BETWEEN_ROUNDS = 50_000
ROUNDS_OF_OLDER = (10, 10)


def settle_collector() -> None:
    """Set the collector; called once, when the server has loaded what it needs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_ROUNDS, *ROUNDS_OF_OLDER)
