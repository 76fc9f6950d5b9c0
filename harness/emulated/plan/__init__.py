"""What an embedded lab consists of, decided before anything is started."""
