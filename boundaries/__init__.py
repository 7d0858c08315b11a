"""Reading, checking and publishing the coverage of a city's grids."""
