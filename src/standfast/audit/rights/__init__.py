"""Who may read or write which data, hop by hop: policies, roles and members of three clouds, and what the spec needs.

What cannot be told (a condition, a policy that is not among the resources) is `certain` False, never left out.
"""

from standfast.audit.rights.model import Access, Data, Principal
from standfast.audit.rights.needs import Need, needs
from standfast.audit.rights.read import read_access

__all__ = ["Access", "Data", "Need", "Principal", "needs", "read_access"]
