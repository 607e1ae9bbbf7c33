"""The whole system in the lab: every host of the plan as an address of 127.0.0.0/8, a folder, and real programs.

world      SystemLab: build, observe, break, heal, clear
hosts      which hosts there are, and where
assemble   the files of every host, and its programs
launch     one process: started, asked whether it is ready, recorded, found again, ended
databases  a primary with its standby, and how one takes over from the other
watching   Prometheus and Alertmanager on the rules of production
keeper     what stays when the tool has ended: fails over, starts a dead program again, hears alerts
sight      what runs now
"""
