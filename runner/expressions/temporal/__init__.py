"""Dates, times, zones and durations as FEEL knows them (DMN 1.3 §10.3.2.3), beyond what Python's datetime can hold."""
