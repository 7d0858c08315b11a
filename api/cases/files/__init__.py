"""Reading tables that people hand in: every cell as text, every row with its line."""
