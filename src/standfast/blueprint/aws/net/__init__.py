"""The private network: its subnets and ways, who may talk to whom in it, and how users of a private system come in."""
