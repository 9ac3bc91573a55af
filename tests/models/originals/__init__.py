"""Single files in the layouts of those who made the models, out of tiny diffusers pipelines."""
