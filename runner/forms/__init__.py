"""Forms that people fill in: one neutral record, made by readers from files, diagrams, models and examples; one place
that fills it with variables, and one that judges what came in. Knows neither pages nor database."""
