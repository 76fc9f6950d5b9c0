"""The Ironics of both clusters: when each ran, what it answered, which hosts it held."""
