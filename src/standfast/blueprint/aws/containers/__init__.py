"""Services on ECS with Fargate: containers without servers of one's own."""
