"""HTTP routes; they only translate."""
