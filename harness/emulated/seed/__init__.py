"""The steady state that an embedded lab starts with: a provisioned cluster, as if it had run for a while."""
