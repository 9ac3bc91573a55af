"""LoRAs and their relatives: read from any layout, fitted to a model's modules, put on and taken off again."""
