"""What the handlers call. Each team owns one service: a protocol, the rules in this process, and a client for HTTP.

settings                        which of the two is used, by environment variables
status, combat, pokeball, oak   the services
ledger                          the bank's, a file of its own: accounts, bookings, receipts
client                          HTTP answers become models, BPMN errors or failures, for all of them alike
server                          the same services behind HTTP: `python -m handlers.services`
"""
