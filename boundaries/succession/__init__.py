"""Which grid follows which from one version to the next, and what that means for people."""
