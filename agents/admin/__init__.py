from agents.admin import intake, jobs, people, work

__all__ = ["intake", "jobs", "people", "work"]
