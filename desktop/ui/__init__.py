"""The widgets: what people see and touch, and nothing else."""
