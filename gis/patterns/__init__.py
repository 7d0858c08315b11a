"""Patterns of counts in space and time: what stands out, and whether it is more than chance.

Pure functions of arrays: places are rows, and which place is whose neighbour is given.
"""
