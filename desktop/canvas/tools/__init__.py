"""Tools: each is a generator that is sent where the pointer is, from the press on, and does something to a document."""
