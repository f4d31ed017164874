from agents.admin import deliveries, intake, jobs, people, work

__all__ = ["deliveries", "intake", "jobs", "people", "work"]
