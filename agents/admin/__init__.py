from agents.admin import deliveries, intake, jobs, people, plans, quality, work

__all__ = ["deliveries", "intake", "jobs", "people", "plans", "quality", "work"]
