"""The PostGIS store: every table, every query, the embedded cluster.

A caller opens one ``transaction`` per request or job and passes it to the
query functions; only ``transaction`` commits.
"""
