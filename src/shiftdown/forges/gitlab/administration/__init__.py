"""Makes projects and groups on GitLab and sets them up. Whatever is asked for again is done once."""
