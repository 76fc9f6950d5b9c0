"""What is kept of the objects that a watch shows: their bodies, their versions, and who wrote them."""
