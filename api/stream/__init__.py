"""The live stream: the journal gets its order, is read once a process, and told to who may hear."""
