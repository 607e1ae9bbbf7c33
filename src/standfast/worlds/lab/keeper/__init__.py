"""What stays when the tool has ended: python -m standfast.worlds.lab.keeper FOLDER

It does what the cloud does in production: fails a database over to its standby, lets commits go on when the standby is
lost, and starts a program again that ended by itself. Alerts come in here too. All it sees and does is in events.jsonl.
It ends when the lab's record is gone.
"""
