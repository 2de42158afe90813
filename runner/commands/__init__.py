"""The verbs of the product, and the questions people ask. One command is one function and one transaction."""
