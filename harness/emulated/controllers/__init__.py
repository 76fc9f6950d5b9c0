"""The simulated controllers: ordinary API clients that do to a cluster what the real ones were recorded to do."""
