"""Microsoft.Compute: virtual machines as far as a failover reads, starts, stops and deletes them.

A machine is a document and a power state; where it runs, its region's darkness decides whether it answers. Sizes,
images, extensions and disks are carried but mean nothing here.
"""
