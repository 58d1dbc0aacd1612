"""The plan: what the owner wants, as a checked model of the YAML that a person writes in calm times."""
