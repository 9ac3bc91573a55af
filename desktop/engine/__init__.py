"""The room where models run: the only one with torch, and none of Qt."""
