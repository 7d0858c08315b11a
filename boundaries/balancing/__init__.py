"""The search behind ``boundaries.balance``: starts, walks, exact proofs, today's map improved."""
