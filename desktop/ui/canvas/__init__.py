"""The canvas: the document to look at and work on, its tools and its layers."""
