"""How each operation on a coverage is done: lines noded once, faces handed over."""
