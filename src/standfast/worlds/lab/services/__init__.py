"""What runs as the services of the lab: their own command where the spec gives one, else the built-in service.

builtin.py    the built-in service, told what the spec says; the object store
command.py    a command: found on this machine, told what production would tell it
start.py      started and waited for; what it did in place of coming up
"""
