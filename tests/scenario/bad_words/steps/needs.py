"""Imports a module that there is not."""

import nobody_has_this


async def step(bench) -> None:
    nobody_has_this.call()
