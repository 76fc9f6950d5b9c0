"""One file a command: `add(commands)` tells its arguments, `perform(args)` does it and returns an exit code.

What a command needs beyond its arguments is imported inside `perform`: `harness words` shall not wait for Kubernetes' client.
"""
