"""What a checked diagram must fulfil: rules in files by subject, and the table that names each with its source."""
