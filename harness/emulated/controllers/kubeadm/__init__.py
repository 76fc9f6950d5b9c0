"""The simulated kubeadm providers: control planes that make and replace their Machines, and bootstrap data."""
