"""Expression languages of the three dialects: compile once, evaluate against variables. Pure; text is data."""
