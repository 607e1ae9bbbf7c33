"""Containers, images and Kubernetes."""
