"""What can be broken in the lab, and how it is undone.

damage       the register of faults by name, and `heal`
versions     deploys behind a gate, and their rollback
slow, proxy  a slow line between balancer and services
certificate  one that has run out
clock        of a service, which jumps
"""
