"""HTTP, command line and the rules of handling cases."""
