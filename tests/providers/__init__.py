"""Real Terraform against stand-ins for providers: `stub.run` takes a generated root through its whole life."""
