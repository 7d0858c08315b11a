"""Taking in reports: the requests of the moment become one transaction."""
