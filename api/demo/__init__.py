"""The generated city that ``make run`` shows: names are real, everything else is made up.

Each module makes one thing from a seed and, where time matters, a clock.
"""
