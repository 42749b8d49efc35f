"""Which story an article belongs to, and what it changes in the story's facts."""
