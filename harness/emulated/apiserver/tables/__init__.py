"""Tables, as kubectl asks for them."""
