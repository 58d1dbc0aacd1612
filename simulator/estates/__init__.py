"""Every network of the mission as an estate: ARM documents made by code, from one small set of builders.

``python -m simulator.estates`` writes the files under ``estates/`` and the page that draws them. Nothing here knows how
the simulator answers for these documents.
"""
