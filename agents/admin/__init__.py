from agents.admin import deliveries, intake, jobs, people, quality, work

__all__ = ["deliveries", "intake", "jobs", "people", "quality", "work"]
