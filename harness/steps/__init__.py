"""What a scenario can do, one word a file: `async def step(bench, ...)`. StepFailedError says that the system did not do it."""
