"""Quality work between people: reviews, feedback, coaching, improvement plans, training, check-ins."""
