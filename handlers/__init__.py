"""The handlers of the example processes `capture`, `helloworld` and `transfer`: plain, typed functions, by team.

pokemon     the nouns: Pokemon, Trainer, Status, and the known ones
status, combat, pokeball, greetings, transfer   the handlers, by topic
services    what the handlers call: in this process, or over HTTP when the environment says so
"""
