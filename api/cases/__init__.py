"""The rules of handling cases: pure, one concept a file."""
