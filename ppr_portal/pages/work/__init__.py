"""What agents did and how it went: resolutions, first contacts, scores, load and rest, signals."""
