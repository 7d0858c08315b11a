"""A coverage edited elsewhere, held against its base: what was done to it, as operations."""
