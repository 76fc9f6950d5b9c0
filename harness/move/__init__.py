"""The mover: its process, its proxy, what it leaves behind, and how an interrupted move is finished."""
