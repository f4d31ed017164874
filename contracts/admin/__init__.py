from contracts.admin import calendars, contracts, plans

__all__ = ["calendars", "contracts", "plans"]
