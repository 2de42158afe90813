"""The handlers of the example processes `capture` and `helloworld`: plain, typed functions, one file per team.

pokemon     the nouns: Pokemon, Trainer, Status, and the known ones
status, combat, pokeball, greetings   the handlers, by topic
services    what the handlers call: in this process, or over HTTP when the environment says so
"""
