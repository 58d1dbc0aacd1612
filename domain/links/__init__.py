"""The links of a plan: what goes, what comes in its place, when, and between which networks."""
