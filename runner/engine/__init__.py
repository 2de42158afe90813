"""Executing a process: SpiffWorkflow behind one door. Pure: no database, no clock; state in, `Advance` out."""
