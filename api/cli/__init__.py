"""The command line; it only translates: options in, one call, words and JSON out."""
