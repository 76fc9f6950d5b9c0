"""The simulated Baremetal Operator: hosts, their firmware objects, and what it asks of its Ironic."""
