from agents.admin import costs, deliveries, intake, jobs, people, plans, quality, scorecards, work

__all__ = ["costs", "deliveries", "intake", "jobs", "people", "plans", "quality", "scorecards", "work"]
