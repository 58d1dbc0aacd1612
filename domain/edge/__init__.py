"""A fleet of Azure Stack Edge devices: its part of a plan, and how it is compiled."""
