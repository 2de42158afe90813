"""JUEL, the expression language of Camunda 7 (Jakarta EL 2.2): lexer, parser to closures, coercions, white-listed methods."""
