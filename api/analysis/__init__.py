"""What is asked about many cases at once: counts, patterns, findings."""
