"""One server's management controller: speak it, watch it, emulate it. Imports nothing of the harness."""
