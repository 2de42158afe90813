"""FEEL, the language of Camunda 8 and DMN (DMN 1.3 §10): parser to closures, values, operators, built-in functions."""
