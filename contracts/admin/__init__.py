from contracts.admin import contracts, plans

__all__ = ["contracts", "plans"]
