"""New repositories from templates, and what keeps them up to date with those: updates, and adoption."""
