"""What comes in and what waits: uploads, imports, sources, the hold queue, jobs, freshness."""
