"""The whole system in the lab: every host of the plan as an address of 127.0.0.0/8, a folder, and real programs.

standfast.worlds.lab.system.SystemLab   the world: build, observe, break, heal, clear
hosts       which hosts there are, and where
values      the variables and templates of the Ansible roles, as Ansible would have them
configured  what the roles say of a host: its folders, files and the command it runs
launch      one process: started, asked whether it is ready, recorded, found again, ended
keeper      what stays when the tool has ended: fails databases over, starts a dead service again, hears alerts
"""
