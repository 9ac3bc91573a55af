"""Getting models from where people share them: the room that reaches the network, and only when asked."""
