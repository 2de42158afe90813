"""Reading and checking diagrams. Knows lxml and the standard; knows neither SpiffWorkflow nor a database."""
