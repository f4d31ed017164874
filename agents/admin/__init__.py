from agents.admin import costs, deliveries, intake, jobs, people, plans, quality, work

__all__ = ["costs", "deliveries", "intake", "jobs", "people", "plans", "quality", "work"]
