"""The simulated Cluster API core: Clusters, MachineDeployments, MachineSets, Machines. It scales nothing and rolls nothing out."""
