"""Values files: reading them as Helm does, merging them as Helm does, and knowing where each value came from."""
