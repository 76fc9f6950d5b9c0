"""One file a command: its name is the command's (`import_` is `import`, which Python keeps for itself).

`add(commands)` tells its arguments, `perform(args)` does it and returns an exit code. What a command needs beyond its arguments is
imported inside `perform`: the help of all commands shall not wait for Kubernetes' client.
"""
