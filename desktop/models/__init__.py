"""Facts about models, samplers and files: no Qt, no torch."""
