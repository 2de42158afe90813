"""JUEL, the expression language of Camunda 7 (Jakarta EL 2.2): lexer, parser, coercions, white-listed methods."""
