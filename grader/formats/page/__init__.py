"""Pages: templates, style and script, put together into one file that asks for nothing else."""
