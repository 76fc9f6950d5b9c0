"""The simulated Cluster API core: Clusters, MachineDeployments, MachineSets, Machines. It makes what is missing, and rolls nothing out."""
