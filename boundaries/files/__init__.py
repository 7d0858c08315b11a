"""Files of coverages, counts and people: read and written, faults told by row and column."""
