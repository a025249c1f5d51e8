"""Golden paths: templates, their language, actions, and the runs that they make."""
