"""CustomResourceDefinitions: their schemas and rules."""
