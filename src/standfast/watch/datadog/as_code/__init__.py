"""The documents for Datadog's API as resources of its Terraform provider, and those in two languages."""
