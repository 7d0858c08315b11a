"""The generated city that make run shows."""
