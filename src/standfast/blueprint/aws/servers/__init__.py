"""The servers of a service: an autoscaling group over the zones, of equal servers that run its container."""
