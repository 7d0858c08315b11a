"""The counts for everybody: releasing them, and what they are asked."""
