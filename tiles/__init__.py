"""Vector tiles cut from the store."""
