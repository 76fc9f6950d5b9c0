"""An API server's audit log, followed live: as the file that it writes, or as what its webhook posts."""
