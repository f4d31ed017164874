from contracts.admin import baselines, calendars, contracts, plans

__all__ = ["baselines", "calendars", "contracts", "plans"]
